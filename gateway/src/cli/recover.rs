//! `lianwang recover`: shows what a restored ledger lacks, asks, brings it forward.

use std::io::{self, Write};

use super::{Failure, Outcome, arguments::Place, open, progress::Progress};
use crate::{
    pipeline::{self, Recovered, Restored},
    proof::Folder,
};

pub(super) async fn recover(place: &Place, yes: bool, without: &[String]) -> Outcome {
    let (context, url) = open::older(place).await?;
    let folder = open::folder(place)?;
    let Some(restored) = pipeline::restored(&context, &folder).await? else {
        writeln!(io::stdout(), "账目不比接收日志和检查点旧，没有要补的。")?;
        return Ok(());
    };
    shown(&restored, &mut io::stdout().lock())?;
    present(&restored, without, &folder)?;
    let name =
        context.journal().map_or_else(|| context.node().to_owned(), |journal| journal.node().to_owned());
    let Some(_alone) = context.store.claim(&url, &name).await? else {
        return Err(Failure::Usage(format!(
            "lianwang（节点 {name}）还在用这个账目运行：先把所有节点停下再补账"
        )));
    };
    if !yes && !agreed(&mut io::stdin().lock(), &mut io::stdout())? {
        return Err(Failure::Usage("没有确认，什么也没有改".into()));
    }
    let progress = Progress::new();
    let recovered =
        pipeline::recover(&context, &restored, &|looked| progress.batches("按接收日志补回", looked)).await;
    drop(progress);
    context.store.release_leases(context.node()).await?;
    told(&recovered?, &mut io::stdout().lock())?;
    Ok(())
}

fn shown(restored: &Restored, out: &mut impl Write) -> io::Result<()> {
    restored.lines().iter().try_for_each(|line| writeln!(out, "{line}"))?;
    if restored.older.is_empty() {
        writeln!(out, "账目比检查点文件旧；没有发过账上没有的批次")?;
    }
    if restored.resumes {
        writeln!(out, "上次补账没有做完，这次接着做。")?;
    }
    restored.gaps.iter().try_for_each(|gap| writeln!(out, "注意：{gap}；这些行里的批次补不回来"))
}

/// A batch that another node sent is only in that node's journal.
fn present(restored: &Restored, without: &[String], folder: &Folder) -> Outcome {
    let absent: Vec<&str> =
        restored.absent.iter().filter(|node| !without.contains(node)).map(String::as_str).collect();
    if absent.is_empty() {
        return Ok(());
    }
    Err(Failure::Usage(format!(
        "账目知道节点 {}，但 {} 里没有它的接收日志：把那台机器上同名的目录拷到这里再补账；确实没有了，就加 --without 节点名",
        absent.join("、"),
        folder.journals().display()
    )))
}

fn agreed(answers: &mut impl io::BufRead, out: &mut impl Write) -> io::Result<bool> {
    write!(out, "所有节点都已停下、数据库已从备份还原？输入 yes 开始补账：")?;
    out.flush()?;
    let mut answer = String::new();
    answers.read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}

fn told(recovered: &Recovered, out: &mut impl Write) -> io::Result<()> {
    let Recovered { batches, settled, overtaken, revisions, strangers } = recovered;
    writeln!(
        out,
        "补回批次 {batches} 个；按日志里的应答结清 {settled} 个，其余可能已到对方，将以同样的批号和内容再发"
    )?;
    if *overtaken > 0 {
        writeln!(
            out,
            "其中 {overtaken} 个没有应答、又有记录已有更新的状态或不归该目的地的，不按原样再发：仍要发的记录会进新批次"
        )?;
    }
    if !revisions.is_empty() {
        let revisions: Vec<String> = revisions.iter().map(ToString::to_string).collect();
        writeln!(out, "其间用过的第 {} 号配置已存回，但没有启用：要用它请重新 apply", revisions.join("、"))?;
    }
    for (destination, batches) in strangers {
        writeln!(
            out,
            "目的地 {destination} 在还原的账目里还没有，{} 个批次没有补：{}。重新 apply 之后，其记录会以同样的主键再发",
            batches.len(),
            batches.join("、")
        )?;
    }
    writeln!(out, "补完了。各来源下次运行会从还原时的位置重新读；现在可以 lianwang run")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::{TimeZone as _, Utc};

    use super::*;
    use crate::pipeline::Older;

    fn lacking() -> Restored {
        let since = Utc.with_ymd_and_hms(2026, 11, 25, 3, 4, 5).unwrap();
        let older = Older { node: "hub".into(), since, batches: 3, answers: 2, documents: 4 };
        Restored { older: vec![older], absent: vec!["east".into(), "west".into()], ..Restored::default() }
    }

    fn words(say: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        say(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_is_lacking_is_shown_by_node() {
        assert_eq!(
            words(|out| shown(&lacking(), out)),
            "节点 hub：2026-11-25 03:04:05 UTC 起，账上没有已发批次 3 个、已收应答 2 个、已落库文档 4 份\n"
        );
        let gap = "节点 hub 的接收日志从第 9 行才有，缺第 2 行起的".to_owned();
        let begun = Restored { older: vec![], gaps: vec![gap], resumes: true, ..lacking() };
        let told = words(|out| shown(&begun, out));
        assert!(told.starts_with("账目比检查点文件旧；没有发过账上没有的批次\n上次补账没有做完"), "{told}");
        assert!(
            told.ends_with("注意：节点 hub 的接收日志从第 9 行才有，缺第 2 行起的；这些行里的批次补不回来\n"),
            "{told}"
        );
    }

    #[test]
    fn a_journal_that_is_not_here_is_asked_for_unless_it_is_gone_for_good() {
        let folder = Folder::new("proof", "postgres://u@h/d").unwrap();
        let told = present(&lacking(), &["east".into()], &folder).unwrap_err().to_string();
        assert!(told.contains("节点 west，但 proof/journal 里没有") && told.contains("--without"), "{told}");
        assert!(present(&lacking(), &["west".into(), "east".into()], &folder).is_ok());
    }

    #[test]
    fn only_yes_is_yes() {
        for (answer, is) in [("yes\n", true), (" yes \n", true), ("y\n", false), ("\n", false), ("", false)] {
            let mut out = Vec::new();
            assert_eq!(agreed(&mut answer.as_bytes(), &mut out).unwrap(), is, "{answer:?}");
            assert!(String::from_utf8(out).unwrap().contains("输入 yes"));
        }
    }

    #[test]
    fn what_was_done_and_what_could_not_be_is_told() {
        let none = words(|out| told(&Recovered { batches: 5, settled: 4, ..Recovered::default() }, out));
        assert!(
            none.starts_with("补回批次 5 个；按日志里的应答结清 4 个，") && none.lines().count() == 2,
            "{none}"
        );
        let strangers = BTreeMap::from([("city".to_owned(), vec!["city-7".to_owned(), "city-9".to_owned()])]);
        let all = words(|out| {
            told(&Recovered { overtaken: 2, revisions: vec![12], strangers, ..Recovered::default() }, out)
        });
        assert!(all.contains("第 12 号配置已存回，但没有启用"), "{all}");
        assert!(all.contains("目的地 city 在还原的账目里还没有，2 个批次没有补：city-7、city-9。"), "{all}");
    }
}
