//! A roster after a change, and what contradicts itself in it.

use super::*;

fn subject(row: i64, number: i64, name: &str, span: Span) -> Subject {
    let said = Said { name: name.to_owned(), ..Said::default() };
    Subject { row, subject: number, said, span, source: "甲.xlsx".to_owned() }
}

fn code(row: i64, value: &str, subject: i64, span: Span) -> Identifier {
    Identifier { row, scheme: "chem".into(), value: value.into(), subject, span, source: "甲.xlsx".into() }
}

fn span(from: i64, to: i64) -> Span {
    Span { from, to }
}

fn roster() -> Roster {
    Roster {
        number: 1,
        subjects: vec![
            subject(1, 1, "甲", span(0, 50)),
            subject(2, 1, "甲新", span(50, 100)),
            subject(3, 3, "乙", Span::EVER),
        ],
        identifiers: vec![code(4, "410900017", 1, span(0, 50))],
        merges: vec![Merge { row: 5, subject: 3, into: 1 }],
    }
}

#[test]
fn what_is_said_depends_on_the_moment() {
    let roster = roster();
    let name = |at| roster.said(1, at).unwrap().name.as_str();
    assert_eq!((name(0), name(50), name(500)), ("甲", "甲新", "甲新"), "after all, what was known last");
    assert_eq!(roster.said(9, 0), None);
    assert_eq!((roster.root(3), roster.root(1)), (1, 1));
}

#[test]
fn a_subject_goes_under_the_last_of_its_merges_and_circles_are_told() {
    let mut roster = roster();
    roster.subjects.push(subject(6, 6, "丙", Span::EVER));
    roster.merges.push(Merge { row: 7, subject: 1, into: 6 });
    assert_eq!((roster.root(3), roster.root(1), roster.root(6)), (6, 6, 6));
    assert_eq!(roster.contradictions(), Vec::<String>::new());
    roster.merges.push(Merge { row: 8, subject: 6, into: 3 });
    assert_eq!(roster.contradictions().len(), 3, "each that leads round");
    assert!([1, 3, 6].contains(&roster.root(1)), "and it comes to an end");
    roster.merges = vec![Merge { row: 5, subject: 3, into: 1 }, Merge { row: 8, subject: 3, into: 6 }];
    assert_eq!(roster.contradictions(), ["主体 3 并入了两个主体"]);
}

#[test]
fn a_change_ends_rows_and_makes_rows() {
    let change = Change {
        identifiers: vec![code(0, "410900018", 3, Span::EVER)],
        ended: vec![4, 5],
        ..Change::default()
    };
    assert!(!change.is_empty() && Change::default().is_empty());
    let after = roster().after(&change);
    assert_eq!(after.identifiers, [code(0, "410900018", 3, Span::EVER)]);
    assert_eq!((after.merges.len(), after.subjects.len()), (0, 3));
    assert_eq!(after.contradictions(), Vec::<String>::new());
}

#[test]
fn one_code_of_two_subjects_on_one_day_is_a_contradiction() {
    let with = |from| Change {
        identifiers: vec![code(0, "410900017", 3, span(from, 90))],
        ended: vec![5],
        ..Change::default()
    };
    assert_eq!(roster().after(&with(50)).contradictions(), Vec::<String>::new(), "one after the other");
    let told = roster().after(&with(49)).contradictions();
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("编码 chem:410900017 同一天归两个主体"), "{told:?}");
}

#[test]
fn rows_of_nobody_are_a_contradiction() {
    let gone = Change { ended: vec![1, 2], ..Change::default() };
    let told = roster().after(&gone).contradictions();
    assert_eq!(told, ["名册里没有主体 1，而编码 chem:410900017 还归它"]);
    let gone = Change { ended: vec![3], ..Change::default() };
    assert_eq!(roster().after(&gone).contradictions(), ["名册里没有主体 3，而3 已并入 1"]);
}

#[test]
fn a_long_span_is_held_against_all_that_it_meets() {
    let with = |rows: Vec<Identifier>| Roster { identifiers: rows, ..roster() }.contradictions();
    let other = |from, to| code(12, "410900017", 6, span(from, to));
    let mut far = roster();
    far.subjects.push(subject(6, 6, "丙", Span::EVER));
    let told = Roster {
        identifiers: vec![
            code(10, "410900017", 1, span(0, 100)),
            code(11, "410900017", 3, span(10, 20)),
            other(50, 60),
        ],
        ..far
    }
    .contradictions();
    assert_eq!(told.len(), 1, "subjects 1 and 3 are one, 6 is another: {told:?}");
    let one = with(vec![code(10, "410900017", 1, span(0, 100)), code(11, "410900017", 3, span(10, 20))]);
    assert_eq!(one, Vec::<String>::new());
}
