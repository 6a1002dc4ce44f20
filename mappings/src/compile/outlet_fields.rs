//! Compiles the fields of an outlet: the receiver's name, spelling and demands of each.
//! Leaves the rest of the outlet to `outlets`.

use super::{
    demands,
    kinds::no_field,
    reader::{Section, Text},
    sources::zone,
    tables::Tables,
    wire::{Wire, format},
};
use crate::{
    demand::Demands,
    kind::{Field, Kind},
    outlet::{How, OutletField},
    problem::Problem,
    value::FieldType,
};

const KEYS: [&str; 13] = [
    "to",
    "format",
    "zone",
    "number",
    "required",
    "required_if",
    "pattern",
    "max",
    "min",
    "range",
    "prefix_in",
    "table",
    "source",
];

/// Every field that is not omitted, in the kind's order, and what the receiver demands of them.
pub(super) fn compile(
    root: Section<'_>,
    kind: &Kind,
    wire: &Wire,
    omitted: &[String],
    tables: &Tables<'_>,
    problems: &mut Vec<Problem>,
) -> (Vec<OutletField>, Demands) {
    let declared = root.section("fields", problems);
    if let Some(section) = declared {
        unknown(section, kind, omitted, problems);
    }
    let mut fields: Vec<OutletField> = Vec::new();
    let mut demands = Demands::default();
    for (number, field) in kind.fields().iter().enumerate() {
        let section =
            declared.and_then(|section| section.entry(field.name())).and_then(|entry| entry.section());
        let mut checks = checks(section, field, kind, tables, problems);
        for check in &mut checks {
            check.count_by(wire.length);
        }
        demands.fields.push(checks);
        if omitted.iter().any(|name| name == field.name()) {
            continue;
        }
        let to = section.and_then(|section| section.text("to", problems)).map_or(field.name(), |to| to.value);
        if fields.iter().any(|known| known.to == to) {
            problems.push(section.unwrap_or(root).error(format!("接收方的 {to} 写了两次")));
        }
        let how = how(section.unwrap_or(root), section.is_some(), field, wire, problems);
        fields.push(OutletField { number, to: to.to_owned(), how });
    }
    (fields, demands)
}

fn unknown(section: Section<'_>, kind: &Kind, omitted: &[String], problems: &mut Vec<Problem>) {
    for entry in section.entries() {
        if kind.number(entry.key).is_none() {
            problems.push(no_field(Text { file: entry.file, value: entry.key, at: entry.at }, kind.fields()));
        } else if omitted.iter().any(|name| name == entry.key) {
            problems.push(entry.error(format!("字段 {} 已在 omit 里", entry.key), None));
        } else if let Some(section) = entry.section() {
            section.only(&KEYS, problems);
        } else {
            problems.push(entry.error(format!("字段 {} 应当写作 {{ to = … }}", entry.key), None));
        }
    }
}

fn checks(
    section: Option<Section<'_>>,
    field: &Field,
    kind: &Kind,
    tables: &Tables<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<crate::demand::FieldCheck> {
    let Some(section) = section else { return Vec::new() };
    let mut checks = demands::field_checks(section, kind.fields(), tables, problems);
    checks.extend(demands::narrower(section, field, tables, problems));
    checks
}

/// How a field is spelled; `declared` tells whether the section is the field's own.
fn how(section: Section<'_>, declared: bool, field: &Field, wire: &Wire, problems: &mut Vec<Problem>) -> How {
    let own = declared.then_some(section);
    let said = own
        .filter(|_| field.field_type().is_temporal())
        .and_then(|own| own.text("format", problems))
        .and_then(|text| format(text, field.field_type(), problems));
    let zone =
        own.and_then(|own| own.text("zone", problems)).map_or(wire.zone, |text| Some(zone(text, problems)));
    let number =
        own.and_then(|own| own.flag("number", problems)).unwrap_or(field.field_type() == FieldType::Int);
    if let Some(entry) = own.and_then(|own| own.entry("format")).filter(|_| !field.field_type().is_temporal())
    {
        problems.push(entry.error(format!("类型 {} 没有 format", field.field_type().word()), None));
    }
    match field.field_type() {
        FieldType::Id if field.name() == "id" => How::Own,
        FieldType::Id => How::Reference,
        FieldType::DateTime => {
            let format = said.unwrap_or_else(|| wire.datetime.clone());
            if !format.has_offset() && zone.is_none() {
                let message = format!("字段 {} 的时间没有时区", field.name());
                problems.push(section.file.error(
                    section.at,
                    message,
                    Some("在 destination.toml 的 [wire] 里写 zone".to_owned()),
                ));
            }
            How::Moment(format, zone)
        }
        FieldType::Date => How::Date(said.unwrap_or_else(|| wire.date.clone())),
        FieldType::Time => How::Time(said.unwrap_or_else(|| wire.time.clone())),
        _ if number => How::Number,
        _ => How::Text,
    }
}
