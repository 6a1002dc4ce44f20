//! `lianwang fix`: a value of one record that is put right here, where the hub may; taking that back; and listing what is put
//! right. A decision is a line of `fixes.csv`, activated like any other change. Leaves what a fix does to the rules.

mod line;
mod state;

use std::io::{self, Write as _};

use mappings::{Content, FIXES, Field, Fix, Key};
use serde::Serialize;

use super::{
    Failure, Outcome, apply,
    arguments::{FixArguments, FixUndo, Place},
    deciding::{self, Desk, Word},
    explain::one,
    open,
};
use crate::{
    config::{self, Compiled},
    pipeline::{
        Context,
        fixes::{self, State},
    },
    store::explain::Unversioned,
};

/// How it reaches what is there already.
const NEXT: &str = "这一条已收下、待定或退回的都照此重算：正在运行的服务自己会做，否则运行 lianwang refine。";

/// A fix as `--json` prints it.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Told<'f> {
    kind: &'f str,
    id_space: &'f str,
    id: &'f str,
    field: &'f str,
    was: &'f str,
    is: &'f str,
    note: &'f str,
    #[serde(flatten)]
    state: &'f State,
}

/// What is to be put right, as it was asked.
struct Asked<'a> {
    kind: &'a str,
    key: &'a str,
    field: &'a str,
    new: &'a str,
    was: Option<&'a str>,
}

pub(super) async fn fix(place: &Place, asked: &FixArguments) -> Outcome {
    let FixArguments { kind, key, field, new, why, by, was, json, undo } = asked;
    if let Some(asked) = undo {
        return take_back(place, asked).await;
    }
    match (kind, key, field, new, why) {
        (Some(kind), Some(key), Some(field), Some(new), Some(why)) => {
            let asked = Asked { kind, key, field, new, was: was.as_deref() };
            put_right(place, &asked, why, by.as_deref()).await
        }
        _ => list(place, *json).await,
    }
}

async fn put_right(place: &Place, asked: &Asked<'_>, why: &str, by: Option<&str>) -> Outcome {
    apply::said(&apply::Word { why, by })?;
    let (directory, compiled) = deciding::directory(place)?;
    let field = ours(&compiled, asked)?;
    let context = open::current(place).await?;
    let (key, record) = one(&context, context.active().await.ok().as_deref(), asked.kind, asked.key).await?;
    let was = match asked.was {
        Some(was) => was.trim().to_owned(),
        None => newest(&context, &key, record, field).await?,
    };
    let (who, is) = (apply::who(place, by), canonical(field, asked.new));
    let note = deciding::note(&context.now(), &who, why);
    let fix = Fix {
        kind: key.kind,
        id_space: key.id_space,
        id: key.id,
        field: asked.field.to_owned(),
        was,
        is,
        note,
        line: 0,
    };
    let text = line::added(compiled.revision.text(FIXES).unwrap_or_default(), &fix);
    let desk = Desk { context: &context, directory: &directory, compiled: &compiled };
    let no = desk.decide(FIXES, &text, &Word { why, who: &who }).await?;
    writeln!(
        io::stdout(),
        "{}\n写进了 {}，第 {no} 号配置已启用。{NEXT}",
        shown(&fix),
        directory.join(FIXES).display()
    )?;
    Ok(())
}

async fn take_back(place: &Place, asked: &FixUndo) -> Outcome {
    let FixUndo::Undo { kind, key, field, why, by } = asked;
    apply::said(&apply::Word { why, by: by.as_deref() })?;
    let (directory, compiled) = deciding::directory(place)?;
    let known = compiled.rulebook.fixes().all();
    let found: Vec<&Fix> = known.iter().filter(|fix| is_of(fix, kind, key, field)).collect();
    let Some(first) = found.first() else {
        return Err(Failure::Usage(format!("{kind} {key} 的 {field} 没有订正（lianwang fix 列出全部）")));
    };
    if found.iter().any(|fix| fix.id_space != first.id_space) {
        return Err(Failure::Usage(format!("{key} 在几个 id_space 里都有订正，请写 id_space/id")));
    }
    let lines: Vec<usize> = found.iter().map(|fix| fix.line).collect();
    let text = line::without(compiled.revision.text(FIXES).unwrap_or_default(), &lines);
    let context = open::current(place).await?;
    let who = apply::who(place, by.as_deref());
    let desk = Desk { context: &context, directory: &directory, compiled: &compiled };
    let no = desk.decide(FIXES, &text, &Word { why, who: &who }).await?;
    writeln!(io::stdout(), "已撤销 {} 处订正，第 {no} 号配置已启用。{NEXT}", found.len())?;
    Ok(())
}

async fn list(place: &Place, json: bool) -> Outcome {
    let context = open::reading(place).await?;
    let all = fixes::all(&context).await.map_err(Failure::from)?;
    let mut out = io::stdout().lock();
    if json {
        let told: Vec<Told<'_>> = all.iter().map(|(fix, state)| told(fix, state)).collect();
        let json = serde_json::to_string_pretty(&told).map_err(|error| Failure::Check(error.to_string()))?;
        writeln!(out, "{json}")?;
        return Ok(());
    }
    if all.is_empty() {
        writeln!(out, "没有订正。")?;
    }
    for (fix, state) in &all {
        writeln!(out, "{}\n    {}", shown(fix), state::shown(state))?;
    }
    Ok(())
}

/// The field, if the hub may put it right.
fn ours<'c>(compiled: &'c Compiled, asked: &Asked<'_>) -> Result<&'c Field, Failure> {
    let Asked { kind, key, field: name, .. } = asked;
    let book = &compiled.rulebook;
    let Some(shape) = book.kind(kind) else {
        let names: Vec<&str> = book.kinds().iter().map(mappings::Kind::name).collect();
        return Err(Failure::Usage(format!("没有种类 {kind}，{}", nearest(kind, &names))));
    };
    let Some(field) = shape.field(name) else {
        let names: Vec<&str> = shape.fields().iter().map(Field::name).collect();
        return Err(Failure::Usage(format!("种类 {kind} 没有字段 {name}，{}", nearest(name, &names))));
    };
    match field.unfixable() {
        None => Ok(field),
        Some(why) => Err(Failure::Usage(format!(
            "{}（{name}）{why}，联网不能改；请退回来源改正：lianwang return {kind} {key} {name} --why 理由",
            field.label()
        ))),
    }
}

fn nearest(written: &str, known: &[&str]) -> String {
    config::suggestion(written, known).unwrap_or_default()
}

/// What the newest version says; a record without one has nothing that could be put right by itself.
async fn newest(context: &Context, key: &Key, record: Option<i64>, field: &Field) -> Result<String, Failure> {
    let versions = match record {
        Some(record) => context.store.versions(record).await?,
        None => Vec::new(),
    };
    let Some(last) = versions.last() else { return Err(unsaid(key, "还没有收下过")) };
    let newer = |own: &Unversioned| {
        let waits = own.verdict == "rejected" || own.state.as_deref() == Some("held");
        waits && (own.document, own.place) > (last.document, last.place)
    };
    // which of the two is meant only the asker knows
    if context.store.unversioned(key).await?.iter().any(newer) {
        return Err(unsaid(key, "后来又报过一次，退回或待定着"));
    }
    match Content::from_json(&last.content) {
        Some(stands) => Ok(stands.get(field.name()).unwrap_or_default().to_owned()),
        None => Err(unsaid(key, "现状读不懂")),
    }
}

fn unsaid(key: &Key, why: &str) -> Failure {
    let Key { kind, id_space, id } = key;
    Failure::Usage(format!(
        "{key} {why}：用 --was 写出要订正的那个值（lianwang explain {kind} {id_space}/{id} 可以看到）"
    ))
}

/// The code behind a label, or the normal form; anything else as it is written.
fn canonical(field: &Field, new: &str) -> String {
    let new = new.trim();
    if let Some(notation) = field.notation() {
        return notation.normal(new);
    }
    let Some(table) = field.table().filter(|table| !table.has(new)) else { return new.to_owned() };
    table.codes().find(|(_, label)| *label == new).map_or(new, |(code, _)| code).to_owned()
}

/// A fix of the field of a record, whose key is written with its space or without, its id in any spelling.
fn is_of(fix: &Fix, kind: &str, key: &str, field: &str) -> bool {
    let (space, id) = key.split_once('/').map_or((None, key), |(space, id)| (Some(space), id));
    let is_id = fix.id == id || mappings::normal_id(&fix.id_space, id).is_some_and(|id| id == fix.id);
    let is_key = fix.id == key || (is_id && space.is_none_or(|space| space == fix.id_space));
    fix.kind == kind && fix.field == field && is_key
}

fn told<'f>(fix: &'f Fix, state: &'f State) -> Told<'f> {
    let Fix { kind, id_space, id, field, was, is, note, .. } = fix;
    Told { kind, id_space, id, field, was, is, note, state }
}

fn shown(fix: &Fix) -> String {
    let Fix { kind, id_space, id, field, is, note, .. } = fix;
    let was = if fix.was.is_empty() { "（空）" } else { &fix.was };
    format!("{kind} {id_space}/{id} {field}：{was} → {is}    {note}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fix(id: &str, was: &str) -> Fix {
        let text = str::to_owned;
        Fix {
            kind: text("hazard"),
            id_space: text("uuid"),
            id: text(id),
            field: text("dangerSrc"),
            was: text(was),
            is: text("2"),
            note: text("2026-11-26 张三 核实"),
            line: 2,
        }
    }

    #[test]
    fn a_fix_is_found_by_its_id_with_or_without_its_space() {
        let fix = fix("a1", "1");
        assert!(is_of(&fix, "hazard", "a1", "dangerSrc") && is_of(&fix, "hazard", "uuid/a1", "dangerSrc"));
        let spelt = Fix { id: "00000000000040008000000000000014".into(), ..fix.clone() };
        assert!(is_of(&spelt, "hazard", "00000000-0000-4000-8000-000000000014", "dangerSrc"));
        for (kind, key, field) in [
            ("risk", "a1", "dangerSrc"),
            ("hazard", "a2", "dangerSrc"),
            ("hazard", "src:x/a1", "dangerSrc"),
            ("hazard", "a1", "region"),
        ] {
            assert!(!is_of(&fix, kind, key, field), "{kind} {key} {field}");
        }
    }

    #[test]
    fn a_fix_is_one_line_for_people_with_what_was_nothing_named() {
        assert_eq!(shown(&fix("a1", "1")), "hazard uuid/a1 dangerSrc：1 → 2    2026-11-26 张三 核实");
        assert!(shown(&fix("a1", "")).contains("（空） → 2"));
        let json = serde_json::to_value(told(&fix("a1", ""), &State::Nothing { why: None })).unwrap();
        assert_eq!(
            (&json["was"], &json["is"], json.as_object().unwrap().len()),
            (&"".into(), &"2".into(), 8)
        );
    }
}
