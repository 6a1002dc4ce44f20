//! A kind as JSON Schema, draft 2020-12.

use serde_json::{Map, Value, json};

use super::{checks, words};
use crate::{
    condition::{Condition, Op, Operand},
    demand::{Check, FieldCheck},
    issue::Level,
    kind::{Field, Kind},
    profile::Profile,
    value::FieldType,
};

/// The schema of a record under the fields' own names.
pub(super) fn schema(kind: &Kind, profile: Option<&Profile>) -> Value {
    let mut properties = Map::new();
    let (mut required, mut sometimes) = (Vec::new(), Vec::new());
    for field in kind.fields() {
        let checks = checks(kind, profile, field);
        if checks.iter().any(|check| is_grave(check) && matches!(check.what, Check::Required)) {
            required.push(field.name());
        }
        sometimes.extend(checks.iter().filter_map(|check| when_required(kind, field, check)));
        properties.insert(field.name().to_owned(), property(field, &checks));
    }
    let industry = profile.and_then(|profile| profile.demands(kind.name()));
    let rules = kind.0.demands.rules.iter().chain(industry.into_iter().flat_map(|demands| &demands.rules));
    let rules: Vec<String> =
        rules.map(|rule| format!("{}：{}{}", rule.message, rule.written, words::level(rule.level))).collect();
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": kind.label(),
        "type": "object",
        "properties": properties,
        "required": required,
    });
    if let Some(object) = schema.as_object_mut().filter(|_| !sometimes.is_empty()) {
        put(object, "allOf", sometimes);
    }
    if let Some(object) = schema.as_object_mut().filter(|_| !rules.is_empty()) {
        object.insert("$comment".to_owned(), rules.join("\n").into());
    }
    schema
}

/// `required_if` where it asks one field for one code or several; other conditions stay words.
fn when_required(kind: &Kind, field: &Field, check: &FieldCheck) -> Option<Value> {
    let Check::RequiredIf(condition, _) = &check.what else { return None };
    let (asked, codes) = match condition {
        Condition::Compare(asked, Op::Equal, Operand::Literal(code)) => (*asked, vec![code.text.as_str()]),
        Condition::OneOf(asked, codes) => (*asked, codes.iter().map(|code| code.text.as_str()).collect()),
        _ => return None,
    };
    let asked = kind.fields().get(asked).filter(|asked| is_grave(check) && asked.table().is_some())?.name();
    Some(json!({
        "if": { "properties": { asked: { "enum": codes } }, "required": [asked] },
        "then": { "required": [field.name()] },
    }))
}

/// A field. What only warns or holds is told, not demanded: such a record is not refused.
fn property(field: &Field, checks: &[&FieldCheck]) -> Value {
    let mut property = shape(field);
    let Some(object) = property.as_object_mut() else { return property };
    object.insert("title".to_owned(), field.label().into());
    for check in checks.iter().filter(|check| is_grave(check)) {
        match &check.what {
            Check::Max(most) if field.table().is_none() => put(object, "maxLength", *most),
            Check::Min(least) => put(object, "minLength", *least),
            Check::Pattern(pattern) => put(object, "pattern", pattern.as_str()),
            Check::Range(from, to) => {
                put(object, "minimum", number(from));
                put(object, "maximum", number(to));
            }
            Check::OneOf(table) => {
                let codes: Vec<&str> = table.codes().map(|(code, _)| code).collect();
                put(object, "enum", codes);
            }
            _ => {}
        }
    }
    let said: Vec<String> = checks
        .iter()
        .filter(|check| !is_grave(check) || matches!(check.what, Check::RequiredIf(..) | Check::Formed(_)))
        .filter_map(|check| words::of(check))
        .collect();
    if !said.is_empty() {
        put(object, "description", said.join("；"));
    }
    property
}

fn shape(field: &Field) -> Value {
    match (field.field_type(), field.table()) {
        (FieldType::Code, Some(table)) => {
            let codes: Vec<Value> =
                table.codes().map(|(code, label)| json!({ "const": code, "title": label })).collect();
            json!({ "type": "string", "oneOf": codes })
        }
        (FieldType::Int, _) => json!({ "type": ["integer", "string"] }),
        (FieldType::Decimal, _) => json!({ "type": ["number", "string"] }),
        (FieldType::DateTime, _) => json!({ "type": "string", "examples": ["2024-06-06 08:00:00"] }),
        (FieldType::Date, _) => json!({ "type": "string", "examples": ["2024-06-06"] }),
        (FieldType::Time, _) => json!({ "type": "string", "examples": ["08:00:00"] }),
        (FieldType::Image, _) => json!({ "type": "string", "contentEncoding": "base64" }),
        (FieldType::Text | FieldType::Id | FieldType::Code, _) => json!({ "type": ["string", "number"] }),
    }
}

fn is_grave(check: &FieldCheck) -> bool {
    check.level == Level::Reject
}

fn put(object: &mut Map<String, Value>, key: &str, value: impl Into<Value>) {
    object.insert(key.to_owned(), value.into());
}

/// A bound as a JSON number, exact where JSON can be.
fn number(bound: &rust_decimal::Decimal) -> Value {
    let written = bound.normalize().to_string();
    serde_json::from_str(&written).unwrap_or(Value::String(written))
}
