//! One record through one mapping: every step, every issue, the digests.

use chrono::{DateTime, Utc};
use proptest::prelude::*;

use crate::{
    Form, Issue, Level, Mapping, Outcome, RuleFile, Rulebook,
    tests::{compiled, file, record, small, source, texts},
};

const MAPPING: &str = r#"
kind = "note"
id_space = "src:park"
select = { service = "notes" }
[fields]
id = "ID"
folderId = { from = "FOLDER", id_space = "uuid" }
name = "NAME"
person = "PERSON"
level = { from = "LEVEL", table = "park-level" }
count = { from = "COUNT", default = 3 }
cost = "COST"
at = { from = "AT", formats = ["%Y-%m-%d %H:%M:%S", "%Y%m%d%H%M%S"] }
day = "DAY"
hour = "HOUR"
photo = "PHOTO"
company = { const = "410900017" }
test = "TEST"
touched = "TOUCHED"
touchedBy = "TOUCHED_BY"
"#;

const FOLDER: &str = "c4ba424edce85a0f9c3743961f28ab71";

fn rules(mapping: &str) -> Vec<RuleFile> {
    let mut files = small();
    files.push(source("park", &["notes"]));
    files.push(file("sources/park/note.toml", mapping));
    files
}

fn book() -> Rulebook {
    compiled(&rules(MAPPING))
}

fn mapping(book: &Rulebook) -> &Mapping {
    book.mapping("park", "notes").unwrap()
}

fn now() -> DateTime<Utc> {
    "2024-06-10T00:00:00Z".parse().unwrap()
}

fn issues(fields: &[(&str, &str, Form)]) -> Vec<(String, Level, String, String, String)> {
    let book = book();
    let mapped = mapping(&book).map(&record(fields), now());
    mapped
        .issues
        .into_iter()
        .map(|issue| (issue.code, issue.level, issue.field, issue.value, issue.place))
        .collect()
}

fn one(
    code: &str,
    level: Level,
    field: &str,
    value: &str,
    place: &str,
) -> (String, Level, String, String, String) {
    (code.into(), level, field.into(), value.into(), place.into())
}

#[test]
fn every_type_comes_out_in_canonical_form() {
    let book = book();
    let folder = FOLDER.to_uppercase();
    let mapped = mapping(&book).map(
        &record(&[
            ("ID", " 17 ", Form::Text),
            ("FOLDER", &folder, Form::Text),
            ("NAME", "\u{3000}便条 ", Form::Text),
            ("LEVEL", "重大隐患", Form::Text),
            ("COUNT", "007", Form::Text),
            ("COST", "1.50", Form::Number),
            ("AT", "20240606080000", Form::Text),
            ("DAY", "2024-06-06", Form::Text),
            ("HOUR", "8:00:00", Form::Text),
            ("PHOTO", " R0lGODlh ", Form::Text),
            ("TEST", "1", Form::Number),
            ("TOUCHED", "2024-06-07 09:00:00", Form::Text),
            ("UNKNOWN", "ignored", Form::Nested),
        ]),
        now(),
    );
    assert_eq!(mapped.issues, []);
    assert_eq!(mapped.outcome, Outcome::Good);
    assert_eq!(mapped.key.unwrap().to_string(), "note/src:park/17");
    let contribution = mapped.contribution.unwrap();
    assert_eq!(
        contribution.content.to_json(),
        format!(
            r#"{{"at":"2024-06-06T08:00:00+08:00","company":"410900017","cost":"1.5","count":"7","day":"2024-06-06","folderId":"{FOLDER}","hour":"08:00:00","id":"17","level":"1","name":"便条","photo":"blob:610f5ae4d76e332636a17bd357fd6ce99029316a99d320280d4d77a746bf29e8","test":"1","touched":"2024-06-07T09:00:00+08:00"}}"#
        )
    );
    assert_eq!(contribution.parents[0].key().to_string(), format!("folder/uuid/{FOLDER}"));
    assert_eq!(contribution.owner.as_deref(), Some("chem:410900017"));
    assert!(contribution.test);
    assert_eq!(contribution.as_of, Some("2024-06-07T01:00:00Z".parse().unwrap()));
    assert_eq!(contribution.source, "park");
}

#[test]
fn a_mapping_tells_what_it_reads_in_order_and_what_of_it_is_personal() {
    let book = book();
    let paths: Vec<(&str, Option<&str>)> = mapping(&book).paths().collect();
    assert_eq!(&paths[..4], [("ID", None), ("FOLDER", None), ("NAME", None), ("PERSON", Some("name"))]);
    assert_eq!(paths.last(), Some(&("TOUCHED_BY", Some("name"))));
    assert_eq!(paths.len(), 14, "constants read nothing: {paths:?}");
    let made = |path| mapping(&book).made_of(path).map(crate::Field::label).collect::<Vec<_>>();
    assert_eq!((made("NAME"), made("NOTHING")), (vec!["名称"], vec![]));
    let digest = MAPPING.replace("id = \"ID\"", "id = { digest = [\"NO\", \"NAME\"] }");
    let book = compiled(&rules(&digest));
    let paths: Vec<(&str, Option<&str>)> = mapping(&book).paths().take(2).collect();
    assert_eq!(
        paths,
        [("NO", Some("other")), ("NAME", None)],
        "a text that is a field too is what that field is"
    );
}

#[test]
fn all_issues_of_a_record_are_told_not_the_first() {
    let found = issues(&[
        ("FOLDER", "17", Form::Number),
        ("NAME", "一二三四五六七八九十壹", Form::Text),
        ("PERSON", "[\"a\"]", Form::Nested),
        ("LEVEL", "特大隐患", Form::Text),
        ("COUNT", "100", Form::Number),
        ("COST", "1万", Form::Text),
        ("AT", "20240631250000", Form::Text),
        ("DAY", "2024-02-30", Form::Text),
        ("HOUR", "25:00", Form::Text),
        ("TEST", "是", Form::Text),
    ]);
    assert_eq!(
        found,
        [
            one("bad-id", Level::Reject, "folderId", "17", "FOLDER"),
            one("wrong-type", Level::Reject, "person", "[****", "PERSON"),
            one("unknown-code", Level::Hold, "level", "特大隐患", "LEVEL"),
            one("bad-number", Level::Reject, "cost", "1万", "COST"),
            one("bad-datetime", Level::Reject, "at", "20240631250000", "AT"),
            one("bad-date", Level::Reject, "day", "2024-02-30", "DAY"),
            one("bad-time", Level::Reject, "hour", "25:00", "HOUR"),
            one("unknown-code", Level::Hold, "test", "是", "TEST"),
            one("required", Level::Reject, "id", "", "ID"),
            one("too-long", Level::Reject, "name", "一二三四五六七八九十壹", "NAME"),
            one("out-of-range", Level::Reject, "count", "100", "COUNT"),
        ]
    );
}

#[test]
fn the_gravest_issue_is_the_outcome_and_a_held_record_keeps_its_key() {
    let book = book();
    let mapped = mapping(&book).map(&texts(&[("ID", "1"), ("NAME", "x"), ("LEVEL", "特大隐患")]), now());
    assert_eq!(mapped.outcome, Outcome::Hold);
    assert_eq!(mapped.contribution, None);
    assert_eq!(mapped.key.unwrap().id, "1");
    let mapped = mapping(&book).map(&texts(&[("ID", "1"), ("LEVEL", "特大隐患")]), now());
    assert_eq!(mapped.outcome, Outcome::Reject);
    assert_eq!(mapped.issues.len(), 2);
}

#[test]
fn an_issue_says_what_is_wrong_and_what_to_do_and_masks_persons() {
    let book = book();
    let long = "张".repeat(4001);
    let mapped = mapping(&book).map(&texts(&[("ID", "1"), ("NAME", "x"), ("PERSON", &long)]), now());
    let [issue]: [Issue; 1] = mapped.issues.try_into().unwrap();
    assert_eq!(issue.value, "张********************");
    assert_eq!((issue.message.as_str(), issue.advice.as_str()), ("姓名超过 4000 个字符", "请缩短"));
    let mapped = mapping(&book).map(&texts(&[("ID", "1"), ("NAME", "x"), ("LEVEL", "特大")]), now());
    assert_eq!(mapped.issues[0].message, "等级的值不在代码表 park-level 里");
    assert_eq!(
        mapped.issues[0].advice,
        "在 tables/park-level.csv 里补一行，写明它是哪个代码（0 一般、1 重大）"
    );
}

#[test]
fn a_warning_does_not_hinder() {
    let book = book();
    let fields = texts(&[("ID", "1"), ("NAME", "x"), ("DAY", "2024-06-05"), ("AT", "20240606000000")]);
    let mapped = mapping(&book).map(&fields, now());
    assert_eq!(mapped.outcome, Outcome::Good);
    assert!(mapped.contribution.is_some());
    let issue = &mapped.issues[0];
    assert_eq!(
        (issue.code.as_str(), issue.field.as_str(), issue.place.as_str()),
        ("day-before-at", "day", "DAY,AT")
    );
    assert_eq!(issue.value, "2024-06-05, 20240606000000");
}

#[test]
fn absent_in_every_way_is_absent_and_takes_the_default() {
    for (text, form) in [("", Form::Text), ("  ", Form::Text), ("", Form::Null), ("[]", Form::Nested)] {
        let book = book();
        let mapped = mapping(&book).map(
            &record(&[("ID", "1", Form::Text), ("NAME", "x", Form::Text), ("COUNT", text, form)]),
            now(),
        );
        assert_eq!(mapped.contribution.unwrap().content.get("count"), Some("3"), "{text:?} {form:?}");
    }
}

#[test]
fn a_path_written_twice_is_refused_only_if_the_values_differ() {
    let twice = |a: &str, b: &str| {
        issues(&[("ID", "1", Form::Text), ("NAME", a, Form::Text), ("NAME", b, Form::Text)])
    };
    assert_eq!(twice("x", "x"), []);
    assert_eq!(twice("x", "y"), [one("repeated-field", Level::Reject, "name", "x / y", "NAME")]);
    assert_eq!(
        issues(&[
            ("ID", "1", Form::Text),
            ("NAME", "x", Form::Text),
            ("ELSE", "a", Form::Text),
            ("ELSE", "b", Form::Text)
        ]),
        []
    );
}

#[test]
fn a_text_no_store_takes_is_refused() {
    let found = issues(&[("ID", "1", Form::Text), ("NAME", "a\0b", Form::Text)]);
    assert_eq!(found, [one("unstorable-text", Level::Reject, "name", "a\0b", "NAME")]);
}

#[test]
fn a_time_after_its_arrival_does_not_say_when() {
    let book = book();
    let as_of = |touched: &str| {
        let fields = texts(&[("ID", "1"), ("NAME", "x"), ("TOUCHED", touched)]);
        mapping(&book).map(&fields, now()).contribution.unwrap().as_of
    };
    assert_eq!(as_of("20240610080000"), Some(now()));
    assert_eq!(as_of("20240610080001"), None);
    assert_eq!(as_of(""), None);
}

#[test]
fn the_key_alone_is_the_key_of_the_whole() {
    let book = book();
    let mapping = mapping(&book);
    assert_eq!(
        mapping.key(&texts(&[("ID", "17"), ("LEVEL", "特大")])).unwrap().to_string(),
        "note/src:park/17"
    );
    let codes = |fields: &[(&str, &str)]| -> Vec<String> {
        mapping.key(&texts(fields)).unwrap_err().into_iter().map(|issue| issue.code).collect()
    };
    assert_eq!(codes(&[("NAME", "x")]), ["required"]);
    assert_eq!(codes(&[("ID", "1"), ("ID", "2")]), ["repeated-field"]);
    assert_eq!(codes(&[("ID", "1\0")]), ["unstorable-text"]);
    assert_eq!(codes(&[("ID", &"9".repeat(201))]), ["too-long"]);
    assert!(mapping.key(&texts(&[("ID", "1"), ("NAME", "x"), ("NAME", "y")])).is_ok());
}

#[test]
fn rows_without_an_id_get_one_of_their_columns() {
    let digest = MAPPING.replace("id = \"ID\"", "id = { digest = [\"NAME\", \"AT\"] }");
    let book = compiled(&rules(&digest));
    let id = |fields: &[(&str, &str)]| mapping(&book).key(&texts(fields)).map(|key| key.id);
    let first = id(&[("NAME", "x"), ("AT", "1")]).unwrap();
    assert_eq!(first.len(), 32);
    assert_eq!(id(&[("AT", "1"), ("NAME", " x ")]).unwrap(), first);
    assert_ne!(id(&[("NAME", "x1"), ("AT", "")]).unwrap(), first);
    assert_ne!(id(&[("NAME", "x")]).unwrap(), first);
    assert_eq!(id(&[("NAME", ""), ("LEVEL", "x")]).unwrap_err()[0].code, "required");
}

#[test]
fn a_trace_tells_place_rule_and_value() {
    let book = book();
    let fields =
        texts(&[("ID", "1"), ("NAME", "x"), ("LEVEL", "特大"), ("AT", "20240606080000"), ("COUNT", "")]);
    let (_, traces) = mapping(&book).trace(&fields, now());
    let told = |field: &str| {
        let trace = traces.iter().find(|trace| trace.field == field).unwrap();
        (trace.raw.clone(), trace.place.as_str(), trace.rule.as_str(), trace.value.clone())
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(told("id"), (some("1"), "ID", "id src:park", some("1")));
    assert_eq!(told("level"), (some("特大"), "LEVEL", "table park-level", None));
    let rule = "datetime %Y-%m-%d %H:%M:%S | %Y%m%d%H%M%S Asia/Shanghai";
    assert_eq!(told("at"), (some("20240606080000"), "AT", rule, some("2024-06-06T08:00:00+08:00")));
    assert_eq!(told("count"), (some(""), "COUNT", "default 3", some("3")));
    assert_eq!(told("company"), (None, "", "const 410900017", some("410900017")));
    assert_eq!(told("test"), (None, "TEST", "codes yes-no", None));
    let person = traces.iter().find(|trace| trace.field == "person").unwrap();
    assert_eq!(person.personal.as_deref(), Some("name"));
}

#[test]
fn the_source_digest_sees_every_form_and_no_volatile_path() {
    let book = book();
    let mapping = mapping(&book);
    let of = |text: &str, form| mapping.source_digest(&record(&[("ID", "1", Form::Text), ("X", text, form)]));
    let four = [of("", Form::Null), of("null", Form::Text), of("1", Form::Number), of("1", Form::Text)];
    for (at, digest) in four.iter().enumerate() {
        assert!(!four[..at].contains(digest), "{at}");
    }
    let touched =
        |text: &str| mapping.source_digest(&texts(&[("ID", "1"), ("TOUCHED", text), ("TOUCHED_BY", text)]));
    assert_eq!(touched("a"), touched("b"));
    let named = |text: &str| mapping.source_digest(&texts(&[("ID", "1"), ("NAME", text)]));
    assert_ne!(named("a"), named("b"));
}

#[test]
fn a_path_that_feeds_more_than_a_volatile_field_is_seen() {
    let both = MAPPING.replace("at = { from = \"AT\"", "at = { from = \"TOUCHED\"");
    let book = compiled(&rules(&both));
    let of = |text: &str| mapping(&book).source_digest(&texts(&[("ID", "1"), ("TOUCHED", text)]));
    assert_ne!(of("a"), of("b"));
}

#[test]
fn the_hash_moves_with_everything_that_bears_on_the_result() {
    let base = *mapping(&book()).hash();
    assert_eq!(*mapping(&book()).hash(), base);
    let changed = |path: &str, from: &str, to: &str| {
        let mut files = rules(MAPPING);
        for file in files.iter_mut().filter(|file| file.path == path) {
            assert!(file.text.contains(from), "{path}");
            file.text = file.text.replace(from, to);
        }
        *mapping(&compiled(&files)).hash()
    };
    assert_ne!(changed("tables/park-level.csv", "重大隐患,1", "重大隐患,0"), base);
    assert_ne!(changed("tables/level.csv", "1,重大", "1,很大"), base);
    assert_ne!(changed("kinds/note.toml", "max = 10", "max = 11"), base);
    assert_ne!(changed("sources/park/source.toml", "Asia/Shanghai", "Asia/Tokyo"), base);
    assert_ne!(changed("sources/park/note.toml", "default = 3", "default = 4"), base);
    assert_eq!(changed("kinds/folder.toml", "label = \"夹\"", "label = \"文件夹\""), base);
}

/// What the kind does not ask for, its profile does, and answers for it.
#[test]
fn what_a_profile_demands_rests_on_the_profile() {
    let profile = "profile = \"trade\"\nlabel = \"工贸\"\nsource = \"工贸规范\"\n[note.fields]\ncost = { required = true, range = [0, 5] }\nname = { max = 5 }\n";
    let mut files = rules(&MAPPING.replacen("kind = \"note\"", "kind = \"note\"\nprofile = \"trade\"", 1));
    files.push(RuleFile { path: "profiles/trade.toml".into(), text: profile.into() });
    let note = files.iter_mut().find(|file| file.path == "kinds/note.toml").unwrap();
    note.text = note.text.replace("label = \"便条\"", "label = \"便条\"\nsource = \"便条规范\"");
    let book = compiled(&files);
    let mapping = mapping(&book);
    let told = |record: &[(&str, &str)]| -> Vec<(String, Option<String>)> {
        let issues = mapping.map(&texts(record), now()).issues;
        let clause = |issue: &Issue| mapping.clause(issue).map(str::to_owned);
        issues.iter().map(|issue| (format!("{} {}", issue.code, issue.field), clause(issue))).collect()
    };
    let rests = |code: &str, clause: &str| (code.to_owned(), Some(clause.to_owned()));
    assert!(told(&[("ID", "1"), ("NAME", "一")]).contains(&rests("required cost", "工贸规范")));
    assert!(told(&[("ID", "1"), ("COST", "7")]).contains(&rests("out-of-range cost", "工贸规范")));
    // both limit its length
    let long = told(&[("ID", "1"), ("COST", "1"), ("NAME", "一二三四五六七八九十一")]);
    assert!(long.contains(&rests("too-long name", "便条规范")), "{long:?}");
}

#[test]
fn a_mapping_tells_what_it_reads_and_what_an_issue_rests_on() {
    let mut files = rules(MAPPING);
    let note = files.iter_mut().find(|file| file.path == "kinds/note.toml").unwrap();
    note.text = note
        .text
        .replace("label = \"便条\"", "label = \"便条\"\nsource = \"便条规范\"")
        .replace(
            "name = { label = \"名称\"",
            "name = { source = \"design\", basis = \"第三条\", label = \"名称\"",
        )
        .replace("cost = { label = \"金额\"", "cost = { source = \"第五条\", label = \"金额\"")
        .replace("message = \"日期早于时刻\"", "message = \"日期早于时刻\"\nsource = \"第七条\"");
    let book = compiled(&files);
    let mapping = mapping(&book);
    assert!(
        mapping.reads("LEVEL") && mapping.reads("AT") && !mapping.reads("level") && !mapping.reads("OTHER")
    );
    assert_eq!(mapping.shape().name(), "note");

    let park = mapping.codes("level").unwrap();
    assert_eq!((park.words, park.table.name()), (Some("park-level"), "level"));
    let own = mapping.codes("test").unwrap();
    assert_eq!((own.words, own.table.name()), (None, "yes-no"));
    assert!(mapping.codes("name").is_none() && mapping.codes("nothing").is_none());

    let record = texts(&[
        ("ID", "1"),
        ("NAME", "一二三四五六七八九十一"),
        ("LEVEL", "特大"),
        ("COST", "x"),
        ("AT", "2024-06-06 08:00:00"),
        ("DAY", "2024-06-05"),
    ]);
    let clauses: Vec<(String, Option<&str>)> = mapping
        .map(&record, now())
        .issues
        .iter()
        .map(|issue| (issue.code.clone(), mapping.clause(issue)))
        .collect();
    let expected = [
        ("unknown-code", "便条规范"),
        ("bad-number", "第五条"),
        ("too-long", "第三条"),
        ("day-before-at", "第七条"),
    ];
    assert_eq!(clauses, expected.map(|(code, clause)| (code.to_owned(), Some(clause))));
}

#[test]
fn records_in_our_own_words_need_no_mapping_file() {
    let book = book();
    let plain = book.plain("note", None).unwrap();
    let record =
        texts(&[("id", "1"), ("name", "甲"), ("level", "重大"), ("count", "7"), ("at", "20240606080000")]);
    let mapped = plain.map(&record, now());
    let content = mapped.contribution.unwrap_or_else(|| panic!("{:?}", mapped.issues)).content;
    assert_eq!(
        content.to_json(),
        r#"{"at":"2024-06-06T08:00:00+08:00","count":"7","id":"1","level":"1","name":"甲"}"#
    );
    assert!(plain.profile().is_none());
    assert!(book.plain("nots", None).is_none() && book.plain("note", Some("chem")).is_none());
}

proptest! {
    #[test]
    fn any_record_is_total_and_its_parts_agree(
        values in proptest::collection::vec(("ID|FOLDER|NAME|PERSON|LEVEL|COUNT|COST|AT|DAY|HOUR|PHOTO|TEST|TOUCHED|OTHER", "\\PC{0,20}|[0-9:. -]{0,20}|重大隐患", 0u8..5), 0..20)
    ) {
        let forms = [Form::Text, Form::Number, Form::Bool, Form::Null, Form::Nested];
        let record: Vec<(String, String, Form)> =
            values.into_iter().map(|(path, text, form)| (path, text, forms[usize::from(form)])).collect();
        let book = book();
        let mapping = mapping(&book);
        let (traced, traces) = mapping.trace(&record, now());
        prop_assert_eq!(&mapping.map(&record, now()), &traced);
        prop_assert_eq!(traced.contribution.is_some(), traced.outcome == Outcome::Good);
        prop_assert_eq!(traces.len(), 15);
        if let Ok(key) = mapping.key(&record) {
            prop_assert_eq!(traced.key, Some(key));
        }
    }

    #[test]
    fn the_digest_does_not_ask_for_order(
        fields in proptest::collection::btree_map("[A-Z]{1,4}", "\\PC{0,9}", 1..12).prop_flat_map(|fields| {
            let fields: Vec<(String, String)> = fields.into_iter().collect();
            (Just(fields.clone()), Just(fields).prop_shuffle())
        })
    ) {
        let book = book();
        let of = |fields: &[(String, String)]| {
            let record: Vec<_> = fields.iter().map(|(path, text)| (path.clone(), text.clone(), Form::Text)).collect();
            mapping(&book).source_digest(&record)
        };
        prop_assert_eq!(of(&fields.0), of(&fields.1));
        let mut other = fields.0.clone();
        other[0].1.push('x');
        prop_assert_ne!(of(&fields.0), of(&other));
    }
}
