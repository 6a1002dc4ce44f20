//! `lianwang migrate --probe`: what a database is and lacks, for people or as JSON. Leaves asking to `store::probe`.

use std::io::{self, Write};

use super::{Failure, Outcome};
use crate::store::probe::{self, Answer, Finding, Probe, Verdict};

pub(super) async fn probe(url: &str, json: bool) -> Outcome {
    let probed = probe::probe(url).await.map_err(|error| Failure::Usage(error.to_string()))?;
    let mut out = io::stdout().lock();
    if json {
        let json =
            serde_json::to_string_pretty(&probed).map_err(|error| Failure::Check(error.to_string()))?;
        writeln!(out, "{json}")?;
    } else {
        print(&probed, &mut out)?;
    }
    match probed.verdict {
        Verdict::Fit => Ok(()),
        Verdict::Unfit(why) => Err(Failure::Check(format!("这个数据库不能用：{why}"))),
        Verdict::Unreachable(why) => Err(Failure::Remote(why)),
    }
}

fn print(probed: &Probe, out: &mut impl Write) -> io::Result<()> {
    let facts = [
        ("地址", &probed.address),
        ("是什么", &probed.system),
        ("登录", &probed.login),
        ("账号", &probed.account),
    ];
    for (name, fact) in facts.into_iter().filter(|(_, fact)| !fact.is_empty()) {
        writeln!(out, "{name}：{fact}")?;
    }
    for finding in &probed.findings {
        writeln!(out, "{}", line(finding))?;
    }
    if probed.verdict == Verdict::Fit {
        writeln!(out, "可以用。不需要扩展，不需要超级用户，只用一个模式。试过的都已撤销，什么都没有留下。")?;
    }
    Ok(())
}

fn line(Finding { check, answer }: &Finding) -> String {
    let (name, why) = (check.name, check.why);
    match answer {
        Answer::Has => format!("  有      {name}：{why}"),
        Answer::Lacks(what) => format!("  缺      {name}：{why}（{what}）"),
        Answer::NotRun(what) => format!("  未运行  {name}（{what}）"),
    }
}
