//! What a receiver in memory takes and says, read by rules like the national ones.

use super::*;
use crate::memory::ledger::Entry;

const RULES: &str = r#"
[[verdict]]
status = [429]
outcome = "busy"
[[verdict]]
status = [200]
body = [{ at = "success", is = "true" }, { at = "data.code", not = "500" }]
outcome = "taken"
[[verdict]]
status = [200]
body = [{ at = "data.code", is = "500" }]
named = { list = "data.data", id = "id", reason = "msg" }
outcome = "refused"
[[verdict]]
status = [200]
body = [{ at = "data.code", is = "500" }, { at = "data.msg", matches = "校验" }]
message = "data.msg"
class = "data"
outcome = "refused"
[[verdict]]
status = [200]
body = [{ at = "data.code", is = "500" }]
message = "data.msg"
outcome = "refused"
"#;

#[derive(serde::Deserialize)]
struct Rules {
    verdict: Vec<VerdictConfig>,
}

fn receiver() -> MemoryDestination {
    let rules: Rules = toml::from_str(RULES).unwrap();
    MemoryDestination::new(&rules.verdict).unwrap()
}

/// What sending these rows to `t_tank` comes to.
fn send(receiver: &MemoryDestination, rows: &[(&str, &str)]) -> Result<Receipt, AdapterError> {
    let members: Vec<String> = rows.iter().map(|(id, _)| (*id).to_owned()).collect();
    let records: Vec<WireRecord> = rows
        .iter()
        .map(|(id, above)| WireRecord {
            id: (*id).to_owned(),
            body: json!({"id": id, "plantId": above}).to_string(),
        })
        .collect();
    let payload = receiver.encode(&records).unwrap();
    let batch = Batch {
        id: "b-1",
        kind: "tank",
        path: "t_tank",
        group: "",
        members: &members,
        payload: &payload.bytes,
    };
    receiver.answer(&batch).map(|answer| receiver.read(&batch, &answer))
}

fn has(receiver: &MemoryDestination) -> Vec<String> {
    receiver.ledger().entries.into_keys().map(|(_, id)| id).collect()
}

#[test]
fn it_upserts_by_id_in_any_spelling_and_shows_what_came_twice_as_two() {
    let receiver = receiver();
    assert_eq!(send(&receiver, &[("A-1", "p"), ("b2", "p")]).unwrap(), Receipt::Taken);
    assert_eq!(send(&receiver, &[("a1", "q")]).unwrap(), Receipt::Taken);
    let ledger = receiver.ledger();
    assert_eq!(has(&receiver), ["a1", "b2"]);
    let Entry { body, spellings, taken } = ledger.entry("t_tank", "A1").unwrap();
    assert_eq!((body.as_str(), spellings.len(), *taken), (r#"{"id":"a1","plantId":"q"}"#, 2, 2));
    assert_eq!(ledger.doubled(), [&("t_tank".to_owned(), "a1".to_owned())]);
    assert_eq!(ledger.changed_batches(), ["b-1"], "other bytes under one batch's id");
    assert_eq!((ledger.count("t_tank"), ledger.count("t_plant")), (2, 0));
}

#[test]
fn bad_rows_are_named_and_the_rest_is_taken_or_not() {
    for (on_bad, taken) in [(OnBad::TakeRest, vec!["a"]), (OnBad::RefuseAll, vec![])] {
        let receiver = receiver();
        receiver.set(|mood| {
            mood.on_bad = on_bad;
            mood.refuses.insert("b".to_owned(), "坏".to_owned());
        });
        let refused = vec![("b".to_owned(), "坏".to_owned())];
        assert_eq!(
            send(&receiver, &[("a", "p"), ("b", "p")]).unwrap(),
            Receipt::Named { refused, others_taken: false }
        );
        assert_eq!(has(&receiver), taken);
    }
}

#[test]
fn a_silent_one_names_nobody_and_an_ill_one_speaks_of_no_data() {
    let receiver = receiver();
    receiver.set(|mood| {
        mood.silent = true;
        mood.refuses.insert("b".to_owned(), "坏".to_owned());
        mood.next.extend([Reply::Judge, Reply::Ill]);
    });
    assert!(matches!(send(&receiver, &[("b", "p")]).unwrap(), Receipt::Whole { data: true, .. }));
    assert!(matches!(send(&receiver, &[("a", "p")]).unwrap(), Receipt::Whole { data: false, .. }));
    assert_eq!(has(&receiver), Vec::<String>::new());
}

#[test]
fn a_child_needs_its_parent() {
    let receiver = receiver();
    let above = vec![("plantId".to_owned(), "t_tank".to_owned())];
    receiver.set(|mood| drop(mood.parents.insert("t_tank".to_owned(), above)));
    let Receipt::Named { refused, .. } = send(&receiver, &[("a", "p")]).unwrap() else {
        panic!("not refused")
    };
    assert_eq!(refused, [("a".to_owned(), "上级 t_tank p 不存在".to_owned())]);
}

#[test]
fn every_other_reply_says_what_was_taken() {
    let cases: [(Reply, usize, usize); 5] = [
        (Reply::Busy(Some(9)), 0, 1),
        (Reply::Mumble, 0, 1),
        (Reply::MumbleAfter, 1, 1),
        (Reply::Cut, 1, 1),
        (Reply::Down, 0, 0),
    ];
    for (reply, taken, arrived) in cases {
        let receiver = receiver();
        receiver.set(|mood| mood.usual = reply);
        let receipt = send(&receiver, &[("a", "p")]);
        let right = match (reply, &receipt) {
            (Reply::Busy(_), Ok(Receipt::Busy { after, .. })) => *after == Some(Duration::from_secs(9)),
            (Reply::Mumble | Reply::MumbleAfter, Ok(Receipt::Unknown { .. })) => true,
            (Reply::Cut, Err(error)) => error.certainty == Certainty::Unknown && error.sent.is_some(),
            (Reply::Down, Err(error)) => error.certainty == Certainty::NotReceived,
            _ => false,
        };
        assert!(right, "{reply:?}: {receipt:?}");
        let ledger = receiver.ledger();
        assert_eq!((ledger.entries.len(), ledger.arrivals.len()), (taken, arrived), "{reply:?}");
    }
}

#[test]
fn our_own_limit_sends_nothing() {
    let receiver = receiver();
    let wait = Duration::from_secs(1);
    receiver.set(|mood| mood.next.push_back(Reply::Paced(wait)));
    let error = send(&receiver, &[("a", "p")]).unwrap_err();
    assert_eq!((error.retry, receiver.ledger()), (crate::error::Retry::Paced(wait), Ledger::default()));
    assert_eq!(send(&receiver, &[("a", "p")]).unwrap(), Receipt::Taken);
}
