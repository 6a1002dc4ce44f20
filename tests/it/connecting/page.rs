//! What a walk written in Markdown holds: files, commands, what they print. Leaves doing it to the test.

use serde_json::Value;

/// One fenced block of a walk.
#[derive(Debug)]
pub(super) enum Block<'p> {
    /// A file: its path, from the first line, and its text.
    File(&'p str, String),
    /// Lines for a shell.
    Commands(Vec<&'p str>),
    /// What the commands before it print; `…` stands for anything, on a line of its own for any lines.
    Printed(&'p str),
    /// A record as the system sends it.
    Record(Value),
}

/// The blocks in order; those in other words (a vendor's interface) are for people.
pub(super) fn blocks(page: &str) -> Vec<Block<'_>> {
    page.split("\n```").skip(1).step_by(2).filter_map(block).collect()
}

fn block(fenced: &str) -> Option<Block<'_>> {
    let (language, text) = fenced.split_once('\n')?;
    match language {
        "toml" | "csv" => {
            let (first, rest) = text.split_once('\n')?;
            Some(Block::File(first.strip_prefix("# ").unwrap(), format!("{rest}\n")))
        }
        "sh" => Some(Block::Commands(text.lines().collect())),
        "text" => Some(Block::Printed(text)),
        "json" => Some(Block::Record(serde_json::from_str(text).unwrap())),
        "http" => None,
        other => panic!("nobody knows what to do with a block of {other}"),
    }
}

/// Whether what was printed is what the page says.
pub(super) fn agrees(page: &str, printed: &str) -> bool {
    let says: Vec<&str> = page.lines().collect();
    let is: Vec<&str> = printed.lines().collect();
    lines(&says, &is)
}

fn lines(says: &[&str], is: &[&str]) -> bool {
    match says {
        [] => is.is_empty(),
        ["…", rest @ ..] => (0..=is.len()).any(|skipped| lines(rest, &is[skipped..])),
        [first, rest @ ..] => is.first().is_some_and(|line| same(first, line)) && lines(rest, &is[1..]),
    }
}

/// One line: what stands between the `…` must stand there in this order, the beginning and the end at their places.
fn same(says: &str, is: &str) -> bool {
    let Some((head, tail)) = says.split_once('…') else { return says == is };
    let Some(rest) = is.strip_prefix(head) else { return false };
    rest.char_indices().map(|(at, _)| at).chain([rest.len()]).any(|at| same(tail, &rest[at..]))
}

#[test]
fn what_a_page_leaves_open_is_open_and_nothing_else_is() {
    assert!(agrees("a\nb … d\n…\nz", "a\nb c d\nx\ny\nz\n"));
    assert!(agrees("…", "") && agrees("a …", "a b") && agrees("", ""));
    for (says, is) in [("a", "b"), ("a\nb", "a"), ("a", "a\nb"), ("b … d", "b c e"), ("…\nz", "x\ny")] {
        assert!(!agrees(says, is), "{says:?} {is:?}");
    }
}
