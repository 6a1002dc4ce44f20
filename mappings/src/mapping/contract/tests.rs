//! What becomes of a bad value under each contract.

use chrono::{DateTime, Utc};
use proptest::prelude::*;

use crate::{
    Form, Level, Mapped, Outcome, RuleFile, Trace,
    tests::{compiled, file, record, small, source},
};

const HEAD: &str = "kind = \"note\"\nid_space = \"src:park\"\nselect = { service = \"notes\" }\n";

fn rules(head: &str, fields: &str) -> Vec<RuleFile> {
    let mut files = small();
    files.push(source("park", &["notes"]));
    files.push(file(
        "profiles/strict.toml",
        "profile = \"strict\"\n[note.fields]\nday = { required = true }\nhour = { required_if = \"count > 5\" }\n\
         [[note.rule]]\ncode = \"dear\"\ncheck = \"cost < count\"\nmessage = \"太贵\"\n",
    ));
    let fields = format!("[fields]\nid = \"ID\"\nname = \"NAME\"\n{fields}");
    files.push(file("sources/park/note.toml", &format!("{HEAD}{head}{fields}")));
    files
}

fn traced(head: &str, fields: &str, values: &[(&str, &str)]) -> (Mapped, Vec<Trace>) {
    let book = compiled(&rules(head, fields));
    let record: Vec<(&str, &str, Form)> =
        values.iter().map(|(path, text)| (*path, *text, Form::Text)).collect();
    book.mapping("park", "notes").unwrap().trace(&record_of(&record), DateTime::<Utc>::MAX_UTC)
}

fn record_of(fields: &[(&str, &str, Form)]) -> Vec<(String, String, Form)> {
    record(&[&[("ID", "1", Form::Text), ("NAME", "便条", Form::Text)], fields].concat())
}

fn mapped(head: &str, fields: &str, values: &[(&str, &str)]) -> Mapped {
    traced(head, fields, values).0
}

fn told(mapped: &Mapped) -> Vec<(&str, &str, Level)> {
    mapped.issues.iter().map(|issue| (issue.code.as_str(), issue.field.as_str(), issue.level)).collect()
}

fn value(mapped: &Mapped, field: &str) -> Option<String> {
    mapped.contribution.as_ref()?.content.get(field).map(str::to_owned)
}

#[test]
fn strict_is_as_the_rules_say_and_need_not_be_written() {
    let wrong = [("AT", "soon")];
    for head in ["", "contract = \"strict\"\n"] {
        let mapped = mapped(head, "at = \"AT\"\n", &wrong);
        assert_eq!(
            (mapped.outcome, told(&mapped)),
            (Outcome::Reject, vec![("bad-datetime", "at", Level::Reject)])
        );
    }
    let own = mapped("contract = \"warn\"\n", "at = { from = \"AT\", contract = \"strict\" }\n", &wrong);
    assert_eq!(own.outcome, Outcome::Reject);
}

#[test]
fn hold_holds_what_would_be_rejected_and_names_why() {
    let mapped = mapped("", "at = { from = \"AT\", contract = \"hold\" }\n", &[("AT", "soon")]);
    assert_eq!(mapped.outcome, Outcome::Hold);
    assert_eq!(told(&mapped), [("bad-datetime", "at", Level::Hold), ("contract", "at", Level::Hold)]);
    assert_eq!((mapped.issues[1].value.as_str(), mapped.contribution.is_none()), ("bad-datetime", true));
    assert!(mapped.issues[1].message.starts_with("时刻不合格"), "{}", mapped.issues[1].message);
}

#[test]
fn two_faults_of_one_field_are_held_with_one_word() {
    let fields = "day = \"DAY\"\ncount = { from = \"COUNT\", contract = \"hold\" }\n";
    let head = "profile = \"strict\"\ncontract = \"hold\"\n";
    let mapped = mapped(head, &format!("{fields}cost = \"COST\"\n"), &[("COUNT", "100"), ("COST", "200")]);
    let contracts: Vec<&str> =
        told(&mapped).iter().filter(|(code, ..)| *code == "contract").map(|(_, field, _)| *field).collect();
    // count is out of range and cost is not less than it; day is missing, and so is hour, as count > 5
    assert_eq!(contracts, ["count", "day", "hour", "cost"]);
}

#[test]
fn what_is_held_already_stays_as_it_is_under_hold() {
    let mapped = mapped("", "level = { from = \"LEVEL\", contract = \"hold\" }\n", &[("LEVEL", "9")]);
    assert_eq!(told(&mapped), [("unknown-code", "level", Level::Hold)]);
}

#[test]
fn warn_leaves_the_value_out_and_takes_the_record() {
    let fields = "at = { from = \"AT\", contract = \"warn\" }\nlevel = { from = \"LEVEL\", contract = \"warn\" }\n\
                  count = { from = \"COUNT\", contract = \"warn\" }\n";
    let (mapped, traces) = traced("", fields, &[("AT", "soon"), ("LEVEL", "9"), ("COUNT", "100")]);
    assert_eq!(mapped.outcome, Outcome::Good);
    let wanted = [
        ("unknown-code", "level", Level::Warn),
        ("bad-datetime", "at", Level::Warn),
        ("out-of-range", "count", Level::Warn),
    ];
    assert_eq!(told(&mapped), wanted);
    assert!(mapped.issues.iter().all(|issue| issue.advice.contains("没有采用")));
    assert_eq!(
        ["at", "level", "count", "name"].map(|field| value(&mapped, field)),
        [None, None, None, Some("便条".to_owned())]
    );
    let at = traces.iter().find(|trace| trace.field == "at").unwrap();
    assert_eq!((at.raw.as_deref(), at.value.as_deref()), (Some("soon"), None), "explain says what was sent");
}

#[test]
fn what_only_warns_is_taken_as_before() {
    let fields = "at = \"AT\"\nday = { from = \"DAY\", contract = \"warn\" }\n";
    let mapped = mapped("", fields, &[("AT", "2024-06-06 08:00:00"), ("DAY", "2024-06-05")]);
    assert_eq!(told(&mapped), [("day-before-at", "day", Level::Warn)]);
    assert_eq!(value(&mapped, "day").as_deref(), Some("2024-06-05"), "the rule says that it may stay");
    assert!(!mapped.issues[0].advice.contains("没有采用"));
}

#[test]
fn a_required_field_that_is_missing_is_held_or_noted() {
    let of = |contract: &str| {
        let fields = format!("day = {{ from = \"DAY\", contract = \"{contract}\" }}\n");
        mapped("profile = \"strict\"\n", &fields, &[])
    };
    assert_eq!(told(&of("strict")), [("required", "day", Level::Reject)]);
    assert_eq!(told(&of("hold")), [("required", "day", Level::Hold), ("contract", "day", Level::Hold)]);
    assert_eq!(
        (told(&of("warn")), of("warn").outcome),
        (vec![("required", "day", Level::Warn)], Outcome::Good)
    );
}

#[test]
fn conditions_look_at_what_was_sent() {
    let fields = "count = { from = \"COUNT\", contract = \"warn\" }\nday = \"DAY\"\n";
    let mapped = mapped("profile = \"strict\"\n", fields, &[("COUNT", "100"), ("DAY", "2024-06-05")]);
    let wanted = [("out-of-range", "count", Level::Warn), ("required", "hour", Level::Reject)];
    assert_eq!(told(&mapped), wanted, "hour is needed where count > 5, and 100 was sent");
}

#[test]
fn a_rule_between_fields_follows_the_weakest_and_leaves_out_the_weak() {
    let run = |count: &str, cost: &str| {
        let fields = format!(
            "day = \"DAY\"\ncount = {{ from = \"COUNT\", contract = \"{count}\" }}\n\
             cost = {{ from = \"COST\", contract = \"{cost}\" }}\n"
        );
        let sent = [("DAY", "2024-06-05"), ("COUNT", "3"), ("COST", "4")];
        let mapped = mapped("profile = \"strict\"\n", &fields, &sent);
        let kept = ["count", "cost"].map(|field| value(&mapped, field).is_some());
        (mapped.outcome, kept)
    };
    assert_eq!(run("strict", "strict").0, Outcome::Reject);
    assert_eq!(run("hold", "strict").0, Outcome::Hold);
    assert_eq!(run("strict", "warn"), (Outcome::Good, [true, false]));
    assert_eq!(run("warn", "hold"), (Outcome::Good, [false, true]));
    assert_eq!(run("warn", "warn"), (Outcome::Good, [false, false]));
}

#[test]
fn a_path_written_twice_follows_the_strictest_of_its_readers() {
    let run = |first: &str, second: &str| {
        let fields = format!(
            "person = {{ from = \"P\", contract = \"{first}\" }}\ntouchedBy = {{ from = \"P\", contract = \"{second}\" }}\n"
        );
        let mapped = mapped("", &fields, &[("P", "甲"), ("P", "乙")]);
        let kept = ["person", "touchedBy"].map(|field| value(&mapped, field).is_some());
        (mapped.outcome, kept)
    };
    assert_eq!(run("warn", "strict").0, Outcome::Reject);
    assert_eq!(run("hold", "warn").0, Outcome::Hold);
    assert_eq!(run("warn", "warn"), (Outcome::Good, [false, false]));
}

#[test]
fn a_record_without_its_id_is_rejected_whatever_the_mapping_says() {
    for contract in ["hold", "warn"] {
        let book = compiled(&rules(&format!("contract = \"{contract}\"\n"), "at = \"AT\"\n"));
        let mapping = book.mapping("park", "notes").unwrap();
        let record = record(&[("NAME", "便条", Form::Text)]);
        let mapped = mapping.map(&record, DateTime::<Utc>::MAX_UTC);
        assert_eq!((mapped.outcome, mapped.key.is_none()), (Outcome::Reject, true));
        assert!(mapping.key(&record).is_err());
    }
}

#[test]
fn the_digest_of_what_was_left_out_is_that_of_what_was_never_sent() {
    let fields = "at = { from = \"AT\", contract = \"warn\" }\n";
    let with = mapped("", fields, &[("AT", "soon")]).contribution.unwrap().content;
    assert_eq!(with.to_json(), mapped("", fields, &[]).contribution.unwrap().content.to_json());
}

proptest! {
    #[test]
    fn a_weaker_contract_never_comes_to_a_graver_verdict(at in "\\PC{0,8}", count in "\\PC{0,4}", level in "\\PC{0,2}") {
        let sent = [("AT", at.as_str()), ("COUNT", count.as_str()), ("LEVEL", level.as_str())];
        let fields = "at = \"AT\"\ncount = \"COUNT\"\nlevel = \"LEVEL\"\n";
        let of = |contract: &str| mapped(&format!("contract = \"{contract}\"\n"), fields, &sent);
        let [strict, hold, warn] = ["strict", "hold", "warn"].map(of);
        let faults = |mapped: &Mapped| mapped.issues.iter().filter(|issue| issue.code != "contract").count();
        prop_assert_eq!(faults(&strict), faults(&hold));
        prop_assert_eq!(faults(&strict), faults(&warn));
        prop_assert!(hold.outcome != Outcome::Reject);
        prop_assert_eq!(warn.outcome, Outcome::Good);
        prop_assert_eq!(strict.outcome == Outcome::Good, hold.outcome == Outcome::Good);
    }
}
