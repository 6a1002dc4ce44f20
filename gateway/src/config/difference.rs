//! What would change from one set of files to another, field by field, pure. Comments, white space and order are no change.
//! Leaves showing it to the command line.

use std::collections::BTreeMap;

use adapters::http::connect::carries_a_secret;
use mappings::RuleFile;
use serde::Serialize;
use toml::{Table, Value};

/// One thing that would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What it belongs to: `hub`, `source`, `destination`, `kind`, `profile`, `table`, `alias` or `fix`.
    pub what: &'static str,
    /// Its name; empty for the hub.
    pub name: String,
    /// The file.
    pub file: String,
    /// The field's path in the file (`services[tanks].request.path`), a table's `from`, an alias's `kind,id_space,id`, a fix's as far
    /// as `was`; none: the whole file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// As it is; none: it is not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    /// As it would be; none: it would not be there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
}

/// Stands for a whole file in `old` or `new`.
pub const WHOLE: &str = "…";

/// A value that may be a credential written plainly.
const HIDDEN: &str = "（不显示）";

/// Every difference between two sets of files, by file and field.
#[must_use]
pub fn between(old: &[RuleFile], new: &[RuleFile]) -> Vec<Change> {
    let mut files: BTreeMap<&str, (Option<&str>, Option<&str>)> = BTreeMap::new();
    for file in old {
        files.entry(&file.path).or_default().0 = Some(&file.text);
    }
    for file in new {
        files.entry(&file.path).or_default().1 = Some(&file.text);
    }
    files.into_iter().flat_map(|(path, (old, new))| of_file(path, old, new)).collect()
}

fn of_file(path: &str, old: Option<&str>, new: Option<&str>) -> Vec<Change> {
    let (Some(was), Some(is)) = (old, new) else {
        let whole = |text: Option<&str>| text.map(|_| WHOLE.to_owned());
        return vec![change(path, None, whole(old), whole(new))];
    };
    if was == is {
        return Vec::new();
    }
    let (was, is) = (fields(path, was), fields(path, is));
    let names: std::collections::BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    let differs = names.into_iter().filter(|name| was.get(*name) != is.get(*name));
    differs
        .map(|name| {
            let shown = |fields: &BTreeMap<String, String>| fields.get(name).map(|value| shown(name, value));
            change(path, Some(name.clone()), shown(&was), shown(&is))
        })
        .collect()
}

fn change(path: &str, field: Option<String>, old: Option<String>, new: Option<String>) -> Change {
    let (what, name) = belongs(path);
    Change { what, name: name.to_owned(), file: path.to_owned(), field, old, new }
}

fn belongs(path: &str) -> (&'static str, &str) {
    let stem = |file: &str| file.rsplit_once('.').map_or(file.len(), |(stem, _)| stem.len());
    match path.split_once('/') {
        Some(("sources", rest)) => ("source", rest.split('/').next().unwrap_or(rest)),
        Some(("destinations", rest)) => ("destination", rest.split('/').next().unwrap_or(rest)),
        Some(("kinds", rest)) => ("kind", rest.get(..stem(rest)).unwrap_or(rest)),
        Some(("profiles", rest)) => ("profile", rest.get(..stem(rest)).unwrap_or(rest)),
        Some((_, rest)) => ("table", rest.get(..stem(rest)).unwrap_or(rest)),
        None if path == mappings::ALIASES => ("alias", ""),
        None if path == mappings::FIXES => ("fix", ""),
        None => ("hub", ""),
    }
}

/// A credential is a reference; what stands there plainly all the same is not repeated.
fn shown(name: &str, value: &str) -> String {
    let key = name.rsplit('.').next().unwrap_or(name);
    let is_reference = ["\"env:", "\"file:"].iter().any(|mark| value.starts_with(mark));
    if carries_a_secret(key) && !is_reference { HIDDEN.to_owned() } else { value.to_owned() }
}

/// Every value of a file by its path.
fn fields(path: &str, text: &str) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    if let Some(known_by) = known_by(path) {
        for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
            let mut cells = line.splitn(known_by + 1, ',').map(str::trim);
            let said: Vec<&str> = cells.by_ref().take(known_by).collect();
            put(&mut fields, &said.join(","), cells.next().unwrap_or_default().to_owned());
        }
    } else if path.starts_with("tables/") {
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let (key, value) = line.split_once(',').unwrap_or((line, ""));
            put(&mut fields, key.trim(), value.trim().to_owned());
        }
    } else if let Ok(table) = text.parse::<Table>() {
        flatten("", &table, &mut fields);
    } else {
        put(&mut fields, WHOLE, text.to_owned());
    }
    fields
}

/// By how many of its first cells a line is known, in a file of decisions.
fn known_by(path: &str) -> Option<usize> {
    match path {
        mappings::ALIASES => Some(3),
        mappings::FIXES => Some(5),
        _ => None,
    }
}

fn flatten(prefix: &str, table: &Table, fields: &mut BTreeMap<String, String>) {
    for (key, value) in table {
        let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        match value {
            Value::Table(inner) => flatten(&path, inner, fields),
            Value::Array(all) if !all.is_empty() && all.iter().all(Value::is_table) => {
                for (n, inner) in all.iter().filter_map(Value::as_table).enumerate() {
                    flatten(&format!("{path}[{}]", label(inner, n)), inner, fields);
                }
            }
            plain => put(fields, &path, plain.to_string()),
        }
    }
}

/// What an element of a list is known by: its name or code, else its place.
fn label(table: &Table, n: usize) -> String {
    let named = ["name", "code"].iter().find_map(|key| table.get(*key)?.as_str());
    named.map_or_else(|| (n + 1).to_string(), str::to_owned)
}

/// Two of one name stay two.
fn put(fields: &mut BTreeMap<String, String>, path: &str, value: String) {
    let mut free = path.to_owned();
    let mut n = 1;
    while fields.contains_key(&free) {
        n += 1;
        free = format!("{path}#{n}");
    }
    fields.insert(free, value);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn file(path: &str, text: &str) -> RuleFile {
        RuleFile { path: path.to_owned(), text: text.to_owned() }
    }

    /// `field: old → new`, a dash for nothing.
    fn told(path: &str, old: &str, new: &str) -> Vec<String> {
        let text = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
        let line = |change: Change| {
            format!("{}: {} → {}", change.field.unwrap(), text(change.old), text(change.new))
        };
        between(&[file(path, old)], &[file(path, new)]).into_iter().map(line).collect()
    }

    #[test]
    fn fields_of_tables_and_lists_are_named_by_path_and_name() {
        let old = "a = 1\n[[services]]\nname = 'x'\nsize = 4\n[[services]]\nname = 'y'\n[t]\nb = [1, 2]\n";
        let new =
            "a = 1\n[[services]]\nname = 'y'\n[[services]]\nname = 'x'\nsize = 5\n[t]\nb = [1]\nc = 'd'\n";
        assert_eq!(
            told("sources/p/source.toml", old, new),
            ["services[x].size: 4 → 5", "t.b: [1, 2] → [1]", "t.c: - → \"d\""]
        );
    }

    #[test]
    fn comments_order_and_white_space_are_no_change() {
        assert_eq!(told("lianwang.toml", "a = 1\nb = 2", "# why\nb=2\n\na = 1 # so\n"), Vec::<String>::new());
    }

    #[test]
    fn rows_of_a_code_table_are_its_fields() {
        let rows = told("tables/l.csv", "from,code\n一,1\n二,2\n", "from,code\n一,3\n三,2\n");
        assert_eq!(rows, ["一: 1 → 3", "三: - → 2", "二: 2 → -"]);
    }

    #[test]
    fn an_alias_is_known_by_what_is_said() {
        let head = "kind,id_space,id,to_space,to_id,note\n";
        let (old, new) = (
            format!("{head}a,uuid,1,uuid,2,x\na,uuid,3,uuid,2,\n"),
            format!("{head}# so\na,uuid,1,uuid,4,x\n"),
        );
        assert_eq!(
            told("aliases.csv", &old, &new),
            ["a,uuid,1: uuid,2,x → uuid,4,x", "a,uuid,3: uuid,2, → -"]
        );
        assert_eq!(belongs("aliases.csv"), ("alias", ""));
    }

    #[test]
    fn a_fix_is_known_by_what_it_puts_right() {
        let head = "kind,id_space,id,field,was,is,note\n";
        let (old, new) = (
            format!("{head}a,uuid,1,region,,41,x\n"),
            format!("{head}a,uuid,1,region,,42,x\na,uuid,1,region,4,42,\n"),
        );
        assert_eq!(
            told("fixes.csv", &old, &new),
            ["a,uuid,1,region,: 41,x → 42,x", "a,uuid,1,region,4: - → 42,"]
        );
        assert_eq!(belongs("fixes.csv"), ("fix", ""));
    }

    #[test]
    fn a_credential_written_plainly_is_not_repeated() {
        let (old, new) = ("[headers]\nX-Token = 'abc'\n", "[headers]\nX-Token = 'env:T'\n");
        let wanted = format!("headers.X-Token: {HIDDEN} → \"env:T\"");
        assert_eq!(told("sources/p/source.toml", old, new), [wanted]);
    }

    #[test]
    fn whole_files_come_and_go_and_belong_to_something() {
        let old = [file("kinds/a.toml", "x = 1"), file("lianwang.toml", "")];
        let new = [file("sources/p/m.toml", "x = 1"), file("lianwang.toml", "")];
        let changes = between(&old, &new);
        let said: Vec<_> = changes.iter().map(|c| (c.what, c.name.as_str(), c.old.is_some())).collect();
        assert_eq!(said, [("kind", "a", true), ("source", "p", false)]);
    }

    proptest! {
        #[test]
        fn the_same_files_never_differ_and_the_way_back_mirrors(
            one in prop::collection::btree_map("[a-d]", 0..3u8, 0..4), other in prop::collection::btree_map("[a-d]", 0..3u8, 0..4),
        ) {
            let text = |map: &BTreeMap<String, u8>| toml::to_string(map).unwrap();
            let (one, other) = ([file("lianwang.toml", &text(&one))], [file("lianwang.toml", &text(&other))]);
            prop_assert_eq!(between(&one, &one), []);
            let back: Vec<Change> = between(&other, &one).into_iter().map(|c| Change { old: c.new, new: c.old, ..c }).collect();
            prop_assert_eq!(between(&one, &other), back);
        }
    }
}
