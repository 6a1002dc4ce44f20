//! `lianwang audit`: the ledger recounted, for people or as JSON.

use std::io::{self, Write};

use super::{Failure, Outcome, arguments::Place, open, progress::Progress};
use crate::{
    ledger::{Audit, Broken, Found, Owed},
    pipeline::{self, Difference},
};

pub(super) async fn audit(place: &Place, json: bool, deep: bool) -> Outcome {
    let context = open::reading(place).await?;
    let mut audit = context.store.audit().await?;
    if deep {
        let progress = Progress::new();
        let differences = pipeline::deep(&context, &|done, of| progress.part("重新推导", done, of)).await?;
        audit.broken.extend(differences.into_iter().map(|difference| broken(&difference)));
        audit.holds = audit.broken.is_empty();
    }
    if json {
        let json = serde_json::to_string_pretty(&audit).map_err(|error| Failure::Check(error.to_string()))?;
        writeln!(io::stdout(), "{json}")?;
    } else {
        print(&audit, &mut io::stdout().lock())?;
    }
    if audit.holds {
        Ok(())
    } else {
        Err(Failure::Check(format!("{} 处等式不成立", audit.broken.len())))
    }
}

fn broken(difference: &Difference) -> Broken {
    Broken {
        equation: "found".into(),
        document: Some(difference.document),
        destination: None,
        kind: format!("{} {}", difference.kind, difference.what),
        left: difference.stored,
        right: difference.derived,
    }
}

/// Prints both equations and their figures.
pub(super) fn print(audit: &Audit, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "发现 = 接受 + 未变 + 退回 + 待定")?;
    heads(&["发现", "接受", "未变", "退回", "待定"], out)?;
    for (kind, found) in &audit.kinds {
        found_line(kind, found, out)?;
    }
    found_line("合计", &audit.sum, out)?;
    for (name, destination) in &audit.destinations {
        writeln!(out, "\n{name}：应送 = 已确认 + 被拒 + 被取代 + 放弃 + 在途（含等上级）；范围外另计")?;
        heads(&["应送", "已确认", "被拒", "被取代", "放弃", "在途", "等上级", "范围外"], out)?;
        for (kind, owed) in &destination.kinds {
            owed_line(kind, owed, out)?;
        }
        owed_line("合计", &destination.sum, out)?;
    }
    writeln!(out)?;
    for broken in &audit.broken {
        writeln!(out, "不成立：{} {} 左 {} 右 {}", broken.equation, broken.kind, broken.left, broken.right)?;
    }
    writeln!(out, "{}", if audit.holds { "两个等式都成立。" } else { "等式不成立！" })
}

/// A Chinese character is two columns wide on a terminal.
fn heads(names: &[&str], out: &mut impl Write) -> io::Result<()> {
    write!(out, "{}", " ".repeat(18))?;
    for name in names {
        write!(out, "{}{name}", " ".repeat(9 - 2 * name.chars().count().min(4)))?;
    }
    writeln!(out)
}

fn found_line(name: &str, found: &Found, out: &mut impl Write) -> io::Result<()> {
    let Found { found, accepted, unchanged, rejected, held } = found;
    writeln!(out, "{name:<18}{found:>9}{accepted:>9}{unchanged:>9}{rejected:>9}{held:>9}")
}

fn owed_line(name: &str, owed: &Owed, out: &mut impl Write) -> io::Result<()> {
    let Owed { owed, confirmed, refused, superseded, abandoned, pending, waiting, excluded } = owed;
    writeln!(
        out,
        "{name:<18}{owed:>9}{confirmed:>9}{refused:>9}{superseded:>9}{abandoned:>9}{pending:>9}{waiting:>9}{excluded:>9}"
    )
}
