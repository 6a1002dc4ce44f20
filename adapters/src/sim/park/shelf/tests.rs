//! What a shelf shows of its rows, by page and by change time.

use std::collections::BTreeSet as Set;

use proptest::prelude::*;

use super::*;

const NAMES: Names = Names { id: "id", time: "t", time_format: "%Y%m%d%H%M%S" };

fn shelf(rows: &[(&str, &str)]) -> Shelf {
    let rows = rows.iter().map(|(id, t)| Row::new(format!(r#"{{"id":"{id}","t":"{t}"}}"#), NAMES));
    Shelf::new("s", NAMES, rows.collect())
}

fn ids(cut: &Cut) -> Vec<&str> {
    cut.rows.iter().map(|row| row.id.as_str()).collect()
}

#[test]
fn changes_come_in_the_order_of_time_and_id_and_go_on_behind_the_mark() {
    let shelf = shelf(&[("c", "2"), ("a", "2"), ("b", "1"), ("d", "3")]);
    let first = shelf.changes(Since { until: Some("2"), ..Since::default() }, 2);
    assert_eq!((first.total, ids(&first)), (3, vec!["b", "a"]));
    let rest = shelf.changes(Since { until: Some("2"), after: Some(("2", "a")), from: Some("1") }, 9);
    assert_eq!((rest.total, ids(&rest)), (1, vec!["c"]));
}

#[test]
fn the_same_row_twice_is_one_place_of_a_keyset_and_two_of_a_list() {
    let shelf = shelf(&[("a", "1"), ("a", "1")]);
    assert_eq!(shelf.changes(Since::default(), 9).total, 1);
    assert_eq!(shelf.page(0, 9).total, 2);
    assert_eq!(shelf.page(2, 9), Cut { total: 2, rows: vec![] });
}

#[test]
fn the_second_pass_finds_touched_rows_and_the_late_one() {
    let mut shelf = shelf(&[("a", "1"), ("b", "1")]);
    shelf.rows[1].from_pass = 2;
    let night = NaiveDateTime::parse_from_str("20240701000000", NAMES.time_format).unwrap();
    shelf.begin_pass(Some(night));
    assert_eq!((ids(&shelf.page(0, 9)), shelf.page(0, 9).rows[0].time.as_str()), (vec!["a"], "1"));
    shelf.begin_pass(Some(night));
    let page = shelf.page(0, 9);
    assert_eq!((ids(&page), page.rows[0].time.as_str()), (vec!["a", "b"], "20240701000000"));
}

#[test]
fn a_night_is_inside_the_window_that_is_asked_for() {
    let shelf = shelf(&[]);
    let now = NaiveDateTime::parse_from_str("20240701000010", NAMES.time_format).unwrap();
    let night = |until| shelf.night(until, now).format(NAMES.time_format).to_string();
    assert_eq!(night(Some("20240701000010")), "20240701000009");
    assert_eq!(night(Some("20250101000000")), "20240701000010");
    assert_eq!(night(Some("no time")), "20240701000010");
    assert_eq!(night(None), "20240701000010");
}

#[test]
fn a_put_row_replaces_the_row_of_its_key_in_any_spelling() {
    let mut shelf = shelf(&[("AB-1", "1"), ("x", "1")]);
    shelf.put(r#"{"id":"ab1","t":"9"}"#.to_owned());
    shelf.put(r#"{"t":"3"}"#.to_owned());
    assert_eq!(ids(&shelf.page(0, 9)), ["ab1", "x", ""]);
}

#[test]
fn what_was_served_is_counted_once_per_key() {
    let mut shelf = shelf(&[("A", "1"), ("a", "1")]);
    let rows = shelf.page(0, 9).rows;
    let before = shelf.served_digest();
    shelf.count(&rows);
    assert_eq!((shelf.served, shelf.served_ids.len()), (2, 1));
    assert_ne!(shelf.served_digest(), before);
}

#[test]
fn a_window_is_closed_at_both_ends() {
    let shelf = shelf(&[("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")]);
    let seen = |from, until| {
        let cut = shelf.changes(Since { from, until, after: None }, 9);
        cut.rows.iter().map(|row| row.id.clone()).collect::<String>()
    };
    assert_eq!(seen(Some("2"), Some("3")), "bc");
    assert_eq!(seen(None, Some("1")), "a");
    assert_eq!(seen(Some("4"), None), "d");
    assert_eq!(seen(Some("5"), None), "");
    assert_eq!(seen(Some("3"), Some("2")), "");
}

#[test]
fn the_digest_of_what_was_served_depends_on_order_and_repetition() {
    let rows = shelf(&[("a", "1"), ("b", "1")]).page(0, 9).rows;
    let digest = |order: &[usize]| {
        let mut shelf = shelf(&[]);
        for place in order {
            shelf.count(&rows[*place..=*place]);
        }
        shelf.served_digest()
    };
    assert_eq!(digest(&[0, 1]), digest(&[0, 1]));
    let different: Set<String> =
        [&[0, 1][..], &[1, 0], &[0], &[0, 1, 1], &[]].into_iter().map(digest).collect();
    assert_eq!(different.len(), 5);
}

proptest! {
    #[test]
    fn a_keyset_pass_sees_every_place_once_whatever_the_page_size(
        places in prop::collection::vec(("[a-c]{1,2}", "[0-3]"), 0..40),
        limit in 1_usize..7,
    ) {
        let pairs: Vec<(&str, &str)> = places.iter().map(|(id, time)| (id.as_str(), time.as_str())).collect();
        let shelf = shelf(&pairs);
        let mut seen: Vec<(String, String)> = Vec::new();
        for _ in 0..=places.len() {
            let last = seen.last().cloned();
            let after = last.as_ref().map(|(time, id)| (time.as_str(), id.as_str()));
            let cut = shelf.changes(Since { after, ..Since::default() }, limit);
            prop_assert_eq!(cut.rows.len(), cut.total.min(limit));
            seen.extend(cut.rows.into_iter().map(|row| (row.time, row.id)));
        }
        let wanted: Set<(String, String)> = places.into_iter().map(|(id, time)| (time, id)).collect();
        prop_assert_eq!(seen, wanted.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn pages_of_any_size_put_together_are_the_table(count in 0_usize..30, size in 1_usize..9) {
        let ids: Vec<String> = (0..count).map(|number| format!("{number:02}")).collect();
        let pairs: Vec<(&str, &str)> = ids.iter().map(|id| (id.as_str(), "1")).collect();
        let shelf = shelf(&pairs);
        let pages = (0..count.div_ceil(size)).flat_map(|page| shelf.page(page * size, size).rows);
        prop_assert_eq!(pages.map(|row| row.id).collect::<Vec<_>>(), ids);
    }
}
