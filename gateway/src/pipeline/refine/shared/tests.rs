//! A shared key through one judging and into the next.

use mappings::{Content, Contribution};

use super::*;

fn key() -> Key {
    Key { kind: "plant".to_owned(), id_space: "uuid".to_owned(), id: "1".to_owned() }
}

fn spot(document: i64, place: u32) -> Spot {
    Spot { document, part: 0, place, from: 0, length: 1 }
}

fn says(source: &str, document: i64) -> Said {
    Said {
        service: "plants".to_owned(),
        spot: spot(document, 0),
        revision: 1,
        source_digest: format!("{source} {document}"),
        contribution: Contribution {
            source: source.to_owned(),
            key: key(),
            said: String::new(),
            content: Content::from_json(r#"{"id":"1"}"#).unwrap(),
            parents: Vec::new(),
            owner: None,
            test: false,
            region: None,
            industry: None,
            as_of: None,
            images: Vec::new(),
        },
    }
}

fn voice(source: &str) -> Voice {
    Voice { source: source.to_owned(), said: String::new() }
}

/// What `park` said in document 5 stands.
fn head() -> Head {
    Head {
        record: 7,
        source: "park".to_owned(),
        said: String::new(),
        place: (5, 0),
        source_digest: "park 5".to_owned(),
        content_digest: "content".to_owned(),
        as_of: None,
    }
}

fn settled(said: Vec<Said>, winner: usize) -> Settled {
    Settled { said, winner, version: None, as_of: Some(3), notes: Vec::new() }
}

#[test]
fn what_nobody_touched_is_not_written() {
    let common = Common { said: vec![says("park", 5)], stored: 0 };
    assert_eq!(Together::of(common, Some(&head())).left(&key(), 7), None);
}

#[test]
fn the_first_row_of_a_key_is_its_heads_and_all_are_written() {
    let mut head = head();
    let mut together = Together::of(Common { said: vec![says("park", 5)], stored: 0 }, Some(&head));
    together.take(&settled(vec![says("park", 5), says("quarry", 9)], 1), &mut head);
    assert_eq!((head.source.as_str(), head.place, head.as_of), ("quarry", (9, 0), Some(3)));
    assert_eq!(head.source_digest, "quarry 9");
    assert_eq!(head.content_digest, "content", "what stands is not new");
    let left = together.left(&key(), 7).unwrap();
    assert_eq!(left.was, Some((voice("park"), (5, 0))), "as it was read, not as it is left");
    assert_eq!((left.rows.len(), left.said.len(), left.winner), (0, 2, 1));
}

#[test]
fn what_is_written_is_what_the_next_group_reads() {
    let mut head = head();
    let mut together = Together::of(Common { said: vec![says("park", 5)], stored: 0 }, Some(&head));
    together.take(&settled(vec![says("park", 5), says("quarry", 9)], 1), &mut head);
    together.written(&head);
    assert_eq!(together.left(&key(), 7), None, "once");
    together.take(&settled(vec![says("park", 5), says("quarry", 12)], 1), &mut head);
    let left = together.left(&key(), 7).unwrap();
    assert_eq!(left.was, Some((voice("quarry"), (9, 0))));
    assert_eq!(left.rows, [says("park", 5).as_read(), says("quarry", 9).as_read()]);
}

#[test]
fn a_word_seen_again_later_moves_its_own_place_and_the_heads_where_it_stands() {
    let common = || Common { said: vec![says("park", 5), says("quarry", 9)], stored: 2 };
    let mut head = head();
    let mut together = Together::of(common(), Some(&head));
    together.seen(&voice("quarry"), spot(14, 3), &mut head);
    assert_eq!((head.place, together.said[1].place()), ((5, 0), (14, 3)));
    together.seen(&voice("park"), spot(15, 1), &mut head);
    assert_eq!((head.place, together.said[0].place()), ((15, 1), (15, 1)));
    together.seen(&voice("park"), spot(15, 0), &mut head);
    assert_eq!(head.place, (15, 1), "never back");
    together.seen(&voice("stranger"), spot(16, 0), &mut head);
    assert_eq!(head.place, (15, 1));
}

/// A key that aliases lead to, and that nobody else speaks of yet: its head says all, until a second voice comes.
#[test]
fn one_voice_alone_leaves_no_row_and_is_there_for_the_second() {
    let mut together = Together::of(Common::default(), None);
    assert!(together.is_alone("park", "") && together.is_alone("park", "uuid/9"));
    together.speak(says("park", 5));
    assert!(together.is_alone("park", "") && !together.is_alone("park", "uuid/9"));
    assert_eq!(together.left(&key(), 0), None);
    together.seen_alone(spot(6, 1));
    assert_eq!(together.said[0].place(), (6, 1));
    together.written(&head());
    let mut second = says("park", 9);
    second.contribution.said = "uuid/9".to_owned();
    together.take(&settled(vec![says("park", 5), second], 1), &mut head());
    let left = together.left(&key(), 7).unwrap();
    assert_eq!((left.was, left.rows), (Some((voice("park"), (5, 0))), vec![]));
    assert!(!together.is_alone("park", ""));
}
