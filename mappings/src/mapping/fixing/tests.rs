//! A value is put right where it is what was seen, and nowhere else.

use proptest::prelude::*;

use crate::{
    Issue, Level, Mapped, Outcome, Rulebook, Trace,
    tests::{compiled, file, small, source, texts},
};

const AT: &str = "2026-11-26T00:00:00Z";

fn book(lines: &str) -> Rulebook {
    let mut files = small();
    files[4].text = files[4].text.replace(
        "label = \"等级\", type = \"code\", table = \"level\"",
        "label = \"等级\", type = \"code\", table = \"level\", required = true",
    );
    files.push(source("park", &["notes"]));
    let mapping = "kind = \"note\"\nid_space = \"src:park\"\nselect = { service = \"notes\" }\n[fields]\nid = \"ID\"\nname = \"N\"\nlevel = { from = \"L\", table = \"park-level\" }\ncompany = \"C\"\n";
    files.push(file("sources/park/note.toml", mapping));
    files.push(file("fixes.csv", &format!("kind,id_space,id,field,was,is,note\n{lines}")));
    compiled(&files)
}

fn traced(fixes: &str, fields: &[(&str, &str)]) -> (Mapped, Vec<Trace>) {
    let book = book(fixes);
    let record = texts(fields);
    let mapping = book.mapping("park", "notes").unwrap();
    let (mapped, traces) = mapping.trace(&record, AT.parse().unwrap());
    assert_eq!(mapping.map(&record, AT.parse().unwrap()), mapped, "told or not");
    (mapped, traces)
}

fn mapped(fixes: &str, fields: &[(&str, &str)]) -> Mapped {
    traced(fixes, fields).0
}

fn value(mapped: &Mapped, field: &str) -> Option<String> {
    mapped.contribution.as_ref()?.content.get(field).map(str::to_owned)
}

fn codes(mapped: &Mapped) -> Vec<(&str, &str, Level)> {
    mapped.issues.iter().map(|issue| (issue.code.as_str(), issue.field.as_str(), issue.level)).collect()
}

const FIX: &str = "note,src:park,1,level,特大,1,2026-11-26 张三 电话核实\n";

fn note<'a>(id: &'a str, level: &'a str) -> [(&'a str, &'a str); 3] {
    [("ID", id), ("N", "甲"), ("L", level)]
}

#[test]
fn a_word_that_could_not_be_read_is_put_right_and_no_more_held() {
    let without = mapped("", &note("1", "特大"));
    assert_eq!(codes(&without), [("unknown-code", "level", Level::Hold)]);
    let fixed = mapped(FIX, &note("1", " 特大 "));
    assert_eq!(codes(&fixed), [("fixed", "level", Level::Warn)]);
    assert_eq!((fixed.outcome, value(&fixed, "level").as_deref()), (Outcome::Good, Some("1")));
    let Issue { message, value, place, .. } = &fixed.issues[0];
    assert_eq!(message, "等级由联网从 特大 订正为 1：2026-11-26 张三 电话核实");
    assert_eq!((value.as_str(), place.as_str()), ("特大", "L"));
    for other in [mapped(FIX, &note("2", "特大")), mapped(FIX, &note("1", "大"))] {
        assert!(codes(&other).contains(&("unknown-code", "level", Level::Hold)), "{other:?}");
    }
}

#[test]
fn a_canonical_value_is_put_right_whatever_word_it_came_from() {
    let fix = "note,src:park,1,level,0,1,x\n";
    let fixed = mapped(fix, &note("1", "一般隐患"));
    assert_eq!((value(&fixed, "level").as_deref(), codes(&fixed)[0].0), (Some("1"), "fixed"));
    let right = mapped(fix, &note("1", "重大隐患"));
    assert_eq!((value(&right, "level").as_deref(), right.issues), (Some("1"), vec![]));
}

#[test]
fn what_is_missing_is_filled_before_it_is_demanded() {
    let fix = "note,src:park,1,level,,0,x\nnote,src:park,1,test,,1,试\n";
    let record = [("ID", "1"), ("N", "甲")];
    assert_eq!(mapped("", &record).outcome, Outcome::Reject);
    let (fixed, traces) = traced(fix, &record);
    assert_eq!((fixed.outcome, value(&fixed, "level").as_deref()), (Outcome::Good, Some("0")));
    assert!(fixed.contribution.as_ref().unwrap().test, "also of a field that nothing feeds");
    let names: Vec<&str> = traces.iter().map(|trace| trace.field.as_str()).collect();
    assert_eq!(names, ["id", "name", "level", "company", "test"]);
    let test = traces.iter().find(|trace| trace.field == "test").unwrap();
    assert_eq!((test.rule.as_str(), test.value.as_deref()), ("fix ∅ → 1 试", Some("1")));
}

#[test]
fn what_the_sender_changed_since_is_left_and_told() {
    let fix = "note,src:park,1,company,410900001,410900002,对照错了\n";
    let of = |company| [("ID", "1"), ("N", "甲"), ("L", "一般隐患"), ("C", company)];
    let fixed = mapped(fix, &of("410900001"));
    assert_eq!(fixed.contribution.as_ref().unwrap().owner.as_deref(), Some("chem:410900002"));
    let outlived = mapped(fix, &of("410900009"));
    assert_eq!(codes(&outlived), [("fix-outlived", "company", Level::Warn)]);
    assert_eq!(value(&outlived, "company").as_deref(), Some("410900009"));
    let Issue { message, advice, .. } = &outlived.issues[0];
    assert!(message.contains("现在是 410900009，订正说的是从 410900001 到 410900002"), "{message}");
    assert!(advice.contains("lianwang fix undo note src:park/1 company --why"), "{advice}");
    let gone = mapped(fix, &note("1", "一般隐患"));
    assert!(gone.issues[0].message.contains("现在是 （空）"), "{gone:?}");
    assert_eq!(mapped(fix, &of("410900002")).issues, []);
}

#[test]
fn explain_shows_the_fix_after_the_rule() {
    let (_, traces) = traced(FIX, &note("1", "特大"));
    let level = traces.iter().find(|trace| trace.field == "level").unwrap();
    assert_eq!(level.rule, "table park-level; fix 特大 → 1 2026-11-26 张三 电话核实");
    assert_eq!((level.raw.as_deref(), level.value.as_deref()), (Some("特大"), Some("1")));
}

#[test]
fn a_fix_is_of_the_key_that_an_alias_makes() {
    let mut files = small();
    files[4].text = files[4].text.replacen(
        "[[rule]]",
        "gone = { label = \"删\", type = \"code\", table = \"yes-no\", gone = \"1\" }\n[[rule]]",
        1,
    );
    files.push(source("park", &["notes"]));
    files.push(file("sources/park/note.toml", "kind = \"note\"\nid_space = \"src:park\"\nselect = { service = \"notes\" }\n[fields]\nid = \"ID\"\nname = \"N\"\nlevel = { from = \"L\", table = \"park-level\" }\n"));
    files.push(file("fixes.csv", "kind,id_space,id,field,was,is,note\nnote,src:b,9,level,特大,1,x\n"));
    files.push(file("aliases.csv", "kind,id_space,id,to_space,to_id,note\nnote,src:park,1,src:b,9,同一个\n"));
    let book = compiled(&files);
    let mapping = book.mapping("park", "notes").unwrap();
    let level = |id| value(&mapping.map(&texts(&note(id, "特大")), AT.parse().unwrap()), "level");
    assert_eq!((level("1").as_deref(), level("9")), (Some("1"), None));
}

/// A value said twice differently stays wrong: nobody knows which of them was seen.
#[test]
fn other_issues_of_the_field_stay() {
    let record = [("ID", "1"), ("N", "甲"), ("L", "大"), ("L", "特大")];
    let fixed = mapped(FIX, &record);
    assert!(codes(&fixed).iter().any(|(code, ..)| *code == "repeated-field"), "{fixed:?}");
    assert_eq!(fixed.outcome, Outcome::Reject);
}

proptest! {
    /// Where no fix is of the record, nothing changes; what is put right once is left alone when it is seen again.
    #[test]
    fn fixes_touch_only_their_record_and_settle(id in "[1-3]", word in "一般隐患|重大隐患|特大|大|", company in "|4109[0-9]{5}") {
        let record = [("ID", id.as_str()), ("N", "甲"), ("L", word.as_str()), ("C", company.as_str())];
        let fixes = format!("{FIX}note,src:park,1,level,,0,y\nnote,src:park,1,company,,410900001,z\n");
        let (plain, fixed) = (mapped("", &record), mapped(&fixes, &record));
        prop_assert_eq!(mapped(&fixes, &record), fixed.clone());
        if id != "1" {
            prop_assert_eq!(&fixed, &plain);
        }
        let Some(level) = value(&fixed, "level") else { return Ok(()) };
        let said = if level == "1" { "重大隐患" } else { "一般隐患" };
        let company = value(&fixed, "company").unwrap_or_default();
        let again = mapped(&fixes, &[("ID", &id), ("N", "甲"), ("L", said), ("C", &company)]);
        prop_assert_eq!(&again.contribution, &fixed.contribution);
        prop_assert!(again.issues.iter().all(|issue| issue.code != "fixed"));
    }
}
