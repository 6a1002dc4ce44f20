//! `lianwang held`: what waits for a person or a table, by reason, how old and how it is let go; and letting go a document
//! that had too many bad records. Sweeps that wait for a person are named; `lianwang sweep` lets them go.

use std::{
    collections::BTreeMap,
    io::{self, Write as _},
};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use super::{
    Failure, Outcome,
    apply::{self, Word},
    arguments::{LetGo, Place},
    open, sweep,
};
use crate::store::limits::{ERROR_LIMIT, HeldFor, Over};

/// Everything that is held, as `--json` prints it.
#[derive(Serialize)]
struct Told<'a> {
    reasons: Vec<Waiting>,
    documents: Vec<Whole<'a>>,
    sweeps: Vec<sweep::Told<'a>>,
}

/// Records of one source and list that are held for one reason.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Waiting {
    source: String,
    service: String,
    reason: String,
    count: i64,
    since: DateTime<Utc>,
    how: &'static str,
}

/// A document that is held whole.
#[derive(Serialize)]
struct Whole<'a> {
    document: i64,
    source: &'a str,
    service: &'a str,
    found: u64,
    rejected: u64,
    allowed: &'a str,
    left: u64,
    at: DateTime<Utc>,
    /// When a person let it go; its records are judged now.
    released_at: Option<DateTime<Utc>>,
}

pub(super) async fn inbox(place: &Place, json: bool) -> Outcome {
    let context = open::reading(place).await?;
    let reasons = by_reason(context.store.held_for().await?);
    let over = context.store.over_limit(false).await?;
    let sweeps = context.store.held_sweeps().await?;
    let mut out = io::stdout().lock();
    if json {
        let told = Told {
            reasons,
            documents: over.iter().map(document).collect(),
            sweeps: sweeps.iter().map(sweep::Told::of).collect(),
        };
        let json = serde_json::to_string_pretty(&told).map_err(|error| Failure::Check(error.to_string()))?;
        writeln!(out, "{json}")?;
        return Ok(());
    }
    if reasons.is_empty() {
        writeln!(out, "没有待定的记录。")?;
    }
    let zone = open::hub(open::directory(place).as_deref())?.zone;
    for reason in &reasons {
        writeln!(out, "{}", shown(reason, zone))?;
    }
    for over in &over {
        writeln!(out, "{}", whole(over, zone))?;
    }
    for held in &sweeps {
        writeln!(out, "清扫 {}", sweep::shown(held, zone))?;
    }
    Ok(())
}

pub(super) async fn release(place: &Place, asked: &LetGo) -> Outcome {
    let LetGo::Release { documents, why, by } = asked;
    apply::said(&Word { why, by: by.as_deref() })?;
    let context = open::current(place).await?;
    let known = context.store.over_limit(true).await?;
    for wanted in documents {
        match known.iter().find(|over| over.document == *wanted) {
            None => return Err(Failure::Usage(format!("文档 {wanted} 没有因出错太多而待定"))),
            Some(Over { released_at: Some(_), .. }) => {
                return Err(Failure::Usage(format!("文档 {wanted} 已经放行过了")));
            }
            Some(_) => {}
        }
    }
    let who = apply::who(place, by.as_deref());
    let left: u64 =
        known.iter().filter(|over| documents.contains(&over.document)).map(|over| over.left).sum();
    context.store.release(documents, why, &who, context.now()).await?;
    writeln!(
        io::stdout(),
        "已放行 {} 个文档，{left} 条待定记录将逐条研判：合格的收下，不合格的退回。正在运行的服务会自己做，否则运行 lianwang refine。",
        documents.len()
    )?;
    Ok(())
}

/// A record may be held for several reasons; it is counted under the first.
fn by_reason(all: Vec<HeldFor>) -> Vec<Waiting> {
    let mut found: BTreeMap<(String, String, String), Waiting> = BTreeMap::new();
    for held in all {
        let codes = held.reason.split("; ").filter_map(|reason| reason.split(' ').next());
        // beside what a contract holds stands `contract`: that is what would let it go
        let code = codes.clone().find(|code| *code == "contract").or_else(|| codes.clone().next());
        let reason = code.unwrap_or_default().to_owned();
        let key = (held.source.clone(), held.service.clone(), reason.clone());
        let how = how(&reason);
        let (source, service) = (held.source, held.service);
        let known =
            found.entry(key).or_insert(Waiting { source, service, reason, count: 0, since: held.since, how });
        known.count += held.count;
        known.since = known.since.min(held.since);
    }
    found.into_values().collect()
}

fn how(reason: &str) -> &'static str {
    match reason {
        ERROR_LIMIT => "整批待定：lianwang held release 文档号 --why 理由，或等来源改正后重发",
        "unknown-owner" => "看是谁的：lianwang roster unknown；收名册：lianwang roster take 名册.xlsx",
        "unknown-code" => "定下代码：lianwang codes",
        "contract" => "与来源核对后修改映射的 contract",
        "unknown-field" => "在映射里用上这些字段，或写进 ignore：lianwang fields",
        "no-mapping" => "在配置里恢复或补上这个服务的映射",
        "second-source" => {
            "别的来源也报送同一主键：在两个来源的 source.toml 里都写 priority（大者为准），再 lianwang apply"
        }
        _ => "按问题里写的办法修改配置：lianwang explain",
    }
}

fn shown(reason: &Waiting, zone: Tz) -> String {
    let since = reason.since.with_timezone(&zone).format("%Y-%m-%d %H:%M");
    let Waiting { source, service, reason, count, how, .. } = reason;
    format!("{source} · {service}：{reason} {count} 条，最早 {since}\n    {how}")
}

fn whole(over: &Over, zone: Tz) -> String {
    let at = over.at.with_timezone(&zone).format("%Y-%m-%d %H:%M");
    let Over { document, source, limit, left, .. } = over;
    let how = match over.released_at {
        Some(_) => "已放行，还没有研判完".to_owned(),
        None => format!("lianwang held release {document} --why 理由"),
    };
    format!(
        "文档 {document}（{source} · {}，{at}）：{} 条里 {} 条不合格，超过 {}；{left} 条待定。{how}",
        limit.service, limit.found, limit.rejected, limit.allowed
    )
}

fn document(over: &Over) -> Whole<'_> {
    Whole {
        document: over.document,
        source: &over.source,
        service: &over.limit.service,
        found: over.limit.found,
        rejected: over.limit.rejected,
        allowed: &over.limit.allowed,
        left: over.left,
        at: over.at,
        released_at: over.released_at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(service: &str, reason: &str, count: i64, since: &str) -> HeldFor {
        let (source, service, reason) = ("park".to_owned(), service.to_owned(), reason.to_owned());
        HeldFor { source, service, reason, count, since: since.parse().unwrap() }
    }

    #[test]
    fn reasons_of_several_fields_are_one_and_the_oldest_counts() {
        let reasons = by_reason(vec![
            held("tanks", "contract name; required name", 1, "2026-11-23T00:00:00Z"),
            held("tanks", "required name; contract name", 2, "2026-11-22T00:00:00Z"),
            held("tanks", "unknown-code level; unknown-code kind", 4, "2026-11-23T00:00:00Z"),
            held("tanks", "unknown-code level", 3, "2026-11-21T00:00:00Z"),
            held("plants", "error-limit", 9, "2026-11-23T00:00:00Z"),
        ]);
        let told: Vec<(&str, &str, i64)> = reasons
            .iter()
            .map(|reason| (reason.service.as_str(), reason.reason.as_str(), reason.count))
            .collect();
        assert_eq!(
            told,
            [("plants", "error-limit", 9), ("tanks", "contract", 3), ("tanks", "unknown-code", 7)]
        );
        let line = shown(&reasons[2], chrono_tz::Asia::Shanghai);
        assert!(line.starts_with("park · tanks：unknown-code 7 条，最早 2026-11-21 08:00"), "{line}");
        assert!(line.ends_with("lianwang codes"), "{line}");
    }

    #[test]
    fn every_reason_says_how_it_is_let_go() {
        for reason in [ERROR_LIMIT, "contract", "unknown-field", "no-mapping", "second-source", "own-rule"] {
            assert!(!how(reason).is_empty());
        }
    }
}
