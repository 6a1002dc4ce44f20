//! `lianwang revisions`: every configuration that was made the active one, newest first.

use std::io::{self, Write as _};

use chrono_tz::Tz;
use serde::Serialize;

use super::{Failure, Outcome, arguments::Place, open};
use crate::store::revisions::{Activation, How};

/// One line as `--json` prints it.
#[derive(Serialize)]
struct Line<'a> {
    revision: i64,
    hash: &'a str,
    active: bool,
    how: &'a str,
    why: &'a str,
    who: &'a str,
    at: String,
    served: Option<String>,
}

pub(super) async fn revisions(place: &Place, json: bool) -> Outcome {
    let context = open::reading(place).await?;
    let mut history = context.store.activations().await?;
    history.reverse();
    let mut out = io::stdout().lock();
    if json {
        let lines: Vec<Line<'_>> = history.iter().enumerate().map(|(n, one)| of(one, n == 0)).collect();
        let json = serde_json::to_string_pretty(&lines).map_err(|error| Failure::Check(error.to_string()))?;
        writeln!(out, "{json}")?;
        return Ok(());
    }
    if history.is_empty() {
        writeln!(out, "还没有启用过任何配置。")?;
    }
    let zone = open::hub(open::directory(place).as_deref())?.zone;
    for (n, one) in history.iter().enumerate() {
        writeln!(out, "{}", line(one, n == 0, zone))?;
    }
    Ok(())
}

fn of(one: &Activation, active: bool) -> Line<'_> {
    Line {
        revision: one.revision,
        hash: &one.hash,
        active,
        how: one.how.word(),
        why: &one.why,
        who: &one.who,
        at: one.at.to_rfc3339(),
        served: one.served.map(|at| at.to_rfc3339()),
    }
}

fn line(one: &Activation, active: bool, zone: Tz) -> String {
    let how = match one.how {
        How::Start => "启动",
        How::Engine => "升级",
        How::Apply => "启用",
        How::Back => "退回",
    };
    let mark = if active { "*" } else { " " };
    let at = one.at.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S");
    let hash = one.hash.get(..12).unwrap_or(&one.hash);
    let text = format!("{mark} {:>8}  {hash}  {at}  {how}  {}  {}", one.revision, one.who, one.why);
    if active && one.served.is_none() { format!("{text}（还没有服务换用）") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(served: bool) -> Activation {
        let at = chrono::DateTime::from_timestamp(1_795_398_300, 0).unwrap();
        Activation {
            no: 9,
            revision: 8,
            hash: "9f2c41d07be35a10ffff".into(),
            how: How::Back,
            why: "错了".into(),
            who: "张三".into(),
            at,
            served: served.then_some(at),
        }
    }

    #[test]
    fn number_hash_moment_and_word_on_one_line() {
        let zone = chrono_tz::Asia::Shanghai;
        assert_eq!(
            line(&one(true), false, zone),
            "         8  9f2c41d07be3  2026-11-23 09:45:00  退回  张三  错了"
        );
        let newest = line(&one(false), true, zone);
        assert!(newest.starts_with('*') && newest.ends_with("（还没有服务换用）"), "{newest}");
    }
}
