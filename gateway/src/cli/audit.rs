//! `lianwang audit`: the ledger recounted, for people or as JSON.

mod against;

use std::{
    io::{self, Write},
    path::Path,
};

use super::{Failure, Outcome, arguments::Place, open, progress::Progress};
use crate::{
    ledger::{Audit, Broken, Found, Owed},
    pipeline::{self, Against, Context, Damaged, Deep, Difference, OneField, Restored, StepError},
    store::limits::{Over, OverLimit},
};

/// What is asked of an audit beside the equations.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) json: bool,
    pub(super) deep: bool,
    pub(super) against: Option<&'a Path>,
}

/// The whole result as one JSON object.
#[derive(serde::Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    audit: &'a Audit,
    #[serde(skip_serializing_if = "Option::is_none")]
    against: Option<&'a Against>,
    /// What was derived again from bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    derived_again: Option<Derived>,
    /// What of the journals the ledger lacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    older: Option<Vec<String>>,
    /// Fields in which most of a source's newest changes lie.
    one_field: &'a [OneField],
}

/// How much was derived again.
#[derive(serde::Serialize)]
struct Derived {
    documents: i64,
    records: i64,
    dropped: i64,
}

pub(super) async fn audit(place: &Place, wanted: Wanted<'_>) -> Outcome {
    let context = open::reading(place).await?;
    let progress = Progress::unless(wanted.json);
    progress.note("清点");
    let mut audit = context.store.audit().await?;
    let again = if wanted.deep {
        pipeline::deep(&context, &|done, of| progress.part("重新推导", done, of)).await?
    } else {
        Deep::default()
    };
    let against = against::against(&context, place, wanted.against, &progress).await?;
    let older = older(&context, place).await?;
    let over = context.store.over_limit(false).await?;
    let one_field = changed_alike(&context).await?;
    drop(progress);
    let shown = broken_lines(&audit, &again);
    add(&mut audit, &again);
    if wanted.json {
        let derived_again = wanted.deep.then_some(Derived {
            documents: again.documents,
            records: again.records,
            dropped: again.dropped,
        });
        let told = Told {
            derived_again,
            audit: &audit,
            against: against.as_ref(),
            older: older.as_ref().map(lacking),
            one_field: &one_field,
        };
        let json = serde_json::to_string_pretty(&told).map_err(|error| Failure::Check(error.to_string()))?;
        writeln!(io::stdout(), "{json}")?;
    } else {
        figures(&audit, &mut io::stdout().lock())?;
        dropped(&audit, &again, &mut io::stdout().lock())?;
        if wanted.deep {
            derived(&again, &mut io::stdout().lock())?;
        }
        whole(&over, &mut io::stdout().lock())?;
        in_one_field(&one_field, &mut io::stdout().lock())?;
        verdict(&shown, &mut io::stdout().lock())?;
        if let Some(against) = &against {
            against::shown(against, &mut io::stdout().lock())?;
        }
    }
    ended(&audit, against.as_ref().and_then(against::apart), older.as_ref())
}

/// Documents that are held whole: their records are among the held.
fn whole(over: &[Over], out: &mut impl Write) -> io::Result<()> {
    for Over { document, source, limit, left, .. } in over {
        let OverLimit { service, found, rejected, allowed } = limit;
        writeln!(
            out,
            "文档 {document}（{source} · {service}）出错太多，整批待定：{found} 条里 {rejected} 条不合格，超过 {allowed}；还有 {left} 条（lianwang held）"
        )?;
    }
    Ok(())
}

/// Fields in which most changes lie; a ledger without a configuration has nothing to compare by.
async fn changed_alike(context: &Context) -> Result<Vec<OneField>, Failure> {
    match pipeline::one_field(context).await {
        Ok(told) => Ok(told),
        Err(StepError::Store(error)) => Err(error.into()),
        Err(_) => Ok(Vec::new()),
    }
}

fn in_one_field(told: &[OneField], out: &mut impl Write) -> io::Result<()> {
    for OneField { source, kind_label, label, alone, changed, was, is, .. } in told {
        let share = alone * 100 / changed.max(&1);
        let or_none = |text: &str| if text.is_empty() { "（空）".to_owned() } else { text.to_owned() };
        writeln!(
            out,
            "注意：{source} 的{kind_label}最近改动 {changed} 条，其中 {alone} 条（{share}%）只改了“{label}”，例如 {} → {}：可能是对照表或来源系统整体改了口径，请与来源核对",
            or_none(was),
            or_none(is)
        )?;
    }
    Ok(())
}

/// Whether the ledger was restored to an earlier state: its equations hold then, of that state.
async fn older(context: &Context, place: &Place) -> Result<Option<Restored>, Failure> {
    let folder = open::folder(place)?;
    if !folder.journals().is_dir() {
        return Ok(None);
    }
    Ok(pipeline::restored(context, &folder).await?)
}

/// What is written outside and not in the ledger, node by node.
fn lacking(restored: &Restored) -> Vec<String> {
    let mut lines = restored.lines();
    if lines.is_empty() {
        lines.push("检查点文件里有账上没有的编号".to_owned());
    }
    lines
}

fn ended(audit: &Audit, apart: Option<String>, older: Option<&Restored>) -> Outcome {
    let broken = (!audit.holds).then(|| format!("{} 处等式不成立", audit.broken.len()));
    let older = older.map(|restored| {
        let lacking = lacking(restored).join("\n  ");
        format!("账目比接收日志旧，上面只是还原到的那一刻的账：\n  {lacking}\n数据库多半是从备份还原的。先停下所有节点，运行 lianwang recover 补账（docs/proof.md）")
    });
    let told: Vec<String> = broken.into_iter().chain(apart).chain(older).collect();
    if told.is_empty() { Ok(()) } else { Err(Failure::Check(told.join("\n"))) }
}

/// Adds what deriving again found broken to what recounting did.
fn add(audit: &mut Audit, again: &Deep) {
    audit.broken.extend(again.differences.iter().map(differing));
    audit.broken.extend(again.damaged.iter().map(underivable));
    audit.holds = audit.broken.is_empty();
}

fn differing(difference: &Difference) -> Broken {
    Broken {
        equation: "found".into(),
        document: Some(difference.document),
        destination: None,
        kind: format!("{} {}", difference.kind, difference.what),
        left: difference.stored,
        right: difference.derived,
    }
}

fn underivable(damaged: &Damaged) -> Broken {
    Broken {
        equation: "found".into(),
        document: Some(damaged.document),
        destination: None,
        kind: damaged.kind.clone(),
        left: damaged.found,
        right: 0,
    }
}

/// Prints both equations, their figures and whether they hold.
pub(super) fn print(audit: &Audit, out: &mut impl Write) -> io::Result<()> {
    figures(audit, out)?;
    dropped(audit, &Deep::default(), out)?;
    verdict(&broken_lines(audit, &Deep::default()), out)
}

fn figures(audit: &Audit, out: &mut impl Write) -> io::Result<()> {
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
    writeln!(out)
}

/// What of the result stands on counts alone, since age took the rows or their bytes.
fn dropped(audit: &Audit, again: &Deep, out: &mut impl Write) -> io::Result<()> {
    if audit.dropped > 0 {
        writeln!(out, "其中 {} 个被取代的版本已按保留规则清除，按清除时的计数算。", audit.dropped)?;
    }
    if again.dropped > 0 {
        writeln!(out, "有 {} 条的原文或比较对象已按保留规则清除，没有重新推导。", again.dropped)?;
    }
    Ok(())
}

fn derived(again: &Deep, out: &mut impl Write) -> io::Result<()> {
    let Deep { differences, damaged, documents, records, .. } = again;
    let same = if differences.is_empty() && damaged.is_empty() { "，与账上的结论一致" } else { "" };
    writeln!(out, "从原始字节重新推导了 {documents} 个文档里的 {records} 条{same}。")
}

fn verdict(broken: &[String], out: &mut impl Write) -> io::Result<()> {
    for line in broken {
        writeln!(out, "不成立：{line}")?;
    }
    writeln!(out, "{}", if broken.is_empty() { "两个等式都成立。" } else { "等式不成立！" })
}

/// One line for each: where, and what the two sides are.
fn broken_lines(audit: &Audit, again: &Deep) -> Vec<String> {
    let recounted = audit.broken.iter().map(recounted);
    let differences = again.differences.iter().map(|Difference { document, kind, what, stored, derived }| {
        let what = match *what {
            "unchanged" => "未变",
            "rejected" => "退回",
            "retired" => "本中心代为删除",
            _ => "发现",
        };
        format!("文档 {document} {kind}：{what}记 {stored} 条，从原文重新推导是 {derived} 条")
    });
    let damaged = again.damaged.iter().map(|Damaged { document, kind, why, found }| {
        format!("文档 {document} {kind}：{why}；记 {found} 条，无从推导")
    });
    recounted.chain(differences).chain(damaged).collect()
}

fn recounted(broken: &Broken) -> String {
    let Broken { kind, left, right, .. } = broken;
    match (broken.document, &broken.destination) {
        (Some(document), _) => {
            format!("文档 {document} {kind}：发现 {left} 条，接受、未变、退回、待定共 {right} 条")
        }
        (None, destination) => {
            let destination = destination.as_deref().unwrap_or_default();
            format!("目的地 {destination} {kind}：应送 {left} 条，各去向共 {right} 条")
        }
    }
}

/// A Chinese character is two columns wide on a terminal.
fn heads(names: &[&str], out: &mut impl Write) -> io::Result<()> {
    write!(out, "{}", " ".repeat(18))?;
    for name in names {
        write!(out, "{}{name}", " ".repeat(9 - 2 * name.chars().count().min(4)))?;
    }
    writeln!(out)
}

fn padded(name: &str) -> String {
    let wide = name.chars().filter(|letter| !letter.is_ascii()).count();
    format!("{name:<width$}", width = 18_usize.saturating_sub(wide))
}

fn found_line(name: &str, found: &Found, out: &mut impl Write) -> io::Result<()> {
    let Found { found, accepted, unchanged, rejected, held } = found;
    let name = padded(name);
    writeln!(out, "{name}{found:>9}{accepted:>9}{unchanged:>9}{rejected:>9}{held:>9}")
}

fn owed_line(name: &str, owed: &Owed, out: &mut impl Write) -> io::Result<()> {
    let Owed { owed, confirmed, refused, superseded, abandoned, pending, waiting, excluded } = owed;
    let name = padded(name);
    writeln!(
        out,
        "{name}{owed:>9}{confirmed:>9}{refused:>9}{superseded:>9}{abandoned:>9}{pending:>9}{waiting:>9}{excluded:>9}"
    )
}

#[cfg(test)]
mod tests;
