//! One record's path in words for people: labels beside names, the kind's order, the hub's zone.
//! Leaves what is true to `pipeline::explain`.

use std::io::{self, Write};

use chrono::DateTime;
use chrono_tz::Tz;
use mappings::Issue;

use crate::cli::{inspect::level_word, returning::shown_state};
use crate::pipeline::explain::{
    Explained, ExplainedDelivery, ExplainedField, ExplainedVersion, FromFile, Links, Other, Owned, Receipt,
    Retired,
};

/// What the words are made with.
#[derive(Debug)]
pub(super) struct Speech {
    /// The kind's label; empty when nobody knows.
    pub(super) kind: String,
    /// Labels of the fields of what has no version, by name.
    pub(super) labels: Vec<(String, String)>,
    /// Of the times.
    pub(super) zone: Tz,
}

/// Prints everything that is known of a record.
pub(super) fn print(explained: &Explained, speech: &Speech, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}", format!("{} {}", speech.kind, explained.key).trim_start())?;
    if let Some(why) = &explained.dropped {
        writeln!(out, "\n{why}")?;
    }
    for stored in &explained.versions {
        version(stored, speech, out)?;
    }
    sources(explained, out)?;
    for unversioned in &explained.others {
        other(unversioned, speech, out)?;
    }
    returned(explained, speech, out)?;
    if let Some(seq) = explained.missing {
        writeln!(out, "\n账上缺版本 {seq}：它本应是这条记录的现状")?;
    }
    writeln!(out, "\n从原始字节重新推导：{}", conclusion(explained))
}

/// What was given back to its sender.
fn returned(explained: &Explained, speech: &Speech, out: &mut impl Write) -> io::Result<()> {
    let labels = explained.versions.last().map(|version| version.labels.as_slice()).unwrap_or_default();
    explained.returned.iter().try_for_each(|own| {
        let state = shown_state(own.state);
        let (field, at) = (labelled(&own.field, labels), local(&own.at, speech.zone));
        writeln!(
            out,
            "\n退回第 {} 号：版本 {} 的{field}“{}”退给 {}，{state}\n  {at} {}：{}",
            own.no, own.version, own.value, own.source, own.who, own.why
        )
    })
}

/// What each source says, with what it says otherwise than what stands.
fn sources(explained: &Explained, out: &mut impl Write) -> io::Result<()> {
    let labels = explained.versions.last().map(|version| version.labels.as_slice()).unwrap_or_default();
    for says in &explained.sources {
        let weight = says.priority.map_or("未定".to_owned(), |priority| priority.to_string());
        let stands = if says.stands { "以它为准" } else { "另存" };
        let (document, place) = (says.place.0, says.place.1 + 1);
        let said = says.said.as_ref().map(|said| format!("，说的是 {said}")).unwrap_or_default();
        writeln!(
            out,
            "\n来源 {}：{stands}（priority {weight}；文档 {document} 第 {place} 条{said}）",
            says.service
        )?;
        for (name, (own, stands)) in &says.differs {
            writeln!(out, "  {}：它说“{own}”，现为“{stands}”", labelled(name, labels))?;
        }
    }
    Ok(())
}

fn conclusion(explained: &Explained) -> &'static str {
    let damaged = explained.versions.iter().any(|version| version.damaged.is_some())
        || explained.others.iter().any(|other| other.damaged.is_some());
    match explained.derived_again {
        true if explained.versions.is_empty() => "还没有版本",
        true if explained.versions.iter().all(|version| version.dropped.is_some()) => {
            "原文都已按保留规则清除，不再推导"
        }
        true if explained.versions.iter().any(|version| version.dropped.is_some()) => "原文还在的都一致",
        true => "一致",
        false if damaged => "原文损坏，无从推导！",
        false => "不一致！",
    }
}

fn version(version: &ExplainedVersion, speech: &Speech, out: &mut impl Write) -> io::Result<()> {
    let document = &version.document;
    writeln!(out, "\n版本 {}", version.seq)?;
    if let Some(own) = &version.retired {
        retired(own, speech, out)?;
    }
    if !document.digest.is_empty() {
        let at = local(&document.received_at, speech.zone);
        writeln!(out, "  来自 {}，{at} 收到，第 {} 条", document.service, version.place + 1)?;
        writeln!(out, "  原文 sha-256 {}", document.digest)?;
    }
    links(&version.links, out)?;
    writeln!(out, "  配置 {}", version.revision)?;
    match (&version.damaged, version.same) {
        (Some(why), _) => writeln!(out, "  原文损坏：{why}；以下是账上的值，来历无从推导")?,
        (None, false) => writeln!(out, "  重新推导与账上不一致！")?,
        (None, true) => {}
    }
    if let Some(why) = &version.dropped {
        writeln!(out, "  {why}；以下是账上的值，来历不再推导")?;
    }
    fields(version, out)?;
    if let Some(owned) = &version.owner {
        writeln!(out, "  {}", owner(owned))?;
    }
    for issue in &version.issues {
        writeln!(out, "  注意 {}", said(issue, &version.labels))?;
    }
    version.deliveries.iter().try_for_each(|one| delivery(one, out))
}

/// Whose it is, as the roster stands now.
fn owner(owned: &Owned) -> String {
    let Owned { identifier, subject, name } = owned;
    match subject {
        Some(subject) => format!("归属：{name}（名册第 {subject} 号主体，{identifier}）"),
        None => format!("归属未定：名册里没有 {identifier}（lianwang roster unknown）"),
    }
}

/// Why the hub deleted a record that its source never said was deleted.
fn retired(own: &Retired, speech: &Speech, out: &mut impl Write) -> io::Result<()> {
    let Some(no) = own.sweep.filter(|_| !own.service.is_empty()) else {
        return match own.by.strip_prefix("alias:") {
            Some(no) => writeln!(
                out,
                "  本中心代为删除：按第 {no} 号配置的别名，它归到另一个主键之下，或已从这里分开"
            ),
            None => writeln!(out, "  本中心代为删除（{}）：来源没有说它已删除", own.by),
        };
    };
    let (first, last) = own.documents;
    let (began, ended) = (local(&own.began, speech.zone), local(&own.ended, speech.zone));
    writeln!(
        out,
        "  本中心代为删除（第 {no} 号清扫）：{} 从头读完的一遍里没有它（{began} 至 {ended}，文档 {first} 至 {last}）",
        own.service
    )?;
    if let Some(why) = &own.why {
        writeln!(out, "  缺得多，由{}放行：{why}", own.who.as_deref().unwrap_or_default())?;
    }
    writeln!(out, "  以下是它最后的样子，来自：")
}

/// In the order of the kind; what the kind no longer names comes last.
fn fields(version: &ExplainedVersion, out: &mut impl Write) -> io::Result<()> {
    let named = |name: &String| version.labels.iter().any(|(known, _)| known == name);
    let in_order = version.labels.iter().map(|(name, _)| name);
    let others = version.fields.keys().filter(|name| !named(name));
    for name in in_order.chain(others) {
        if let Some(one) = version.fields.get(name) {
            writeln!(out, "  {}：{}", labelled(name, &version.labels), field(one))?;
        }
    }
    Ok(())
}

fn field(field: &ExplainedField) -> String {
    let show =
        |text: &Option<String>| text.as_deref().map_or("（无）".to_owned(), |text| format!("“{text}”"));
    let value = show(&field.value);
    match (field.place.as_str(), field.rule.as_str()) {
        ("", "") => value,
        ("", rule) => format!("{value} ［{rule}］"),
        (place, rule) => format!("{value} ← {place} {} ［{rule}］", show(&field.raw)),
    }
}

fn delivery(delivery: &ExplainedDelivery, out: &mut impl Write) -> io::Result<()> {
    let batch = delivery.batch.as_deref().map(|batch| format!("，批次 {batch}")).unwrap_or_default();
    // the receiver's words on one line, whatever it sent
    let answer: Vec<&str> = delivery.answer.as_deref().unwrap_or_default().split_whitespace().collect();
    let answer = if answer.is_empty() { String::new() } else { format!("：{}", answer.join(" ")) };
    writeln!(out, "  → {} {}{batch}{answer}", delivery.destination, standing(&delivery.state))
}

fn other(other: &Other, speech: &Speech, out: &mut impl Write) -> io::Result<()> {
    let at = local(&other.at, speech.zone);
    let since = since(&other.verdict, other.state.as_deref());
    let (document, place) = (other.document, other.place + 1);
    writeln!(out, "\n未成版本：{}{since}（文档 {document} 第 {place} 条，{at}）", verdict(&other.verdict))?;
    if let Some(why) = &other.damaged {
        writeln!(out, "  原文损坏：{why}")?;
    }
    if let Some(why) = &other.dropped {
        writeln!(out, "  {why}")?;
    }
    links(&other.links, out)?;
    for issue in &other.issues {
        writeln!(out, "  {} {}。{}", level_word(issue.level), said(issue, &speech.labels), issue.advice)?;
    }
    Ok(())
}

fn links(links: &Links, out: &mut impl Write) -> io::Result<()> {
    if let Some(FromFile { name, at, who, why, .. }) = &links.file {
        let at = if at.is_empty() { String::new() } else { format!("（{at}）") };
        let said: Vec<&str> =
            [who, why].into_iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
        let said = if said.is_empty() { String::new() } else { format!("，{}", said.join("：")) };
        writeln!(out, "  取自文件 {name}{at}{said}")?;
    }
    let told = |receipt: &Receipt| format!("第 {} 号文档第 {} 条", receipt.document, receipt.place + 1);
    if let Some(original) = &links.corrects {
        writeln!(out, "  更正自 {}", told(original))?;
    }
    links.corrected_by.iter().try_for_each(|by| writeln!(out, "  已由 {} 更正", told(by)))
}

fn said(issue: &Issue, labels: &[(String, String)]) -> String {
    let field = labelled(&issue.field, labels);
    let value = if issue.value.is_empty() { String::new() } else { format!("“{}”", issue.value) };
    format!("{}{}：{}", [issue.code.as_str(), &field].join(" ").trim_end(), value, issue.message)
}

fn labelled(name: &str, labels: &[(String, String)]) -> String {
    let label = labels.iter().find(|(known, _)| known == name).map_or("", |(_, label)| label);
    format!("{label} {name}").trim().to_owned()
}

/// RFC 3339 as a clock on the wall shows it.
fn local(at: &str, zone: Tz) -> String {
    DateTime::parse_from_rfc3339(at)
        .map_or_else(|_| at.to_owned(), |at| at.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S").to_string())
}

fn verdict(word: &str) -> &str {
    match word {
        "accepted" => "接受",
        "unchanged" => "未变",
        "rejected" => "退回",
        "held" => "待定",
        other => other,
    }
}

/// What became of a held record.
fn since(verdict: &str, state: Option<&str>) -> &'static str {
    match state {
        Some("held") => "，仍待定",
        Some("accepted") => "，后来已放行",
        Some("unchanged") => "，后来不再待定：内容未变，或已有更新的一条",
        Some("rejected") if verdict != "rejected" => "，后来退回",
        _ => "",
    }
}

fn standing(state: &str) -> &str {
    match state {
        "due" => "待发",
        "waiting" => "等上级",
        "sent" => "在途",
        "confirmed" => "已确认",
        "refused" => "被拒",
        "superseded" => "被取代",
        "abandoned" => "放弃",
        "excluded" => "范围外",
        other => other,
    }
}
