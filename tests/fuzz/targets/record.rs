//! A record of fuzzed values under a mapping with every type, notation and format: never a panic; a trace maps as a map
//! does; what is accepted, read again in its canonical words, stays what it is and keeps its digest; the order of paths is
//! nothing to the digest of a source record; what is accepted goes out as one JSON object or with a reason.
//!
//! The input is `path form value` lines: one byte names the field, one how it was written.
#![no_main]

use std::sync::OnceLock;

use chrono::{DateTime, Utc};
use fuzz::{FOLDER, LEVEL, NOTE, WORDS, file};
use libfuzzer_sys::fuzz_target;
use mappings::{Content, Form, Input, Mapping, Outcome, Rulebook, merge, settle};

type Row = Vec<(String, String, Form)>;

const MAPPING: &str = r#"kind = "note"
id_space = "src:park"
zone = "Asia/Shanghai"
select = { service = "notes" }
[fields]
id = "a"
folderId = { from = "b", id_space = "uuid" }
name = "c"
person = "d"
level = { from = "e", table = "words" }
count = "f"
cost = "g"
at = { from = "h", formats = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%z", "epoch_ms", "%Y/%-m/%-d %H:%M", "%Y%m%d%H%M%S"] }
day = { from = "i", formats = ["%F", "%Y年%m月%d日", "epoch_s"] }
hour = { from = "j", formats = ["%T", "%-H:%M"] }
photo = "k"
uscc = "l"
card = "m"
phone = "n"
mobile = "o"
touched = { from = "p", formats = ["%Y-%m-%d", "%Y-%m-%d %H:%M:%S"], at = "00:00:00" }
"#;
const SOURCE: &str = "zone = \"Asia/Shanghai\"\n[[services]]\nname = \"notes\"\n";
const WIRE: &str = "[wire]\nuuid_form = \"hyphens\"\ndatetime = \"%Y%m%d%H%M%S\"\ndate = \"%Y%m%d\"\ntime = \"%-H:%M:%S\"\nzone = \"Asia/Shanghai\"\n";
const OUTLET: &str = "kind = \"note\"\npath = \"note\"\n[fields]\nlevel = { number = true }\ntouched = { format = \"epoch_ms\" }\n";

struct Rules {
    book: Rulebook,
    plain: Mapping,
}

fn rules() -> &'static Rules {
    static RULES: OnceLock<Rules> = OnceLock::new();
    RULES.get_or_init(|| {
        let (book, problems) = Rulebook::compile(&[
            file("destinations/d/destination.toml", WIRE),
            file("destinations/d/note.toml", OUTLET),
            file("kinds/folder.toml", FOLDER),
            file("kinds/note.toml", NOTE),
            file("sources/park/note.toml", MAPPING),
            file("sources/park/source.toml", SOURCE),
            file("tables/level.csv", LEVEL),
            file("tables/words.csv", WORDS),
        ]);
        let Some(book) = book else { panic!("{problems:?}") };
        let plain = book.plain("note", None).unwrap();
        Rules { book, plain }
    })
}

fn row(text: &str) -> Row {
    let field = |line: &str| {
        let (path, rest) = line.split_at_checked(1)?;
        let (form, value) = rest.split_at_checked(1)?;
        let form = match form {
            "n" => Form::Number,
            "b" => Form::Bool,
            "0" => Form::Null,
            "x" => Form::Nested,
            _ => Form::Text,
        };
        Some((path.to_owned(), value.to_owned(), form))
    };
    text.split('\n').filter_map(field).collect()
}

fuzz_target!(|text: &str| {
    let (rules, row) = (rules(), row(text));
    let now: DateTime<Utc> = fuzz::NOW.parse().unwrap();
    let mapping = rules.book.mapping("park", "notes").unwrap();
    let mapped = mapping.map(&row, now);
    assert_eq!(mapping.trace(&row, now).0, mapped);
    let reversed: Row = row.iter().rev().cloned().collect();
    assert_eq!(mapping.source_digest(&row), mapping.source_digest(&reversed));
    assert_eq!(mapped.contribution.is_some(), mapped.outcome == Outcome::Good);
    let Some(contribution) = mapped.contribution else { return };
    let content = contribution.content.clone();
    assert_eq!(Content::from_json(&content.to_json()).as_ref(), Some(&content));
    again(rules, &content);
    let kind = rules.book.kind("note").unwrap();
    let (key, parents) = (contribution.key.clone(), contribution.parents.clone());
    let once = merge(kind, contribution.clone()).unwrap();
    let saying = |contribution| Input { contribution, priority: 0 };
    let (twice, _) = settle(kind, vec![saying(contribution.clone()), saying(contribution)]).unwrap();
    assert_eq!(once.content_digest, twice.content_digest);
    match rules.book.outlet("d", "note").unwrap().encode(&key, &content, &parents) {
        Ok(json) => assert!(serde_json::from_str::<serde_json::Value>(&json).unwrap().is_object()),
        Err(issues) => assert!(!issues.is_empty()),
    }
});

/// The canonical texts are read as themselves.
fn again(rules: &Rules, content: &Content) {
    let row: Row =
        content.iter().map(|(name, text)| (name.to_owned(), text.to_owned(), Form::Text)).collect();
    let mapped = rules.plain.map(&row, fuzz::NOW.parse().unwrap());
    let issues = mapped.issues;
    let back = mapped.contribution.unwrap_or_else(|| panic!("{content:?} {issues:?}")).content;
    assert_eq!(back, *content);
}
