//! `lianwang fields`: what sources send that no mapping names.

use std::io::{self, Write as _};

use chrono_tz::Tz;
use serde::Serialize;

use super::{Failure, Outcome, arguments::Place, open};
use crate::store::unknown::{REST, UnknownPath};

/// One line as `--json` prints it.
#[derive(Serialize)]
struct Line<'a> {
    source: &'a str,
    service: &'a str,
    path: &'a str,
    records: i64,
    first: String,
    last: String,
    sample: &'a str,
    /// Whether the active mapping names it meanwhile.
    named: bool,
}

pub(super) async fn fields(place: &Place, source: Option<&str>, json: bool) -> Outcome {
    let context = open::reading(place).await?;
    let pinned = context.active().await?;
    if let Some(source) = source.filter(|source| pinned.rules.source(source).is_none()) {
        return Err(Failure::Usage(format!("没有来源 {source}")));
    }
    let found = context.store.unknown_paths(source).await?;
    let book = &pinned.rules.rulebook;
    let lines: Vec<Line<'_>> = found
        .iter()
        .map(|known| {
            let mapping = book.mapping(&known.source, &known.service);
            line(known, mapping.is_some_and(|mapping| mapping.reads(&known.path)))
        })
        .collect();
    let mut out = io::stdout().lock();
    if json {
        let json = serde_json::to_string_pretty(&lines).map_err(|error| Failure::Check(error.to_string()))?;
        writeln!(out, "{json}")?;
        return Ok(());
    }
    if found.is_empty() {
        writeln!(out, "没有映射之外的字段。")?;
    }
    let zone = open::hub(open::directory(place).as_deref())?.zone;
    let mut service = ("", "");
    for (known, line) in found.iter().zip(&lines) {
        if service != (known.source.as_str(), known.service.as_str()) {
            service = (&known.source, &known.service);
            writeln!(out, "{} · {}", known.source, known.service)?;
        }
        writeln!(out, "  {}", shown(known, line.named, zone))?;
    }
    Ok(())
}

fn line(known: &UnknownPath, named: bool) -> Line<'_> {
    Line {
        source: &known.source,
        service: &known.service,
        path: &known.path,
        records: known.seen,
        first: known.first.to_rfc3339(),
        last: known.last.to_rfc3339(),
        sample: &known.sample,
        named,
    }
}

fn shown(known: &UnknownPath, named: bool, zone: Tz) -> String {
    let day = |at: chrono::DateTime<chrono::Utc>| at.with_timezone(&zone).format("%Y-%m-%d").to_string();
    let UnknownPath { path, seen, sample, .. } = known;
    let path = if path == REST { "…（太多，其余合计）" } else { path };
    let form = if sample.is_empty() { String::new() } else { format!("，形如 {sample}") };
    let since = if named { "（现行映射已用上）" } else { "" };
    format!("{path}：{seen} 条，{} 至 {}{form}{since}", day(known.first), day(known.last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(path: &str, sample: &str) -> UnknownPath {
        UnknownPath {
            source: "park".into(),
            service: "tanks".into(),
            path: path.into(),
            seen: 7,
            first: "2026-11-20T18:00:00Z".parse().unwrap(),
            last: "2026-11-23T00:00:00Z".parse().unwrap(),
            sample: sample.into(),
        }
    }

    #[test]
    fn a_line_says_how_many_since_when_and_of_what_form() {
        let zone = chrono_tz::Asia::Shanghai;
        let told = shown(&known("a.b", "9999-99-99"), false, zone);
        assert_eq!(told, "a.b：7 条，2026-11-21 至 2026-11-23，形如 9999-99-99");
        assert_eq!(shown(&known("a", ""), true, zone), "a：7 条，2026-11-21 至 2026-11-23（现行映射已用上）");
        assert!(shown(&known(REST, ""), false, zone).starts_with("…（太多，其余合计）：7 条"));
    }
}
