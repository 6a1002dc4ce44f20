//! Compiles a kind's `[look_alike]`: which texts of which day are compared, and how near is near.
//! Leaves comparing to the gateway.

use super::{
    kinds::no_field,
    reader::{Section, Text},
};
use crate::{kind::Field, look_alike::LookAlike, problem::Problem, value::FieldType};

const KEYS: [&str; 3] = ["text", "day", "similarity"];

/// What the last of the layers that has one says.
pub(super) fn read(
    layers: &[Section<'_>],
    fields: &[Field],
    problems: &mut Vec<Problem>,
) -> Option<LookAlike> {
    let section = layers.iter().filter_map(|layer| layer.section("look_alike", problems)).last()?;
    section.only(&KEYS, problems);
    if !fields.iter().any(|field| field.owner().is_some()) {
        problems.push(section.error("没有说明归属的字段（owner），分不出是不是同一家的"));
    }
    let text = texts(section, fields, problems);
    let day = section.needed("day", problems).and_then(|day| {
        let longest = LookAlike::LONGEST_DAY;
        let otherwise = format!("day 应当是 date 或 datetime 字段，或者 max 不超过 {longest} 的 text 字段");
        field(day, fields, is_day, &otherwise, problems)
    });
    let similarity = similarity(section, problems);
    Some(LookAlike { text: text?, day: day?, similarity: similarity? })
}

fn texts(section: Section<'_>, fields: &[Field], problems: &mut Vec<Problem>) -> Option<Vec<String>> {
    let named = section.texts("text", problems);
    if named.is_empty() {
        problems.push(section.error("缺少 text：比较哪个字段，或哪几个"));
        return None;
    }
    let is_text = |field: &Field| matches!(field.field_type(), FieldType::Text | FieldType::Id);
    let of = |name| field(name, fields, is_text, "text 应当是 text 或 id 字段", problems);
    named.into_iter().map(of).collect::<Vec<Option<String>>>().into_iter().collect()
}

fn is_day(field: &Field) -> bool {
    match field.field_type() {
        FieldType::Date | FieldType::DateTime => true,
        FieldType::Text => field.max() <= LookAlike::LONGEST_DAY,
        _ => false,
    }
}

fn field(
    name: Text<'_>,
    fields: &[Field],
    holds: impl Fn(&Field) -> bool,
    otherwise: &str,
    problems: &mut Vec<Problem>,
) -> Option<String> {
    match fields.iter().find(|field| field.name() == name.value) {
        Some(field) if holds(field) => return Some(name.value.to_owned()),
        Some(_) => problems.push(name.error(otherwise, None)),
        None => problems.push(no_field(name, fields)),
    }
    None
}

fn similarity(section: Section<'_>, problems: &mut Vec<Problem>) -> Option<u8> {
    let Some(entry) = section.entry("similarity") else {
        problems.push(section.error("缺少 similarity"));
        return None;
    };
    let written = entry.value.get_ref().as_integer().map(|_| entry.scalar().unwrap_or_default());
    let read = written.and_then(|text| text.parse().ok()).filter(|percent| *percent <= 100);
    if read.is_none() {
        problems.push(entry.error("similarity 应当是 0 到 100 的整数", None));
    }
    read
}

#[cfg(test)]
mod tests;
