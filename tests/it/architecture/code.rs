//! What of a Rust file is code that ships: comments, texts and the tests at its end are blanked out, lines stay lines.

/// The code that ships, one line for each of the file's, up to the tests at its end.
pub(super) fn shipped(text: &str) -> String {
    let blank = without_texts(text);
    let end = blank.find("#[cfg(test)]\nmod tests").unwrap_or(blank.len());
    blank[..end].to_owned()
}

/// Lines (from 1) that hold a word; a word that begins with a letter is not found inside a longer one.
pub(super) fn lines_with(code: &str, word: &str) -> Vec<usize> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let holds = |line: &str| {
        line.match_indices(word).any(|(at, _)| {
            let before = line[..at].chars().next_back().is_some_and(is_part);
            let after = line[at + word.len()..].chars().next().is_some_and(is_part);
            let goes_on = before && word.starts_with(is_part) || after && word.ends_with(is_part);
            !goes_on
        })
    };
    (1..).zip(code.lines()).filter(|(_, line)| holds(line)).map(|(number, _)| number).collect()
}

fn without_texts(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let skipped = comment(rest).or_else(|| literal(rest, code.chars().next_back()));
        let length = skipped.unwrap_or(first.len_utf8());
        let (taken, after) = rest.split_at(length);
        match skipped {
            Some(_) => code.extend(taken.chars().map(|c| if c == '\n' { '\n' } else { ' ' })),
            None => code.push_str(taken),
        }
        rest = after;
    }
    code
}

/// The length of the comment that begins here.
fn comment(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    rest.starts_with("/*").then(|| rest.find("*/").map_or(rest.len(), |end| end + 2))
}

/// The length of the text or character that begins here. A lifetime is neither.
fn literal(rest: &str, before: Option<char>) -> Option<usize> {
    let in_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    if let Some(hashed) = rest.strip_prefix('r').filter(|_| !in_word) {
        let hashes = hashed.len() - hashed.trim_start_matches('#').len();
        if let Some(inside) = hashed[hashes..].strip_prefix('"') {
            let close = format!("\"{}", "#".repeat(hashes));
            return Some(2 + hashes + inside.find(&close).map_or(inside.len(), |end| end + close.len()));
        }
    }
    match rest.chars().next()? {
        '"' => Some(1 + closed(&rest[1..], '"')),
        '\'' if rest[1..].starts_with('\\') || rest[1..].chars().nth(1) == Some('\'') => {
            Some(1 + closed(&rest[1..], '\''))
        }
        _ => None,
    }
}

/// The length up to and with the closing mark, escapes passed over.
fn closed(inside: &str, mark: char) -> usize {
    let mut escaped = false;
    for (at, c) in inside.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == mark => return at + c.len_utf8(),
            _ => {}
        }
    }
    inside.len()
}

#[test]
fn comments_texts_and_tests_are_no_code() {
    let text = "//! Utc::now\nfn a<'s>(x: &'s str) -> char { /* Utc::now\n */ b(\"Utc::now \\\" Utc::now\", r#\"Utc::now\"#, '\"', '\\'') }\n\
                Utc::now();\n#[cfg(test)]\nmod tests {\n    Utc::now();\n}\n";
    let code = shipped(text);
    assert_eq!(lines_with(&code, "Utc::now"), [4]);
    assert!(code.contains("fn a<'s>(x: &'s str) -> char {"), "{code}");
}

#[test]
fn a_word_is_not_found_inside_a_longer_one() {
    assert_eq!(lines_with("use crontab::x;\nuse cron::x;\nuse a::cron;", "cron"), [2, 3]);
    assert_eq!(lines_with("AnySource\nManySource\nAnySources", "AnySource"), [1]);
    assert_eq!(lines_with("std::env::vars_os()\nenv::var(x)", "env::var"), [2]);
}
