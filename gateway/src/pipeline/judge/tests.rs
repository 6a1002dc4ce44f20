//! Every verdict, and what order means for it.

use chrono::TimeDelta;
use mappings::{Content, Contribution, Key, RuleFile, Rulebook};

use super::*;

const KIND: &str = r#"
kind = "plant"
label = "装置"
volatile = ["updateDate"]
as_of = "updateDate"
[fields]
id = { label = "主键", type = "id" }
name = { label = "名称", type = "text" }
updateDate = { label = "更新时间", type = "datetime" }
"#;

pub(super) fn kind() -> Kind {
    let files = [RuleFile { path: "kinds/plant.toml".to_owned(), text: KIND.to_owned() }];
    let (rulebook, problems) = Rulebook::compile(&files);
    rulebook.unwrap_or_else(|| panic!("{problems:?}")).kind("plant").unwrap().clone()
}

pub(super) fn at(minute: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
}

pub(super) fn contribution(name: &str, as_of: Option<i64>) -> Contribution {
    Contribution {
        source: "park".to_owned(),
        key: Key { kind: "plant".to_owned(), id_space: "uuid".to_owned(), id: "1".to_owned() },
        said: String::new(),
        content: Content::from_json(&format!(r#"{{"id":"1","name":"{name}"}}"#)).unwrap(),
        parents: Vec::new(),
        owner: None,
        test: false,
        region: None,
        industry: None,
        as_of: as_of.map(at),
        images: Vec::new(),
    }
}

pub(super) fn good(name: &str, as_of: Option<i64>) -> Mapped {
    let contribution = contribution(name, as_of);
    Mapped {
        key: Some(contribution.key.clone()),
        contribution: Some(contribution),
        issues: Vec::new(),
        outcome: Outcome::Good,
    }
}

fn bad(level: Level, outcome: Outcome) -> Mapped {
    let issue = Issue { code: "x".into(), level, ..second_source("") };
    Mapped { key: None, contribution: None, issues: vec![issue], outcome }
}

/// The head that `name` made, from `park`, at document 5, place 2.
pub(super) fn head(name: &str, as_of: Option<i64>) -> Head {
    let version = mappings::merge(&kind(), contribution(name, as_of)).unwrap();
    Head {
        record: 1,
        source: "park".to_owned(),
        said: String::new(),
        place: (5, 2),
        source_digest: "said".to_owned(),
        content_digest: crate::store::hex(&version.content_digest),
        as_of: version.as_of.map(|at| at.timestamp_millis()),
    }
}

fn judged(place: (i64, u32), digest: &str, head: Option<&Head>, mapped: Mapped) -> Decision {
    decide(&Candidate { source: "park", said: "", place, digest }, &kind(), head, || mapped)
}

fn unasked() -> Mapped {
    panic!("mapped although bytes and order had decided")
}

fn codes(decision: &Decision) -> (&'static str, Vec<String>) {
    let (word, issues) = match decision {
        Decision::Accepted(_, issues) => ("accepted", issues.clone()),
        Decision::Unchanged(stale) => ("unchanged", stale.iter().cloned().collect()),
        Decision::Rejected(issues) => ("rejected", issues.clone()),
        Decision::Held(issues) => ("held", issues.clone()),
        Decision::Settled(settled) => ("settled", settled.notes.clone()),
    };
    (word, issues.into_iter().map(|issue| issue.code).collect())
}

#[test]
fn a_new_key_is_accepted_and_its_version_is_what_was_said() {
    let Decision::Accepted(version, issues) = judged((1, 0), "d", None, good("甲", Some(3))) else {
        panic!("not accepted")
    };
    assert_eq!((version.content.get("name"), version.as_of, issues), (Some("甲"), Some(at(3)), Vec::new()));
}

#[test]
fn the_same_bytes_are_unchanged_without_mapping() {
    let head = head("甲", None);
    let candidate = Candidate { source: "park", said: "", place: (9, 0), digest: "said" };
    assert_eq!(decide(&candidate, &kind(), Some(&head), unasked), Decision::Unchanged(None));
}

#[test]
fn what_is_older_than_the_head_is_unchanged_without_mapping() {
    let head = head("甲", None);
    for place in [(4, 9), (5, 1)] {
        let candidate = Candidate { source: "park", said: "", place, digest: "other" };
        assert_eq!(decide(&candidate, &kind(), Some(&head), unasked), Decision::Unchanged(None));
    }
    assert_eq!(codes(&judged((5, 3), "other", Some(&head), good("乙", None))).0, "accepted");
}

#[test]
fn the_same_content_in_other_bytes_is_unchanged() {
    assert_eq!(
        judged((9, 0), "other", Some(&head("甲", Some(3))), good("甲", Some(8))),
        Decision::Unchanged(None)
    );
}

#[test]
fn an_earlier_time_of_its_own_is_stale_and_an_absent_one_is_not() {
    let head = head("甲", Some(3));
    let stale = judged((9, 0), "other", Some(&head), good("乙", Some(2)));
    assert_eq!(codes(&stale), ("unchanged", vec!["stale-update".to_owned()]));
    for as_of in [Some(3), Some(4), None] {
        assert_eq!(
            codes(&judged((9, 0), "other", Some(&head), good("乙", as_of))).0,
            "accepted",
            "{as_of:?}"
        );
    }
}

#[test]
fn a_bad_record_is_rejected_or_held_with_all_its_issues_whatever_the_head() {
    for head in [None, Some(head("甲", None))] {
        let rejected = judged((9, 0), "other", head.as_ref(), bad(Level::Reject, Outcome::Reject));
        assert_eq!(codes(&rejected), ("rejected", vec!["x".to_owned()]));
        let held = judged((9, 0), "other", head.as_ref(), bad(Level::Hold, Outcome::Hold));
        assert_eq!(codes(&held), ("held", vec!["x".to_owned()]));
    }
}

#[test]
fn a_second_source_is_held_however_good_and_however_old() {
    let head = Head { source: "quarry".to_owned(), ..head("甲", None) };
    for place in [(1, 0), (9, 0)] {
        let verdict = judged(place, "said", Some(&head), good("甲", None));
        assert_eq!(codes(&verdict), ("held", vec!["second-source".to_owned()]));
    }
    let both = judged((9, 0), "d", Some(&head), bad(Level::Hold, Outcome::Hold));
    assert_eq!(codes(&both), ("held", vec!["x".to_owned(), "second-source".to_owned()]));
    let rejected = judged((9, 0), "d", Some(&head), bad(Level::Reject, Outcome::Reject));
    assert_eq!(codes(&rejected), ("rejected", vec!["x".to_owned()]), "its sender must mend it first");
}

#[test]
fn warnings_stay_with_an_accepted_version() {
    let warned = Mapped { issues: bad(Level::Warn, Outcome::Good).issues, ..good("甲", None) };
    assert_eq!(codes(&judged((1, 0), "d", None, warned)), ("accepted", vec!["x".to_owned()]));
}
