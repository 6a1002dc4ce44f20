//! The cursor's arithmetic: what a pass covers, where a page moves it, when a pass begins again and when it gives up.

use chrono::TimeDelta;

use super::*;

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
}

fn page(count: u64, announced: Option<u64>, to: Resume, more: bool) -> Page {
    let digest = format!("{count} {to:?}");
    Page { documents: Vec::new(), count, announced, to, reached: None, more, digest }
}

fn mark(id: &str) -> Resume {
    Resume::After(Mark { time: "t".to_owned(), id: id.to_owned() })
}

fn due() -> Cursor {
    Cursor { due: true, ..Cursor::default() }
}

#[test]
fn a_first_pass_has_no_lower_bound_and_a_later_one_begins_at_what_is_settled() {
    let first = plan(&due(), 7, 1, at(5));
    assert_eq!(first.window, Window { from: None, until: at(5) });
    assert_eq!((first.resume, first.read, first.epoch), (Resume::Start, 0, 7));
    let settled = Cursor { settled: Some((at(3).timestamp_millis(), "x".to_owned())), ..due() };
    assert_eq!(plan(&settled, 7, 1, at(9)).window, Window { from: Some(at(3)), until: at(9) });
    let full = Cursor { full_due: true, ..settled };
    assert_eq!(plan(&full, 7, 1, at(9)).window, Window { from: None, until: at(9) });
}

#[test]
fn a_pass_goes_on_with_its_own_window_but_by_number_only_for_who_began_it() {
    let pass = |resume| Pass {
        resume,
        read: 8,
        pages: 2,
        announced: Some(20),
        again: 1,
        ..plan(&due(), 1, 1, at(0))
    };
    let by_number = Cursor { pass: Some(pass(Resume::Page(3))), ..due() };
    assert_eq!(plan(&by_number, 1, 1, at(9)), pass(Resume::Page(3)));
    let taken_over = plan(&by_number, 2, 1, at(9));
    assert_eq!((&taken_over.resume, taken_over.read, taken_over.pages), (&Resume::Start, 0, 0));
    assert_eq!((taken_over.announced, taken_over.again, taken_over.epoch), (None, 1, 2));
    assert_eq!(taken_over.window.until, at(0), "fixed for the whole pass");
    let by_key = Cursor { pass: Some(pass(mark("k"))), ..due() };
    assert_eq!(plan(&by_key, 2, 1, at(9)), Pass { epoch: 2, ..pass(mark("k")) });
}

#[test]
fn a_pass_begun_under_another_revision_begins_again_however_it_is_read() {
    for resume in [mark("k"), Resume::Page(3)] {
        let pass = Pass { resume, read: 8, pages: 2, ..plan(&due(), 1, 1, at(0)) };
        let open = Cursor { pass: Some(pass), ..due() };
        let again = plan(&open, 1, 2, at(9));
        assert_eq!(
            (again.resume, again.read, again.revision, again.window.until),
            (Resume::Start, 0, 2, at(0))
        );
    }
}

#[test]
fn a_page_moves_the_pass_and_only_the_last_one_settles() {
    let failed = Cursor { failures: 3, not_before: Some(at(1)), last_error: Some("旧".to_owned()), ..due() };
    let first = Page { reached: Some(at(2)), ..page(4, None, mark("b"), true) };
    let (moving, error) = advance(&failed, plan(&failed, 1, 1, at(9)), &first, at(9));
    assert_eq!(error, None);
    assert_eq!((moving.failures, moving.not_before, &moving.last_error, moving.due), (0, None, &None, true));
    let pass = moving.pass.clone().unwrap();
    assert_eq!((&pass.resume, pass.read, pass.pages), (&mark("b"), 4, 1));
    assert_eq!(
        (pass.reached.clone(), moving.settled.clone()),
        (Some((at(2).timestamp_millis(), "b".to_owned())), None)
    );
    let last = Page { reached: Some(at(3)), ..page(1, None, mark("c"), false) };
    let (settled, error) = advance(&moving, pass, &last, at(10));
    assert_eq!(error, None);
    assert_eq!(
        (settled.settled, settled.pass, settled.due),
        (Some((at(3).timestamp_millis(), "c".to_owned())), None, false)
    );
    assert_eq!((settled.last_page_at, settled.last_whole_at), (Some(at(10)), Some(at(10))));
}

#[test]
fn settled_never_goes_back() {
    let far = Cursor { settled: Some((at(50).timestamp_millis(), "z".to_owned())), full_due: true, ..due() };
    let last = Page { reached: Some(at(3)), ..page(1, None, mark("a"), false) };
    let (to, _) = advance(&far, plan(&far, 1, 1, at(60)), &last, at(60));
    assert_eq!((to.settled, to.full_due), (far.settled, false));
    let empty = page(0, None, Resume::Start, false);
    let none = Cursor { full_due: false, ..due() };
    assert_eq!(advance(&none, plan(&none, 1, 1, at(60)), &empty, at(60)).0.settled, None);
}

/// A pass by number of two pages whose total is `first` at its beginning and `last` at its end.
fn two_pages(from: &Cursor, first: u64, last: u64) -> (Cursor, Option<String>) {
    let (half, error) =
        advance(from, plan(from, 1, 1, at(0)), &page(4, Some(first), Resume::Page(2), true), at(0));
    assert_eq!(error, None);
    let pass = plan(&half, 1, 1, at(0));
    advance(&half, pass, &page(2, Some(last), Resume::Page(2), false), at(1))
}

#[test]
fn a_total_that_is_the_same_at_both_ends_is_a_whole_pass() {
    let (to, error) = two_pages(&due(), 6, 6);
    assert_eq!((to.pass, to.due, to.last_whole_at, error), (None, false, Some(at(1)), None));
}

#[test]
fn a_total_that_moved_begins_again_twice_and_then_is_an_error_with_both_totals() {
    let mut cursor = due();
    for again in 1..AGAIN {
        let (to, error) = two_pages(&cursor, 6, 7);
        assert_eq!(error, None);
        let pass = to.pass.clone().unwrap();
        assert_eq!((pass.again, pass.resume, pass.read, to.due), (again, Resume::Start, 0, true));
        cursor = to;
    }
    let (to, error) = two_pages(&cursor, 6, 7);
    let what = error.unwrap();
    assert!(what.contains('6') && what.contains('7'), "{what}");
    assert_eq!((to.pass, to.due, to.settled, to.last_whole_at), (None, false, None, None));
    assert_eq!(to.last_error, Some(what));
}

#[test]
fn a_rest_that_shrinks_page_by_page_is_no_moving_total() {
    let cursor = due();
    let (half, _) = advance(&cursor, plan(&cursor, 1, 1, at(0)), &page(4, Some(6), mark("d"), true), at(0));
    let (to, error) = advance(&half, plan(&half, 1, 1, at(0)), &page(2, Some(2), mark("f"), false), at(1));
    assert_eq!((to.pass, error), (None, None));
}

#[test]
fn a_failure_breaks_a_pass_by_number_only() {
    let pass = |resume| Pass { resume, read: 8, pages: 2, ..plan(&due(), 1, 1, at(0)) };
    assert_eq!(broken(pass(Resume::Page(3))), Pass { ..plan(&due(), 1, 1, at(0)) });
    assert_eq!(broken(pass(mark("k"))), pass(mark("k")));
}

#[test]
fn a_person_asks_at_once_and_a_schedule_respects_a_wait() {
    let waiting = Cursor { not_before: Some(at(30)), ran_for: Some(at(1)), ..Cursor::default() };
    let person = wanted(&waiting, Asked::default());
    assert_eq!((person.due, person.not_before, person.ran_for), (true, None, Some(at(1))));
    let schedule = wanted(&waiting, Asked { fired: Some(at(2)), full: false });
    assert_eq!((schedule.due, schedule.not_before, schedule.ran_for), (true, Some(at(30)), Some(at(2))));
    let full = wanted(
        &Cursor { pass: Some(plan(&due(), 1, 1, at(0))), ..waiting },
        Asked { fired: Some(at(3)), full: true },
    );
    assert_eq!(
        (full.full_due, full.pass, full.full_for, full.ran_for),
        (true, None, Some(at(3)), Some(at(1)))
    );
}
