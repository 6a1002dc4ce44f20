//! Parts cover every record once, in order, within the limits, and no smaller than they must be.

use proptest::prelude::*;

use super::*;

/// Records of these lengths, a comma apart, cut.
fn cut(lengths: &[usize]) -> (u64, Vec<Extent>) {
    let mut cutter = Cutter::default();
    let mut at = 1;
    for length in lengths {
        cutter.take(at, at + length);
        at += length + 1;
    }
    cutter.finish()
}

fn part(first: u32, count: u32, from: u64, to: u64) -> Extent {
    Extent { first, count, from, to }
}

#[test]
fn nothing_is_no_part() {
    assert_eq!(cut(&[]), (0, vec![]));
}

#[test]
fn a_few_records_are_one_part() {
    assert_eq!(cut(&[2, 3, 4]), (3, vec![part(0, 3, 1, 12)]));
}

#[test]
fn the_five_thousand_and_first_begins_another() {
    let (count, parts) = cut(&vec![1; 5_001]);
    assert_eq!(count, 5_001);
    assert_eq!(parts, [part(0, 5_000, 1, 10_000), part(5_000, 1, 10_001, 10_002)]);
}

#[test]
fn a_record_larger_than_a_part_stands_alone() {
    let huge = MOST_BYTES + 1;
    let (_, parts) = cut(&[5, huge, 5]);
    assert_eq!(parts.iter().map(|part| part.count).collect::<Vec<_>>(), [1, 1, 1]);
    let (_, parts) = cut(&[MOST_BYTES - 6, 5]);
    assert_eq!(parts.len(), 1, "exactly four megabytes fit");
    let (_, parts) = cut(&[MOST_BYTES - 5, 5]);
    assert_eq!(parts.len(), 2);
}

proptest! {
    #[test]
    fn every_record_stands_in_exactly_one_part(
        lengths in prop::collection::vec(prop_oneof![1usize..200, 1_000_000usize..3_000_000, Just(5_000_000)], 0..40)
    ) {
        let (count, parts) = cut(&lengths);
        prop_assert_eq!(count, u64::try_from(lengths.len()).unwrap());
        let mut next = 0_u32;
        let mut end = 0;
        for part in &parts {
            prop_assert_eq!(part.first, next);
            prop_assert!(part.count > 0 && part.from > end && part.to > part.from);
            prop_assert!(part.count <= MOST_RECORDS);
            prop_assert!(part.count == 1 || part.to - part.from <= offset(MOST_BYTES));
            next += part.count;
            end = part.to;
        }
        prop_assert_eq!(usize::try_from(next).unwrap(), lengths.len());
        for pair in parts.windows(2) {
            let first_of_next = lengths[usize::try_from(pair[1].first).unwrap()];
            let joined = pair[1].from + offset(first_of_next) - pair[0].from;
            prop_assert!(joined > offset(MOST_BYTES) || pair[0].count == MOST_RECORDS, "cut too early");
        }
    }
}
