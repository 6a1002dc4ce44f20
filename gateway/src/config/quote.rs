//! Problems of the gateway's own files, at their place: line and column, the line quoted.
//! Leaves finding the problems to whoever reads the file.

use std::ops::Range;

use mappings::{Problem, RuleFile, Severity};

/// A problem of a file as a whole.
pub(super) fn whole_file(severity: Severity, file: String, message: &str, hint: Option<String>) -> Problem {
    Problem { severity, file, line: 1, column: 1, quote: String::new(), message: message.to_owned(), hint }
}

/// A problem at these bytes of a file; none: at its beginning.
pub(super) fn at(
    file: &RuleFile,
    span: Option<Range<usize>>,
    severity: Severity,
    message: String,
    hint: Option<String>,
) -> Problem {
    let (line, column, quote) = place(&file.text, span.map_or(0, |span| span.start));
    Problem { severity, file: file.path.clone(), line, column, quote: quote.to_owned(), message, hint }
}

/// Line and column of a byte, both from 1, the column in characters; and the line without white space around it.
fn place(text: &str, byte: usize) -> (u32, u32, &str) {
    let mut byte = byte.min(text.len());
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    let (before, after) = text.split_at(byte);
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let column = before.get(start..).unwrap_or_default().chars().count() + 1;
    let end = after.find('\n').map_or(text.len(), |end| byte + end);
    let quote = text.get(start..end).unwrap_or_default().trim();
    (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX), quote)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_in_characters() {
        let text = "一 = 1\n  二三 = 4\n";
        assert_eq!(place(text, 0), (1, 1, "一 = 1"));
        assert_eq!(place(text, text.find('三').unwrap()), (2, 4, "二三 = 4"));
        assert_eq!(place(text, text.len()), (3, 1, ""));
        assert_eq!(place(text, 1), (1, 1, "一 = 1"), "a byte inside a character is that character's");
        assert_eq!(place("", 9), (1, 1, ""));
    }

    #[test]
    fn a_problem_without_a_place_is_at_the_beginning() {
        let file = RuleFile { path: "lianwang.toml".to_owned(), text: "a\nb".to_owned() };
        let problem = at(&file, Some(2..3), Severity::Warning, "m".to_owned(), None);
        assert_eq!(problem.to_string(), "lianwang.toml:2:1: 警告: m\n    b");
        assert_eq!(at(&file, None, Severity::Error, "m".to_owned(), None).line, 1);
        assert_eq!(whole_file(Severity::Error, "f".to_owned(), "m", None).to_string(), "f:1:1: 错误: m");
    }

    proptest! {
        #[test]
        fn any_byte_of_any_text_has_a_place(text in "(.|\n){0,40}", byte in 0usize..80) {
            let (line, column, _) = place(&text, byte);
            prop_assert!(line >= 1 && column >= 1);
        }
    }
}
