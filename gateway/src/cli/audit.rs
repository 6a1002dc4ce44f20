//! `lianwang audit`: the ledger recounted, for people or as JSON.

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
        audit.broken.extend(differences.into_iter().map(broken));
        audit.holds = audit.broken.is_empty();
    }
    if json {
        println!("{}", serde_json::to_string_pretty(&audit).map_err(|error| Failure::Check(error.to_string()))?);
    } else {
        print(&audit);
    }
    if audit.holds { Ok(()) } else { Err(Failure::Check(format!("{} 处等式不成立", audit.broken.len()))) }
}

fn broken(difference: Difference) -> Broken {
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
pub(super) fn print(audit: &Audit) {
    println!("发现 = 接受 + 未变 + 退回 + 待定");
    heads(&["发现", "接受", "未变", "退回", "待定"]);
    for (kind, found) in &audit.kinds {
        found_line(kind, found);
    }
    found_line("合计", &audit.sum);
    for (name, destination) in &audit.destinations {
        println!("\n{name}：应送 = 已确认 + 被拒 + 被取代 + 放弃 + 在途（含等上级）；范围外另计");
        heads(&["应送", "已确认", "被拒", "被取代", "放弃", "在途", "等上级", "范围外"]);
        for (kind, owed) in &destination.kinds {
            owed_line(kind, owed);
        }
        owed_line("合计", &destination.sum);
    }
    println!();
    for broken in &audit.broken {
        println!("不成立：{} {} 左 {} 右 {}", broken.equation, broken.kind, broken.left, broken.right);
    }
    println!("{}", if audit.holds { "两个等式都成立。" } else { "等式不成立！" });
}

/// A Chinese character is two columns wide on a terminal.
fn heads(names: &[&str]) {
    let line: String = names.iter().map(|name| format!("{}{name}", " ".repeat(9 - 2 * name.chars().count().min(4)))).collect();
    println!("{}{line}", " ".repeat(18));
}

fn found_line(name: &str, found: &Found) {
    let Found { found, accepted, unchanged, rejected, held } = found;
    println!("{name:<18}{found:>9}{accepted:>9}{unchanged:>9}{rejected:>9}{held:>9}");
}

fn owed_line(name: &str, owed: &Owed) {
    let Owed { owed, confirmed, refused, superseded, abandoned, pending, waiting, excluded } = owed;
    println!(
        "{name:<18}{owed:>9}{confirmed:>9}{refused:>9}{superseded:>9}{abandoned:>9}{pending:>9}{waiting:>9}{excluded:>9}"
    );
}
