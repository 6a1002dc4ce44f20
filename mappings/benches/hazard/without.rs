//! The shipped rules without one group of checks, so that what the group costs is a difference. Leaves the rest of every
//! file as it is, but for the examples.

use mappings::RuleFile;
use toml::{Table, Value};

/// Groups of checks, each with the attributes of a field that make it.
pub(super) const GROUPS: [(&str, &[&str]); 5] = [
    ("required", &["required", "required_if"]),
    ("lengths, ranges", &["max", "range"]),
    ("patterns, prefixes, notations", &["pattern", "prefix_in", "notation"]),
    ("code tables", &["table", "spellings"]),
    ("rules between fields", &[]),
];

/// The files without these groups.
pub(super) fn without(files: &[RuleFile], groups: &[&str]) -> Vec<RuleFile> {
    let left = |file: &RuleFile| {
        let Ok(mut table) = file.text.parse::<Table>() else { return file.clone() };
        strip(&mut table, groups);
        RuleFile { path: file.path.clone(), text: table.to_string() }
    };
    files.iter().map(left).collect()
}

fn strip(table: &mut Table, groups: &[&str]) {
    table.remove("example");
    if groups.contains(&"rules between fields") {
        table.remove("rule");
    }
    for (name, value) in table.iter_mut() {
        match value {
            Value::Table(fields) if name == "fields" => {
                fields.iter_mut().for_each(|(_, field)| ease(field, groups));
            }
            Value::Table(inner) => strip(inner, groups),
            _ => {}
        }
    }
}

fn ease(field: &mut Value, groups: &[&str]) {
    let Value::Table(field) = field else { return };
    for (_, attributes) in GROUPS.iter().filter(|(name, _)| groups.contains(name)) {
        for attribute in *attributes {
            field.remove(*attribute);
        }
    }
    if groups.contains(&"code tables") && field.get("type").and_then(Value::as_str) == Some("code") {
        field.insert("type".to_owned(), "text".into());
        field.remove("facet");
    }
}
