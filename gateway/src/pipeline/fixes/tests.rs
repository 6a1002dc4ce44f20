//! Fixes beside what is said: in force, open, outlived; of every voice; as JSON.

use mappings::{Content, Fix};

use super::{State, Unused, says, stopped};
use crate::store::explain::Unversioned;

fn fix() -> Fix {
    let text = str::to_owned;
    Fix {
        kind: text("hazard"),
        id_space: text("uuid"),
        id: text("a1"),
        field: text("dangerSrc"),
        was: text("1"),
        is: text("2"),
        note: String::new(),
        line: 2,
    }
}

fn content(value: &str) -> Content {
    Content::from_json(&serde_json::json!({ "dangerSrc": value }).to_string()).unwrap()
}

const OPEN: State = State::Open { why: Unused::Waits };

#[test]
fn a_fix_of_one_voice_is_in_force_open_or_outlived() {
    let of = |value: &str| says(&fix(), &content(value), &[]);
    let outlived = |stands: &str| State::Outlived { stands: stands.to_owned() };
    assert_eq!(["2", "1", "3", ""].map(of), [State::InForce, OPEN, outlived("3"), outlived("")]);
}

#[test]
fn a_voice_that_does_not_stand_counts_too() {
    let voices = |own: &str| says(&fix(), &content("3"), &[&content("3"), &content(own)]);
    assert_eq!(voices("2"), State::InForce);
    assert_eq!(voices("1"), OPEN);
    assert_eq!(voices("4"), State::Outlived { stands: "3".into() });
}

#[test]
fn json_says_the_state_and_the_reason_beside_the_line() {
    let json = |state: &State| serde_json::to_value(state).unwrap();
    assert_eq!(json(&State::InForce), serde_json::json!({"state": "in-force"}));
    assert_eq!(
        json(&State::Outlived { stands: "3".into() }),
        serde_json::json!({"state": "outlived", "stands": "3"})
    );
    assert_eq!(json(&State::Open { why: Unused::Gone }), serde_json::json!({"state": "open", "why": "gone"}));
    assert_eq!(json(&State::Nothing { why: None }), serde_json::json!({"state": "nothing"}));
}

#[test]
fn only_what_waits_or_was_rejected_stops_a_record() {
    let own = |verdict: &str, state: Option<&str>| {
        stopped(&Unversioned {
            document: 1,
            place: 0,
            verdict: verdict.to_owned(),
            state: state.map(str::to_owned),
            at: chrono::DateTime::UNIX_EPOCH,
            issues: Vec::new(),
        })
    };
    assert_eq!(own("rejected", None), Some(Unused::Rejected));
    assert_eq!(own("held", Some("held")), Some(Unused::Held));
    assert_eq!(own("held", Some("rejected")), Some(Unused::Rejected));
    assert_eq!((own("held", Some("accepted")), own("stale", None)), (None, None));
}
