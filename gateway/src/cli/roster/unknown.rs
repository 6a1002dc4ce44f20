//! `lianwang roster unknown`: identifiers that the roster does not know, and whose they may be.

use std::io::{self, Write as _};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::{
    cli::{Failure, Outcome, arguments::Place, open},
    pipeline::owners::{UnknownOwner, unknown_owners},
    store::attribution::OpenOwner,
};

/// From this score a suggestion stands in the command as it is shown.
const SURE: u8 = 85;
/// Most identifiers of accepted records that are listed.
const MOST: u32 = 1_000;

pub(super) async fn list(place: &Place, json: bool) -> Outcome {
    let context = open::reading(place).await?;
    let found = unknown_owners(&context, MOST).await?;
    let mut out = io::stdout().lock();
    if json {
        let json = serde_json::to_string_pretty(&found).map_err(|error| Failure::Check(error.to_string()))?;
        writeln!(out, "{json}")?;
        return Ok(());
    }
    if context.store.roster_number().await? == 0 {
        writeln!(out, "名册还是空的：先收一份（lianwang roster take 名册.xlsx）。")?;
    }
    if found.is_empty() {
        writeln!(out, "没有名册不认识的编码。")?;
    }
    let zone = open::hub(open::directory(place).as_deref())?.zone;
    found.iter().try_for_each(|own| writeln!(out, "{}", shown(own, zone)))?;
    Ok(())
}

fn shown(own: &UnknownOwner, zone: Tz) -> String {
    let UnknownOwner { named, held, suggestions } = own;
    let OpenOwner { scheme, value, accepted, source, sample, .. } = named;
    let day = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
    let (first, last) = (day(named.first), day(named.last));
    let days = if first == last { first.to_string() } else { format!("{first} 至 {last}") };
    let about: Vec<&str> =
        [named.name.as_str(), named.region.as_str()].into_iter().filter(|text| !text.is_empty()).collect();
    let about = if about.is_empty() { String::new() } else { format!("（{}）", about.join("，")) };
    let more = if named.sources > 1 { format!(" 等 {} 个", named.sources) } else { String::new() };
    let mut lines = vec![format!(
        "{scheme}:{value}{about}：{accepted} 条已接收而归属未定，{held} 条待定；来源 {source}{more}，{days}，例如 {sample}"
    )];
    lines.extend(
        suggestions
            .iter()
            .map(|one| format!("    像是 {} {}（{}%，{}）", one.subject, one.name, one.score, one.by)),
    );
    let subject = suggestions.first().filter(|one| one.score >= SURE);
    let subject = subject.map_or("主体".to_owned(), |one| one.subject.to_string());
    lines.push(format!("    定下来：lianwang roster confirm {scheme}:{value} {subject} --why 理由"));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roster::suggest::Suggestion;

    #[test]
    fn an_identifier_is_shown_with_whose_it_may_be_and_the_command() {
        let own = UnknownOwner {
            named: OpenOwner {
                scheme: "chem".into(),
                value: "410900017".into(),
                accepted: 3,
                sources: 2,
                source: "park".into(),
                name: "甲化工".into(),
                sample: "plant/uuid/1".into(),
                ..OpenOwner::default()
            },
            held: 1,
            suggestions: vec![Suggestion {
                subject: 7,
                name: "甲化工厂".into(),
                score: 85,
                by: "名称相近".into(),
            }],
        };
        let text = shown(&own, chrono_tz::Asia::Shanghai);
        assert!(
            text.starts_with(
                "chem:410900017（甲化工）：3 条已接收而归属未定，1 条待定；来源 park 等 2 个，1970-01-01，"
            ),
            "{text}"
        );
        assert!(text.contains("像是 7 甲化工厂（85%，名称相近）"), "{text}");
        assert!(text.ends_with("lianwang roster confirm chem:410900017 7 --why 理由"), "{text}");
        let none = shown(&UnknownOwner { suggestions: vec![], ..own }, chrono_tz::Asia::Shanghai);
        assert!(none.ends_with("confirm chem:410900017 主体 --why 理由"), "{none}");
    }
}
