//! What went wrong on the way spoils the figures.

use super::*;

#[tokio::test]
async fn a_phase_counts_its_records() {
    let teller = Teller { json: true };
    let handled = async { Ok::<_, Failure>(Done { records: 7, ..Done::default() }) };
    let phase = timed("land", &teller, handled).await.unwrap();
    assert_eq!((phase.name, phase.records), ("land", 7));
}

#[tokio::test]
async fn a_phase_with_a_failure_is_none() {
    let failures = vec!["对方忙".to_owned(), "对方拒绝".to_owned()];
    let failed = async { Ok::<_, Failure>(Done { records: 7, failures }) };
    let Err(Failure::Remote(words)) = timed("forward", &Teller { json: true }, failed).await else {
        panic!("a failure must not become a figure");
    };
    assert_eq!(words, "对方忙\n对方拒绝");
}
