//! `lianwang return`: gives a field of an accepted record back to its sender, who alone may change it: it stands on the sender's
//! rejection sheet until a newer state of the record comes. Nothing of the record is touched.

use std::io::{self, Write as _};

use chrono_tz::Tz;
use mappings::{Field, Issue, Key, Level, mask};
use serde::Serialize;

use super::{
    Failure, Outcome,
    apply::{self, Word},
    arguments::{Place, ReturnArguments, ReturnUndo},
    explain::one,
    open,
};
use crate::{
    pipeline::{
        Context,
        explain::{ExplainedField, explain},
    },
    store::{
        explain::Stored,
        returned::{Return, ReturnState, Returned},
    },
};

/// One return as `--json` prints it.
#[derive(Serialize)]
struct Line<'a> {
    no: i64,
    key: String,
    field: &'a str,
    value: &'a str,
    version: i64,
    source: &'a str,
    service: &'a str,
    state: ReturnState,
    why: &'a str,
    who: &'a str,
    at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    undone_why: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    undone_who: Option<&'a str>,
}

pub(super) async fn run(place: &Place, asked: &ReturnArguments) -> Outcome {
    if let Some(ReturnUndo::Undo { no, why, by }) = &asked.undo {
        return undo(place, *no, &Word { why, by: by.as_deref() }).await;
    }
    let (Some(kind), Some(key), Some(field), Some(why)) = (&asked.kind, &asked.key, &asked.field, &asked.why)
    else {
        return list(place, asked).await;
    };
    give_back(place, (kind, key, field), &Word { why, by: asked.by.as_deref() }).await
}

async fn give_back(place: &Place, (kind, key, field): (&str, &str, &str), word: &Word<'_>) -> Outcome {
    apply::said(word)?;
    let context = open::current(place).await?;
    let pinned = context.active().await?;
    let (key, record) = one(&context, Some(&pinned), kind, key).await?;
    let shape = pinned.rules.rulebook.kind(kind);
    let named = shape.and_then(|shape| shape.field(field)).ok_or_else(|| {
        let names: Vec<&str> = shape.into_iter().flat_map(mappings::Kind::fields).map(Field::name).collect();
        Failure::Usage(format!("{kind} 没有字段 {field}；它有：{}", names.join("、")))
    })?;
    let (record, newest) = standing(&context, &key, record).await?;
    let open = context.store.returned("", record).await?;
    let twice = |own: &&Returned| own.state == ReturnState::Open && own.issue.field == field;
    if let Some(own) = open.iter().find(twice) {
        return Err(Failure::Usage(format!(
            "已经退回过（第 {} 号，{}），对方还没有答复",
            own.no, own.word.0
        )));
    }
    let as_written = written(&context, &key, record, newest.seq, field).await?;
    let Some(landed) = context.store.document(newest.document).await? else {
        return Err(Failure::Check(format!("没有第 {} 号文档", newest.document)));
    };
    let who = apply::who(place, word.by);
    let own = Return {
        record,
        version: newest.seq,
        sender: (&landed.source, &landed.service),
        place: (newest.document, newest.place),
        issue: told(named, &as_written, word.why),
        why: word.why,
        who: &who,
        at: context.now(),
    };
    let no = context.store.return_to_sender(&own).await?;
    let source = &landed.source;
    writeln!(
        io::stdout(),
        "第 {no} 号：{}（{field}）退回给 {source}。记录本身没有动；它列在 lianwang rejections --source {source} 里，直到对方报来新的内容。",
        named.label()
    )?;
    Ok(())
}

/// The version that stands, made of its sender's words.
async fn standing(context: &Context, key: &Key, record: Option<i64>) -> Result<(i64, Stored), Failure> {
    let none = || {
        Failure::Usage(format!("{key} 还没有接收的版本：退回、待定的本来就在 lianwang rejections --held 里"))
    };
    let record = record.ok_or_else(none)?;
    let newest = context.store.versions(record).await?.pop().ok_or_else(none)?;
    match newest.mark {
        Some(_) => Err(Failure::Usage(format!("{key} 已由联网标记删除，没有人再报它，退给谁都没有用"))),
        None => Ok((record, newest)),
    }
}

/// The field as the sender wrote it, and where.
async fn written(
    context: &Context,
    key: &Key,
    record: i64,
    seq: i64,
    field: &str,
) -> Result<ExplainedField, Failure> {
    let mut explained = explain(context, key, Some(record)).await?;
    let version = explained.versions.iter_mut().find(|version| version.seq == seq);
    Ok(version.and_then(|version| version.fields.remove(field)).unwrap_or_default())
}

/// What the sender is told.
fn told(field: &Field, written: &ExplainedField, why: &str) -> Issue {
    let value = written.raw.as_deref().or(written.value.as_deref()).unwrap_or_default();
    Issue {
        code: "returned".to_owned(),
        level: Level::Reject,
        field: field.name().to_owned(),
        value: mask(field.personal(), value),
        place: written.place.clone(),
        message: format!("已接收，但{}要请你们核对改正：{why}", field.label()),
        advice: "这一项只有上报单位能改：在自己的系统里改好，用同一个主键再报一次".to_owned(),
    }
}

async fn undo(place: &Place, no: i64, word: &Word<'_>) -> Outcome {
    apply::said(word)?;
    let context = open::current(place).await?;
    let all = context.store.returned("", 0).await?;
    let state = all.iter().find(|own| own.no == no).map(|own| own.state);
    match state {
        Some(ReturnState::Open) => {}
        Some(state) => {
            return Err(Failure::Usage(format!("第 {no} 号{}，不用撤回", shown_state(state))));
        }
        None => return Err(Failure::Usage(format!("没有第 {no} 号退回（lianwang return）"))),
    }
    context.store.undo_return(no, word.why, &apply::who(place, word.by), context.now()).await?;
    writeln!(io::stdout(), "第 {no} 号已撤回，不再列在对方的退回表里。")?;
    Ok(())
}

async fn list(place: &Place, asked: &ReturnArguments) -> Outcome {
    let context = open::reading(place).await?;
    let mut all = context.store.returned(asked.source.as_deref().unwrap_or_default(), 0).await?;
    all.retain(|own| asked.all || own.state == ReturnState::Open);
    let mut out = io::stdout().lock();
    if asked.json {
        let lines: Vec<Line<'_>> = all.iter().map(Line::of).collect();
        let json = serde_json::to_string_pretty(&lines).map_err(|error| Failure::Check(error.to_string()))?;
        writeln!(out, "{json}")?;
        return Ok(());
    }
    if all.is_empty() {
        writeln!(out, "没有退回给对方、等着答复的字段。")?;
    }
    let zone = open::hub(open::directory(place).as_deref())?.zone;
    all.iter().try_for_each(|own| writeln!(out, "{}", shown(own, zone)))?;
    Ok(())
}

impl<'a> Line<'a> {
    fn of(own: &'a Returned) -> Self {
        let (why, who, at) = &own.word;
        Self {
            no: own.no,
            key: own.key.to_string(),
            field: &own.issue.field,
            value: &own.issue.value,
            version: own.version,
            source: &own.source,
            service: &own.service,
            state: own.state,
            why,
            who,
            at: at.to_rfc3339(),
            undone_why: own.undone.as_ref().map(|(why, ..)| why.as_str()),
            undone_who: own.undone.as_ref().map(|(_, who, _)| who.as_str()),
        }
    }
}

/// One return in a line.
pub(super) fn shown(own: &Returned, zone: Tz) -> String {
    let (why, who, at) = &own.word;
    let at = at.with_timezone(&zone).format("%Y-%m-%d %H:%M");
    let undone = own.undone.as_ref().map(|(why, who, _)| format!("：{who}，{why}")).unwrap_or_default();
    format!(
        "第 {} 号 {} 的 {}“{}” 退给 {}：{why}（{who} {at}）{}{undone}",
        own.no,
        own.key,
        own.issue.field,
        own.issue.value,
        own.source,
        shown_state(own.state)
    )
}

/// How a return stands, for people.
pub(super) const fn shown_state(state: ReturnState) -> &'static str {
    match state {
        ReturnState::Open => "等对方改",
        ReturnState::Answered => "对方已报来新的内容",
        ReturnState::Gone => "记录已删除",
        ReturnState::Undone => "已撤回",
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn own(state: ReturnState) -> Returned {
        let at = DateTime::UNIX_EPOCH;
        Returned {
            no: 7,
            key: Key { kind: "hazard".into(), id_space: "src:park".into(), id: "17".into() },
            record: 3,
            version: 41,
            revision: 1,
            source: "park".into(),
            service: "t_yhzlxx".into(),
            place: (2, 0),
            received_at: at,
            issue: Issue {
                code: "returned".into(),
                level: Level::Reject,
                field: "dangerLevel".into(),
                value: "0".into(),
                place: "DANGER_LEVEL".into(),
                message: String::new(),
                advice: String::new(),
            },
            word: ("现场核查".into(), "李四".into(), at),
            undone: (state == ReturnState::Undone).then(|| ("核实无误".into(), "王五".into(), at)),
            state,
        }
    }

    #[test]
    fn a_return_is_a_line_that_says_who_why_and_how_it_stands() {
        let zone = chrono_tz::Asia::Shanghai;
        assert_eq!(
            shown(&own(ReturnState::Open), zone),
            "第 7 号 hazard/src:park/17 的 dangerLevel“0” 退给 park：现场核查（李四 1970-01-01 08:00）等对方改"
        );
        assert!(shown(&own(ReturnState::Undone), zone).ends_with("已撤回：王五，核实无误"));
        for (state, says) in
            [(ReturnState::Answered, "对方已报来新的内容"), (ReturnState::Gone, "记录已删除")]
        {
            assert!(shown(&own(state), zone).ends_with(says));
        }
    }

    #[test]
    fn programs_read_the_same() {
        let line = |state| serde_json::to_value(Line::of(&own(state))).unwrap();
        let open = line(ReturnState::Open);
        assert_eq!((&open["key"], &open["state"]), (&"hazard/src:park/17".into(), &"open".into()));
        assert!(open.get("undone_why").is_none(), "{open}");
        let undone = line(ReturnState::Undone);
        assert_eq!((&undone["undone_who"], &undone["state"]), (&"王五".into(), &"undone".into()));
    }

    #[test]
    fn the_sender_is_told_where_and_why_and_persons_are_masked() {
        let text = "kind = \"note\"\nlabel = \"便条\"\nsource = \"x\"\n[fields]\nid = { label = \"主键\", type = \"id\" }\n\
             by = { label = \"登记人\", type = \"text\", personal = \"name\" }\n";
        let file = mappings::RuleFile { path: "kinds/note.toml".into(), text: text.into() };
        let (book, problems) = mappings::Rulebook::compile(&[file]);
        let book = book.unwrap_or_else(|| panic!("{problems:?}"));
        let written =
            ExplainedField {
                raw: Some("张三丰".into()), place: "DJR".into(), ..ExplainedField::default()
            };
        let issue = told(book.kind("note").unwrap().field("by").unwrap(), &written, "查无此人");
        assert_eq!((issue.code.as_str(), issue.level), ("returned", Level::Reject));
        assert_eq!((issue.place.as_str(), issue.value.as_str()), ("DJR", "张**"));
        assert!(issue.message.contains("登记人") && issue.message.contains("查无此人"));
    }
}
