//! One line more in a table of a source's words, the rest of the file as it was.

use super::super::deciding::with_line;

/// The text with the line at its end.
///
/// # Errors
/// In Chinese, when the word stands in the table already, or cannot be a cell.
pub(super) fn added(text: &str, value: &str, code: &str, note: &str) -> Result<String, String> {
    let value = value.trim();
    if value.is_empty() || value.starts_with('#') || value.contains(['\n', '\r']) {
        return Err(format!("“{value}”不能写进对照表"));
    }
    let known = text.lines().find(|line| first_cell(line) == value);
    if let Some(line) = known {
        return Err(format!("“{value}”已在对照表里：{line}"));
    }
    Ok(with_line(text, "from,code", [value, code, note]))
}

fn first_cell(line: &str) -> String {
    let quoted = line.trim_start().strip_prefix('"');
    match quoted.and_then(|rest| rest.split_once("\",")) {
        Some((inside, _)) => inside.replace("\"\"", "\""),
        None => line.split(',').next().unwrap_or_default().trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "# 园区的等级\nfrom,code\n一般隐患,0\n\"重大,特大\",1\n";

    #[test]
    fn a_line_is_added_and_the_rest_stays() {
        let added = added(TABLE, "特大隐患", "1", "2026-03-01 张三 与园区核实").unwrap();
        assert_eq!(added, format!("{TABLE}特大隐患,1,2026-03-01 张三 与园区核实\n"));
        assert!(super::added("from,code", "a,\"b\"", "1", "").unwrap().ends_with("\n\"a,\"\"b\"\"\",1,\n"));
    }

    #[test]
    fn a_word_that_is_there_or_cannot_be_is_told() {
        assert_eq!(added(TABLE, "一般隐患", "1", "").unwrap_err(), "“一般隐患”已在对照表里：一般隐患,0");
        assert!(added(TABLE, "重大,特大", "1", "").unwrap_err().contains("已在对照表里"));
        for word in ["", "  ", "#x", "a\nb"] {
            assert!(added(TABLE, word, "1", "").is_err(), "{word}");
        }
    }
}
