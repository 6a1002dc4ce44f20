//! Where passes go: by totals, by fullness, by tokens; and that no source can lead one in circles for ever.

use proptest::prelude::*;

use super::*;

fn paging(toml: &str) -> PagingConfig {
    toml::from_str(toml).unwrap()
}

fn came(resume: &Resume, read: u64, count: u64) -> Came<'_> {
    Came { resume, read, count, announced: None, token: None, more: None }
}

fn next(token: &str, pages: u64, mark: &str) -> Resume {
    Resume::Next(Next { token: token.to_owned(), pages, mark: mark.to_owned() })
}

const START: Resume = Resume::Start;

#[test]
fn numbered_pages_follow_the_announced_total() {
    let paging = paging("kind = \"page\"\nsize = 5");
    for (read, count, announced, more) in [
        (0, 5, Some(12), Some(true)),
        (5, 5, Some(12), Some(true)),
        (10, 2, Some(12), Some(false)),
        (0, 0, Some(0), Some(false)),
        // a page shorter than asked for is no end while more is announced
        (0, 3, Some(12), Some(true)),
        (10, 0, Some(12), None),
        (10, 5, Some(12), None),
        (0, 5, None, Some(true)),
        (5, 6, None, Some(true)),
        (5, 4, None, Some(false)),
        (5, 0, None, Some(false)),
    ] {
        let page = Came { announced, ..came(&START, read, count) };
        assert_eq!(page.next(&paging).ok().map(|(_, more)| more), more, "{read} {count} {announced:?}");
    }
    let empty = Came { announced: Some(12), ..came(&START, 10, 0) };
    assert_eq!(empty.next(&paging).unwrap_err().what, "对方宣称的总数与实际不符：宣称 12 条，读到 10 条");
}

#[test]
fn a_keyset_page_and_a_whole_list_are_measured_by_themselves() {
    assert_eq!(rest(5, 5, Some(9)).ok(), Some(true));
    assert_eq!(rest(4, 5, Some(4)).ok(), Some(false));
    assert_eq!(rest(5, 5, Some(4)).ok(), None);
    // some sources announce the whole window on every page, the empty last one included
    assert_eq!(rest(0, 5, Some(10)).ok(), Some(false));
    assert_eq!(rest(0, 5, None).ok(), Some(false));
    assert_eq!(whole(4, Some(4)).ok(), Some(false));
    assert_eq!(whole(4, None).ok(), Some(false));
    assert_eq!(whole(4, Some(5)).unwrap_err().what, "对方宣称的总数与实际不符：宣称 5 条，读到 4 条");
}

#[test]
fn an_offset_advances_by_what_came_and_ends_with_the_total() {
    let paging = paging("kind = \"offset\"\nsize = 100");
    let first = Came { announced: Some(250), ..came(&START, 0, 100) };
    assert_eq!(first.next(&paging).unwrap(), (Resume::Offset(100), true));
    let at = Resume::Offset(100);
    let short = Came { announced: Some(250), ..came(&at, 100, 60) };
    assert_eq!(short.next(&paging).unwrap(), (Resume::Offset(160), true), "its own maximum is smaller");
    let last = Came { announced: Some(160), ..came(&at, 100, 60) };
    assert_eq!(last.next(&paging).unwrap(), (Resume::Offset(160), false));
    for (announced, count) in [(159, 60), (250, 0)] {
        let lie = Came { announced: Some(announced), ..came(&at, 100, count) };
        assert!(lie.next(&paging).unwrap_err().what.contains("宣称"), "{announced}");
    }
}

#[test]
fn an_offset_without_a_total_ends_at_an_empty_page_only() {
    let paging = paging("kind = \"offset\"\nsize = 100\nfirst = 1");
    assert_eq!(came(&START, 0, 7).next(&paging).unwrap(), (Resume::Offset(8), true));
    let at = Resume::Offset(8);
    assert_eq!(came(&at, 7, 0).next(&paging).unwrap(), (Resume::Offset(8), false));
}

#[test]
fn a_token_leads_on_and_its_absence_ends_the_pass() {
    let paging = paging("kind = \"next\"\ntoken = \"next\"");
    let first = Came { token: Some("a"), ..came(&START, 0, 2) };
    assert_eq!(first.next(&paging).unwrap(), (next("a", 1, "a"), true));
    let at = next("a", 1, "a");
    let empty_page = Came { token: Some("b"), ..came(&at, 2, 0) };
    assert_eq!(empty_page.next(&paging).unwrap(), (next("b", 2, "b"), true), "a page may be empty");
    for token in [None, Some("")] {
        let last = Came { token, ..came(&at, 2, 1) };
        assert_eq!(last.next(&paging).unwrap(), (at.clone(), false));
    }
}

#[test]
fn more_comes_before_the_token_and_a_contradiction_is_an_error() {
    let paging = paging("kind = \"next\"\ntoken = \"next\"\nmore = { at = \"more\", is = true }");
    let told = |more, token| Came { more: Some(more), token, ..came(&START, 0, 2) }.next(&paging);
    assert_eq!(told(false, Some("a")).unwrap(), (Resume::Start, false), "a last token that leads nowhere");
    assert_eq!(told(true, Some("a")).unwrap(), (next("a", 1, "a"), true));
    assert!(told(true, None).unwrap_err().what.contains("没有给下一页的令牌"));
    assert!(told(true, Some(&"x".repeat(5_000))).unwrap_err().what.contains("4096 字节"));
}

#[test]
fn a_pass_by_tokens_is_whole_only_with_its_total() {
    let paging = paging("kind = \"next\"\ntoken = \"next\"");
    let ended = |total| Came { announced: Some(total), ..came(&START, 3, 2) }.next(&paging);
    assert!(!ended(5).unwrap().1);
    for total in [4, 6] {
        assert!(ended(total).unwrap_err().what.contains("读到 5 条"));
    }
}

/// Pages until a source that gives these tokens, the last leading back to the one at `back`, is found out.
fn pages_until_found_out(length: usize, back: usize) -> Option<usize> {
    let paging = paging("kind = \"next\"\ntoken = \"next\"");
    let (mut resume, mut at) = (Resume::Start, 0);
    for page in 1..=10 * length {
        let token = at.to_string();
        let step = Came { token: Some(&token), ..came(&resume, 0, 1) }.next(&paging);
        resume = match step {
            Ok((resume, _)) => resume,
            Err(error) => {
                assert!(error.what.contains("打转"), "{}", error.what);
                return Some(page);
            }
        };
        at = if at + 1 == length { back } else { at + 1 };
    }
    None
}

proptest! {
    /// A pass that ends well has read exactly what was announced, however the pages were sized.
    #[test]
    fn a_whole_pass_read_what_was_announced(pages in prop::collection::vec(0u64..7, 1..12), announced in 0u64..40) {
        let paging = paging("kind = \"page\"\nsize = 5");
        let mut read = 0;
        for count in pages {
            let page = Came { announced: Some(announced), ..came(&START, read, count) };
            match page.next(&paging).map(|(_, more)| more) {
                Ok(true) => read += count,
                Ok(false) => {
                    prop_assert_eq!(read + count, announced);
                    return Ok(());
                }
                Err(_) => {
                    prop_assert!(read + count > announced || count == 0);
                    return Ok(());
                }
            }
        }
        prop_assert!(read < announced);
    }

    #[test]
    fn every_circle_of_tokens_is_found(length in 1_usize..80, back in 0_usize..80) {
        let found = pages_until_found_out(length, back % length);
        prop_assert!(found.is_some_and(|pages| pages <= 3 * length + 1), "{found:?}");
    }

    #[test]
    fn offsets_never_go_back_and_never_stand_still_when_there_is_more(
        place in 0_u64..1_000, count in 0_u64..50, announced in proptest::option::of(0_u64..2_000),
    ) {
        let paging = paging("kind = \"offset\"\nsize = 10");
        let resume = Resume::Offset(place);
        let step = Came { announced, ..came(&resume, place, count) }.next(&paging);
        if let Ok((Resume::Offset(next), more)) = step {
            prop_assert!(next >= place && (!more || next > place));
        }
    }
}
