//! When a line is written, and that every template is one.

use super::*;

#[test]
fn a_line_is_written_for_every_further_step_and_for_each_thing_anew() {
    let mut lines = Lines::default();
    let due: Vec<bool> = [0, 0, 1, 1, 3, 2].into_iter().map(|step| lines.is_due("读取 park", step)).collect();
    assert_eq!(due, [false, false, true, false, true, false]);
    assert!(lines.is_due("研判 park", 1), "another thing begins at none");
    assert!(!lines.is_due("读取 park", 0) && lines.is_due("读取 park", 3));
}

#[test]
fn the_templates_can_be_read() {
    let hidden = ProgressBar::hidden();
    let progress = Progress(Shown::Bar(hidden.clone()));
    progress.say("读取 park", 7);
    assert_eq!((hidden.message(), hidden.position(), hidden.length()), ("读取 park".to_owned(), 7, None));
    progress.part("重新推导", 3, 9);
    assert_eq!((hidden.position(), hidden.length()), (3, Some(9)));
    for template in
        ["{msg} [{bar:30}] {pos} / {len}（剩 {eta}）", "{spinner} {msg}：{pos} 条（{elapsed}，{per_sec}）"]
    {
        assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
    }
}

#[test]
fn beside_json_nothing_is_shown() {
    assert!(matches!(Progress::unless(true).0, Shown::Nothing));
}
