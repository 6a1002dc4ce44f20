//! What the tests of this crate share: the shipped tree, small configurations, records.

use std::path::{Path, PathBuf};

use crate::{Form, Problem, Record, RuleFile, Rulebook, Value};

/// The shipped kinds, profiles, tables and destinations.
pub(crate) fn shipped() -> Vec<RuleFile> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["kinds", "profiles", "tables", "destinations/national"] {
        collect(&root, folder, &mut files);
    }
    files
}

fn collect(root: &Path, folder: &str, files: &mut Vec<RuleFile>) {
    for entry in std::fs::read_dir(root.join(folder)).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let path = format!("{folder}/{name}");
        files.push(RuleFile { text: std::fs::read_to_string(root.join(&path)).unwrap(), path });
    }
}

pub(crate) fn file(path: &str, text: &str) -> RuleFile {
    RuleFile { path: path.to_owned(), text: text.to_owned() }
}

/// A `source.toml` of Shanghai with these services.
pub(crate) fn source(name: &str, services: &[&str]) -> RuleFile {
    let services: Vec<String> =
        services.iter().map(|service| format!("[[services]]\nname = \"{service}\"\n")).collect();
    let services = services.concat();
    file(&format!("sources/{name}/source.toml"), &format!("zone = \"Asia/Shanghai\"\n{services}"))
}

/// A small kind `note` with one field of every type, below `folder`, and its tables.
pub(crate) fn small() -> Vec<RuleFile> {
    vec![
        file("tables/level.csv", "code,label\n0,一般\n1,重大\n"),
        file("tables/yes-no.csv", "code,label\n0,否\n1,是\n"),
        file("tables/park-level.csv", "from,code\n一般隐患,0\n重大隐患,1\n"),
        file(
            "kinds/folder.toml",
            "kind = \"folder\"\nlabel = \"夹\"\n[fields]\nid = { label = \"主键\", type = \"id\" }\n",
        ),
        file("kinds/note.toml", NOTE),
    ]
}

const NOTE: &str = r#"
kind = "note"
label = "便条"
volatile = ["touched", "touchedBy"]
as_of = "touched"
[fields]
id = { label = "主键", type = "id" }
folderId = { label = "所属夹", type = "id", parent = "folder" }
name = { label = "名称", type = "text", max = 10, required = true }
person = { label = "姓名", type = "text", personal = "name" }
level = { label = "等级", type = "code", table = "level" }
count = { label = "数量", type = "int", range = [0, 99] }
cost = { label = "金额", type = "decimal" }
at = { label = "时刻", type = "datetime" }
day = { label = "日期", type = "date" }
hour = { label = "钟点", type = "time" }
photo = { label = "照片", type = "image", personal = "image" }
company = { label = "企业", type = "text", owner = "chem" }
test = { label = "测试", type = "code", table = "yes-no", facet = "test" }
touched = { label = "更新时间", type = "datetime" }
touchedBy = { label = "更新人", type = "text", personal = "name" }
[[rule]]
code = "day-before-at"
check = "day >= at"
message = "日期早于时刻"
level = "warn"
"#;

/// A configuration that must compile without any problem.
pub(crate) fn compiled(files: &[RuleFile]) -> Rulebook {
    let (rulebook, problems) = Rulebook::compile(files);
    assert_eq!(shown(&problems), Vec::<String>::new());
    rulebook.unwrap()
}

/// Problems as they are printed.
pub(crate) fn shown(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

/// A record of texts.
pub(crate) fn texts(fields: &[(&str, &str)]) -> Vec<(String, String, Form)> {
    fields.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned(), Form::Text)).collect()
}

/// A record in any forms.
pub(crate) fn record(fields: &[(&str, &str, Form)]) -> Vec<(String, String, Form)> {
    fields.iter().map(|(path, text, form)| ((*path).to_owned(), (*text).to_owned(), *form)).collect()
}

/// Checks that an implementation other than a list works as a trait object.
struct Pair(&'static str, &'static str);

impl Record for Pair {
    fn each<'r>(&'r self, visit: &mut dyn FnMut(&'r str, Value<'r>)) {
        visit(self.0, Value { text: self.1, form: Form::Text });
    }
}

#[test]
fn any_record_can_be_read() {
    let record: &dyn Record = &Pair("a", "b");
    assert_eq!(record.get("a").map(|value| value.text), Some("b"));
}

#[test]
fn the_shipped_tree_compiles_without_a_word() {
    let files = shipped();
    let rulebook = compiled(&files);
    let kinds: Vec<&str> = rulebook.kinds().iter().map(crate::Kind::name).collect();
    let concrete = files
        .iter()
        .filter(|file| file.path.starts_with("kinds/") && !file.text.contains("\nabstract = true\n"))
        .count();
    assert_eq!(kinds.len(), concrete);
    for (parent, child) in [
        ("enterprise", "site"),
        ("enterprise", "risk_object"),
        ("risk_object", "risk_unit"),
        ("risk_unit", "risk_event"),
        ("risk_event", "control_measure"),
        ("control_measure", "check_task"),
        ("check_task", "check_record"),
        ("check_record", "hazard"),
        ("risk_unit", "unit_outage"),
    ] {
        let place = |name| kinds.iter().position(|kind| *kind == name).unwrap();
        assert!(place(parent) < place(child), "{parent} {child}");
    }
}
