//! Reads what a kind file says a field is.
//! Leaves what it demands of the field's values to `demands`.

use std::sync::Arc;

use super::{
    demands,
    reader::{Entry, Section},
    tables::Tables,
};
use crate::{
    key::is_space,
    kind::{Facet, Field},
    mask::PERSONAL,
    problem::Problem,
    suggest::did_you_mean,
    table::CodeTable,
    value::FieldType,
};

/// Most characters of a value whose field says nothing: 4000, as the longest of the national model.
const MAX: usize = 4000;
/// Most characters of an id: keys are indexed, and an index entry has its limit.
const MAX_ID: usize = 200;

/// Keys a field of a kind may have.
const KEYS: [&str; 26] = [
    "label",
    "type",
    "max",
    "min",
    "table",
    "parent",
    "personal",
    "owner",
    "facet",
    "gone",
    "id_space",
    "required",
    "required_if",
    "pattern",
    "range",
    "prefix_in",
    "max_kb",
    "types",
    "readable",
    "links",
    "notation",
    "spellings",
    "owner_only",
    "owner_name",
    "source",
    "basis",
];

/// One field as its line in a kind file says; `None` when it cannot be made out.
pub(super) fn read(entry: Entry<'_>, tables: &Tables<'_>, problems: &mut Vec<Problem>) -> Option<Field> {
    let Some(section) = entry.section() else {
        problems.push(entry.error(format!("字段 {} 应当写作 {{ label = …, type = … }}", entry.key), None));
        return None;
    };
    section.only(&KEYS, problems);
    let label = section.needed("label", problems);
    let field_type = field_type(section, problems)?;
    let table = section.text("table", problems).and_then(|name| tables.canonical(name, problems));
    belongs(section, field_type, problems);
    let spellings = match &table {
        Some(table) => {
            section.text("spellings", problems).and_then(|name| tables.source(name, table, problems))
        }
        None => None,
    };
    let gone = gone(section, table.as_deref(), problems);
    let (source, basis) = origin(section, problems);
    Some(Field {
        name: Arc::from(entry.key),
        label: label.map_or(entry.key, |label| label.value).to_owned(),
        holds: field_type,
        max: max(section).unwrap_or(match field_type {
            FieldType::Image => usize::MAX,
            FieldType::Id => MAX_ID,
            _ => MAX,
        }),
        table,
        parent: section.text("parent", problems).map(|parent| parent.value.to_owned()),
        personal: word(section, "personal", &PERSONAL, problems),
        owner: section.text("owner", problems).map(|owner| owner.value.to_owned()),
        facet: word(section, "facet", &["test", "region", "industry"], problems)
            .and_then(|word| Facet::parse(&word)),
        gone,
        id_space: space(section, problems),
        volatile: false,
        owner_only: section.flag("owner_only", problems).unwrap_or(false),
        owner_name: section.flag("owner_name", problems).unwrap_or(false),
        notation: demands::notation_of(section, problems),
        links: section.flag("links", problems).unwrap_or(false),
        spellings,
        source,
        basis,
    })
}

/// An id space, checked.
pub(super) fn space(section: Section<'_>, problems: &mut Vec<Problem>) -> Option<String> {
    let text = section.text("id_space", problems)?;
    if is_space(text.value) {
        return Some(text.value.to_owned());
    }
    let hint = did_you_mean(text.value, ["uuid", "registered"])
        .or_else(|| Some("可用：uuid、registered、mine:企业编码、src:来源名".to_owned()));
    problems.push(text.error(format!("不认识的 id_space {}", text.value), hint));
    None
}

fn field_type(section: Section<'_>, problems: &mut Vec<Problem>) -> Option<FieldType> {
    let text = section.needed("type", problems)?;
    let found = FieldType::parse(text.value);
    if found.is_none() {
        let words = FieldType::WORDS.map(|(word, _)| word);
        let hint = did_you_mean(text.value, words).or_else(|| Some(format!("可用：{}", words.join("、"))));
        problems.push(text.error(format!("不认识的类型 {}", text.value), hint));
    }
    found
}

/// Attributes that only some types have.
fn belongs(section: Section<'_>, field_type: FieldType, problems: &mut Vec<Problem>) {
    let is_code = field_type == FieldType::Code;
    if is_code && section.entry("table").is_none() {
        problems.push(section.error("类型 code 要有 table"));
    }
    for (key, fits) in [
        ("table", is_code),
        ("spellings", is_code),
        ("parent", field_type == FieldType::Id),
        ("range", field_type.is_number()),
        ("notation", field_type == FieldType::Text),
        ("owner_name", field_type == FieldType::Text),
        ("readable", field_type == FieldType::Text),
        ("max_kb", field_type == FieldType::Image),
        ("types", field_type == FieldType::Image),
        ("links", field_type == FieldType::Image),
    ] {
        if let Some(entry) = section.entry(key).filter(|_| !fits) {
            problems.push(entry.error(format!("类型 {} 没有 {key}", field_type.word()), None));
        }
    }
}

/// The code by which a field says that its record is deleted.
fn gone(section: Section<'_>, table: Option<&CodeTable>, problems: &mut Vec<Problem>) -> Option<Box<str>> {
    let code = section.text("gone", problems)?;
    let Some(table) = table else {
        problems.push(code.error("只有类型 code 的字段才有 gone", None));
        return None;
    };
    if !table.has(code.value) {
        let hint = Some(format!("可用：{}", table.shown()));
        problems.push(code.error(format!("代码表 {} 里没有 {}", table.name(), code.value), hint));
        return None;
    }
    Some(code.value.into())
}

/// Where a field is from. One that was designed says from what.
fn origin(section: Section<'_>, problems: &mut Vec<Problem>) -> (Option<String>, Option<String>) {
    let source = section.text("source", problems).map(|text| text.value.to_owned());
    let basis = section.text("basis", problems).map(|text| text.value.to_owned());
    if source.as_deref() == Some("design") && basis.is_none() {
        problems.push(section.error("source = \"design\" 的字段要用 basis 写明依据什么设计"));
    }
    (source, basis)
}

/// The plain length limit; whether it is one is told by `demands`.
fn max(section: Section<'_>) -> Option<usize> {
    let entry = section.entry("max")?;
    let plain = match entry.section() {
        Some(leveled) => leveled.entry("is")?.scalar()?,
        None => entry.scalar()?,
    };
    plain.parse().ok()
}

fn word(section: Section<'_>, key: &str, known: &[&str], problems: &mut Vec<Problem>) -> Option<String> {
    let text = section.text(key, problems)?;
    if known.contains(&text.value) {
        return Some(text.value.to_owned());
    }
    let hint = did_you_mean(text.value, known.iter().copied())
        .or_else(|| Some(format!("可用：{}", known.join("、"))));
    problems.push(text.error(format!("{key} 没有 {}", text.value), hint));
    None
}

#[cfg(test)]
mod tests;
