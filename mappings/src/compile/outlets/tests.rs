//! Outlets as their files write them.

use crate::{
    Rulebook,
    tests::{compiled, file, small},
};

const WIRE: &str = "title = \"任意\"\n[connect]\ntype = \"rest\"\n[wire]\nzone = \"Asia/Shanghai\"\n";

fn told(destination: &str, outlet: &str) -> Vec<String> {
    let mut files = small();
    files.push(file("destinations/far/destination.toml", destination));
    files.push(file("destinations/far/note.toml", outlet));
    let problems = Rulebook::compile(&files).1;
    problems
        .into_iter()
        .map(|problem| format!("{}:{} {}", problem.line, problem.column, problem.message))
        .collect()
}

#[test]
fn an_outlet_needs_a_kind_and_a_path() {
    assert_eq!(told(WIRE, "kind = \"note\"\npath = \"p\"\n"), Vec::<String>::new());
    assert_eq!(told(WIRE, "kind = \"note\"\n"), ["1:1 缺少 path"]);
    assert_eq!(told(WIRE, "path = \"p\"\n"), ["1:1 缺少 kind"]);
    assert_eq!(told(WIRE, "kind = \"nots\"\npath = \"p\"\n"), ["1:8 没有种类 nots"]);
    assert_eq!(told(WIRE, "kind = \"note\"\npath = \"p\"\nomits = []\n"), ["3:1 不认识的键 omits"]);
}

#[test]
fn wire_has_its_own_keys_and_others_are_left_alone() {
    assert_eq!(
        told(&format!("{WIRE}datetme = \"%Y\"\n"), "kind = \"note\"\npath = \"p\"\n"),
        ["6:1 不认识的键 datetme"]
    );
    assert_eq!(
        told(&format!("{WIRE}datetime = \"%q\"\n"), "kind = \"note\"\npath = \"p\"\n"),
        ["6:12 时间格式里不认识 %q"]
    );
}

#[test]
fn without_a_word_a_receiver_gets_readable_times() {
    let mut files = small();
    files.push(file("destinations/far/destination.toml", WIRE));
    files.push(file("destinations/far/note.toml", "kind = \"note\"\npath = \"p\"\n"));
    let book = compiled(&files);
    let content = crate::Content::from_json(
        r#"{"at":"2024-06-06T08:00:00+08:00","day":"2024-06-06","hour":"08:00:00"}"#,
    )
    .unwrap();
    let key = crate::Key { kind: "note".into(), id_space: "registered".into(), id: "1".into() };
    let json = book.outlet("far", "note").unwrap().encode(&key, &content, &[]).unwrap();
    assert_eq!(json, r#"{"id":"1","at":"2024-06-06 08:00:00","day":"2024-06-06","hour":"08:00:00"}"#);
}

#[test]
fn a_destination_leaves_fields_out_of_all_its_outlets() {
    let note = "kind = \"note\"\npath = \"p\"\n";
    assert_eq!(told(&format!("{WIRE}omit = [\"test\", \"touchedBy\"]\n"), note), Vec::<String>::new());
    assert_eq!(told(&format!("{WIRE}omit = [\"tset\"]\n"), note), ["6:9 omit 里没有可省略的字段 tset"]);
    assert_eq!(told(&format!("{WIRE}omit = [\"id\"]\n"), note), ["6:9 omit 里没有可省略的字段 id"]);
    let mut files = small();
    files.push(file("destinations/far/destination.toml", &format!("{WIRE}omit = [\"day\"]\n")));
    files.push(file("destinations/far/note.toml", note));
    let content = crate::Content::from_json(r#"{"day":"2024-06-06","hour":"08:00:00"}"#).unwrap();
    let key = crate::Key { kind: "note".into(), id_space: "registered".into(), id: "1".into() };
    let json = compiled(&files).outlet("far", "note").unwrap().encode(&key, &content, &[]).unwrap();
    assert_eq!(json, r#"{"id":"1","hour":"08:00:00"}"#);
}

#[test]
fn a_limit_is_counted_as_its_receiver_counts() {
    let note = "kind = \"note\"\npath = \"p\"\n[fields]\nname = { max = 4 }\n";
    let refused = |wire: &str| {
        let mut files = small();
        files.push(file("destinations/far/destination.toml", &format!("{WIRE}{wire}")));
        files.push(file("destinations/far/note.toml", note));
        let content = crate::Content::from_json(r#"{"name":"隐患X"}"#).unwrap();
        let key = crate::Key { kind: "note".into(), id_space: "registered".into(), id: "1".into() };
        let told = compiled(&files).outlet("far", "note").unwrap().encode(&key, &content, &[]);
        told.err().map(|issues| issues[0].message.clone())
    };
    assert_eq!(refused(""), None);
    assert_eq!(refused("length = \"utf16\"\n"), None);
    assert_eq!(refused("length = \"double\"\n").as_deref(), Some("名称超过 4 个字符（汉字算两个）"));
    assert_eq!(refused("length = \"bytes\"\n").as_deref(), Some("名称超过 4 字节（UTF-8）"));
    assert_eq!(
        told(&format!("{WIRE}length = \"gbk\"\n"), note),
        ["6:10 length 应当是 chars、utf16、double、bytes 之一"]
    );
}

#[test]
fn one_outlet_a_kind() {
    let mut files = small();
    files.push(file("destinations/far/destination.toml", WIRE));
    for name in ["a", "b"] {
        files.push(file(&format!("destinations/far/{name}.toml"), "kind = \"note\"\npath = \"p\"\n"));
    }
    let problems = Rulebook::compile(&files).1;
    assert_eq!(problems.len(), 1);
    assert_eq!(
        (problems[0].file.as_str(), problems[0].message.as_str()),
        ("destinations/far/b.toml", "far 已有另一个 note 的出口")
    );
}

#[test]
fn a_field_of_its_own_zone_and_checks() {
    let outlet = "kind = \"note\"\npath = \"p\"\n[fields]\nat = { zone = \"UTC\", required = true }\nlevel = { table = \"yes-no\" }\nname = 5\n";
    assert_eq!(told(WIRE, outlet), ["6:1 字段 name 应当写作 { to = … }"]);
}
