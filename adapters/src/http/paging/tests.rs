//! The settings' defaults, their limits, and what they refuse.

use super::*;

fn paging(toml: &str) -> PagingConfig {
    toml::from_str(toml).unwrap()
}

#[test]
fn defaults_are_those_documented() {
    assert_eq!(PagingConfig::default(), PagingConfig::None);
    assert_eq!(
        paging("kind = \"page\"\nsize = 50"),
        PagingConfig::Page { first: 1, size: 50, max_pages: 100_000 }
    );
    assert_eq!(
        paging("kind = \"keyset\"\nsize = 200\ntime = \"UPDATE_TIME\"\nid = \"ID\""),
        PagingConfig::Keyset {
            size: 200,
            time: "UPDATE_TIME".to_owned(),
            id: "ID".to_owned(),
            overlap_s: 600,
            max_pages: 100_000
        }
    );
}

#[test]
fn only_a_keyset_overlaps_and_resumes() {
    let keyset = paging("kind = \"keyset\"\nsize = 2\ntime = \"t\"\nid = \"i\"\noverlap_s = 30");
    let page = paging("kind = \"page\"\nsize = 2\nfirst = 0");
    assert_eq!((keyset.overlap_s(), keyset.resumes(), keyset.size()), (30, true, Some(2)));
    assert_eq!((page.overlap_s(), page.resumes(), page.size()), (0, false, Some(2)));
    assert_eq!(
        (PagingConfig::None.overlap_s(), PagingConfig::None.resumes(), PagingConfig::None.size()),
        (0, false, None)
    );
}

#[test]
fn a_pass_without_end_is_noticed() {
    let page = paging("kind = \"page\"\nsize = 5\nmax_pages = 3");
    assert!(!page.is_endless(14, 0));
    assert!(page.is_endless(15, 0));
    assert!(!PagingConfig::None.is_endless(u64::MAX, 0));
    assert!(paging(&format!("kind = \"page\"\nsize = 9\nmax_pages = {}", i64::MAX)).is_endless(u64::MAX, 0));
}

#[test]
fn nothing_can_be_read_in_pages_of_nothing() {
    assert!(paging("kind = \"page\"\nsize = 0").check().is_err());
    assert!(paging("kind = \"page\"\nsize = 1\nmax_pages = 0").check().is_err());
    assert!(paging("kind = \"keyset\"\nsize = 0\ntime = \"t\"\nid = \"i\"").check().is_err());
    assert!(paging("kind = \"none\"").check().is_ok());
    assert!(toml::from_str::<PagingConfig>("kind = \"page\"\nsize = 1\noffset = 3").is_err());
}
