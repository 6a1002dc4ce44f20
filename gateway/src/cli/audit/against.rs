//! What holding a file of checkpoints against the ledger came to, in words.

use std::{
    io::{self, Write},
    path::Path,
};

use crate::{
    cli::{Failure, arguments::Place, open, progress::Progress},
    pipeline::{self, Against, Apart, Context},
};

pub(super) async fn against(
    context: &Context,
    place: &Place,
    file: Option<&Path>,
    progress: &Progress,
) -> Result<Option<Against>, Failure> {
    let Some(file) = file else { return Ok(None) };
    if !file.is_file() {
        return Err(Failure::Usage(format!("没有文件 {}", file.display())));
    }
    let folder = open::folder(place)?;
    let done =
        pipeline::against(context, file, &folder, &|done| progress.batches("核对检查点", done)).await?;
    Ok(Some(done))
}

/// The first difference as one line; none where there is none.
pub(super) fn apart(against: &Against) -> Option<String> {
    let Apart { line, checkpoint, told } = against.apart.as_ref()?;
    let line = line.map(|line| format!(" 第 {line} 行")).unwrap_or_default();
    let checkpoint = checkpoint.map(|no| format!("，第 {no} 个检查点")).unwrap_or_default();
    Some(format!("{}{line}{checkpoint}：{told}", against.file))
}

pub(super) fn shown(against: &Against, out: &mut impl Write) -> io::Result<()> {
    let Against { file, checkpoints, leaves, later, lost, .. } = against;
    let end =
        if against.apart.is_none() { "与账目一致" } else { "在第一处不同之前与账目一致" };
    writeln!(out, "检查点文件 {file}：{checkpoints} 个检查点、{leaves} 项{end}。")?;
    if *later > 0 {
        writeln!(out, "账目在它之后还写过 {later} 个检查点，这份副本里没有。")?;
    }
    if !lost.is_empty() {
        let lost: Vec<String> = lost.iter().map(|(what, n)| format!("{} {n} 项", named(what))).collect();
        writeln!(out, "随数据库还原丢失、已由补账登记的：{}。", lost.join("，"))?;
    }
    Ok(())
}

fn named(what: &str) -> &str {
    match what {
        "document" => "文档",
        "part" => "研判计数",
        "batch" => "批次",
        "attempt" => "发送记录",
        "revision" => "配置",
        "activation" => "启用记录",
        "retention" => "清除记录",
        "recovery" => "补账记录",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn held() -> Against {
        Against { file: "hub.ndjson".into(), checkpoints: 3, leaves: 70, ..Against::default() }
    }

    fn words(against: &Against) -> String {
        let mut out = Vec::new();
        shown(against, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_agrees_is_said_in_one_line() {
        assert_eq!(words(&held()), "检查点文件 hub.ndjson：3 个检查点、70 项与账目一致。\n");
        assert_eq!(apart(&held()), None);
    }

    #[test]
    fn what_a_copy_lacks_and_a_restore_lost_is_said() {
        let lost = BTreeMap::from([("document".to_owned(), 2), ("attempt".to_owned(), 5)]);
        let told = words(&Against { later: 4, lost, ..held() });
        assert!(told.contains("还写过 4 个检查点，这份副本里没有"), "{told}");
        assert!(told.ends_with("已由补账登记的：发送记录 5 项，文档 2 项。\n"), "{told}");
    }

    #[test]
    fn the_first_difference_is_placed() {
        let told = "批次 b：条数，文件记 1，账目是 2".to_owned();
        let differs = Apart { line: Some(7), checkpoint: Some(2), told: told.clone() };
        let against = Against { apart: Some(differs), ..held() };
        assert_eq!(
            apart(&against).unwrap(),
            "hub.ndjson 第 7 行，第 2 个检查点：批次 b：条数，文件记 1，账目是 2"
        );
        assert!(words(&against).contains("在第一处不同之前与账目一致"));
        let differs = Apart { line: None, checkpoint: None, told };
        let against = Against { apart: Some(differs), ..held() };
        assert_eq!(apart(&against).unwrap(), "hub.ndjson：批次 b：条数，文件记 1，账目是 2");
    }
}
