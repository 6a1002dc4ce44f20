//! Whose an unknown identifier may be, and how sure.

use proptest::prelude::*;

use super::*;
use crate::roster::{Said, Span};

fn roster() -> Roster {
    let subject = |row: i64, name: &str, region: &str| Subject {
        row,
        subject: row,
        said: Said { name: name.to_owned(), region: region.to_owned(), ..Said::default() },
        span: Span::EVER,
        source: String::new(),
    };
    let code = |row, scheme: &str, value: &str, subject| Identifier {
        row,
        scheme: scheme.to_owned(),
        value: value.to_owned(),
        subject,
        span: Span { from: 0, to: 100 },
        source: String::new(),
    };
    Roster {
        subjects: vec![
            subject(1, "濮阳县甲化工有限公司", "410928"),
            subject(2, "濮阳县甲化工有限公司", "410122"),
            subject(3, "河南第一化肥厂", "410928"),
        ],
        identifiers: vec![
            code(4, "chem", "410900017", 1),
            code(5, USCC, "91410000170001401D", 3),
            code(6, "platform:park", "P-7", 3),
        ],
        ..Roster::default()
    }
}

fn asked(scheme: &str, value: &str, name: &str, region: &str) -> Vec<(i64, u8)> {
    let roster = roster();
    let found = Suggester::new(&roster).of(&Unknown { scheme, value, name, region });
    found.into_iter().map(|one| (one.subject, one.score)).collect()
}

#[test]
fn a_near_name_counts_most_in_its_own_county() {
    let near = asked("chem", "410900099", "濮阳县甲化工公司", "410928001");
    assert_eq!(near.first().map(|(subject, _)| *subject), Some(1), "{near:?}");
    let score = |region| asked("chem", "410900099", "濮阳县甲化工有限公司", region);
    assert_eq!(score("410928"), [(1, 100), (2, 75)]);
    assert_eq!(score(""), [(1, 90), (2, 90)], "nobody said where");
    assert_eq!(asked("chem", "410900099", "河南第二化肥厂", "410928"), [(3, 85)], "a person decides");
    assert_eq!(asked("chem", "410900099", "", "410928"), []);
}

#[test]
fn what_every_name_has_and_a_code_of_its_own_speak_against_it() {
    assert_eq!(
        asked("chem", "410900099", "濮阳县乙气体有限公司", "410928"),
        [],
        "it is 濮阳县甲化工有限公司"
    );
    let mut roster = roster();
    roster.identifiers[0].span = Span::EVER;
    let name = "濮阳县甲化工有限公司";
    let found = Suggester::new(&roster).of(&Unknown { scheme: "chem", value: "1", name, region: "410928" });
    assert_eq!((found[0].subject, found[0].score), (1, 85));
    assert!(found[0].by.ends_with("但它已有 chem:410900017"), "{found:?}");
    let found = Suggester::new(&roster).of(&Unknown { scheme: "mine", value: "1", name, region: "410928" });
    assert_eq!((found[0].subject, found[0].score), (1, 100), "of another scheme it may have one");
}

#[test]
fn the_code_itself_is_a_sign() {
    assert_eq!(asked("chem", "410900017", "", ""), [(1, 100)], "on other days");
    assert_eq!(asked("mine", "P-7", "", ""), [(3, 90)], "in another scheme");
    assert_eq!(asked("chem", "410900018", "", ""), [], "the next number is another's");
    assert_eq!(asked(USCC, "91410000170001402D", "", ""), [(3, 85)], "its check digit tells the slip");
}

#[test]
fn a_merged_subject_is_suggested_under_its_number() {
    let mut roster = roster();
    roster.merges.push(crate::roster::Merge { row: 9, subject: 2, into: 1 });
    let unknown =
        Unknown { scheme: "chem", value: "1", name: "濮阳县甲化工有限公司", region: "410122" };
    let found = Suggester::new(&roster).of(&unknown);
    assert_eq!(found.iter().map(|one| (one.subject, one.score)).collect::<Vec<_>>(), [(1, 100)]);
}

proptest! {
    /// Whatever the names: at most three, nearest first, each once, never more than whole; and who is called so in the same
    /// county is there.
    #[test]
    fn suggestions_are_few_in_order_and_hold_the_name_itself(
        names in prop::collection::vec("[甲乙丙丁]{2,6}化工(有限公司)?", 1..12),
        asked in any::<prop::sample::Index>(),
        elsewhere in any::<bool>(),
    ) {
        let subjects = (1..).zip(&names).map(|(row, name)| Subject {
            row,
            subject: row,
            said: Said { name: name.clone(), region: "410928".to_owned(), ..Said::default() },
            span: Span::EVER,
            source: String::new(),
        });
        let roster = Roster { subjects: subjects.collect(), ..Roster::default() };
        let name = asked.get(&names);
        let region = if elsewhere { "410122" } else { "410928" };
        let found = Suggester::new(&roster).of(&Unknown { scheme: "mine", value: "M-1", name, region });
        prop_assert!(!found.is_empty() && found.len() <= SHOWN);
        prop_assert!(found.iter().zip(found.iter().skip(1)).all(|(a, b)| a.score >= b.score && a.subject != b.subject));
        prop_assert_eq!(found[0].score, if elsewhere { 75 } else { 100 });
        prop_assert_eq!(telling(&found[0].name), telling(name));
    }
}
