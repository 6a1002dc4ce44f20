//! Which day a record is of, and which records are not compared.

use chrono_tz::Asia::Shanghai;

use super::*;
use crate::store::look_alikes::Says;

fn logged(day: Option<&str>, is_deleted: bool, texts: &[&str], owner: Option<&str>) -> Logged {
    let says = Says {
        day: day.map(str::to_owned),
        is_deleted,
        texts: texts.iter().map(|text| (*text).to_owned()).collect(),
    };
    let owner = owner.map(|owner| ("chem".to_owned(), owner.to_owned()));
    Logged { seq: 9, record: 7, owner, says: Some(says) }
}

#[test]
fn the_day_is_that_of_the_hubs_zone_and_a_month_is_itself() {
    for (stored, of) in [
        ("2024-06-06", "2024-06-06"),
        ("2024-06-06T23:59:59+08:00", "2024-06-06"),
        ("2024-06-06T16:00:00+00:00", "2024-06-07"),
        ("2024-06", "2024-06"),
    ] {
        assert_eq!(day(stored.to_owned(), Shanghai), of);
    }
}

#[test]
fn what_is_deleted_nobodys_of_no_day_or_empty_is_not_compared() {
    let key = |version| seen(version, Shanghai).1;
    let whole = key(logged(Some("2024-06-06"), false, &["安全阀", "过期。"], Some("1"))).unwrap();
    assert_eq!((whole.record, whole.text.as_str(), whole.owner.as_str()), (7, "安全阀过期", "1"));
    for version in [
        logged(Some("2024-06-06"), true, &["安全阀过期"], Some("1")),
        logged(None, false, &["安全阀过期"], Some("1")),
        logged(Some(&"六月".repeat(26)), false, &["安全阀过期"], Some("1")),
        logged(Some("2024-06-06"), false, &["——"], Some("1")),
        logged(Some("2024-06-06"), false, &[], Some("1")),
        logged(Some("2024-06-06"), false, &["安全阀过期"], None),
    ] {
        assert_eq!(key(version), None);
    }
}
