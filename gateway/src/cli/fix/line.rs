//! Lines of `fixes.csv`, put in and taken out, the rest of the file as it was.

use mappings::Fix;

use super::super::deciding::with_line;

const HEAD: &str = "kind,id_space,id,field,was,is,note";

/// The text with the fix at its end.
pub(super) fn added(text: &str, fix: &Fix) -> String {
    let Fix { kind, id_space, id, field, was, is, note, .. } = fix;
    with_line(text, HEAD, [kind, id_space, id, field, was, is, note])
}

/// The text without some of its lines, which count from 1.
pub(super) fn without(text: &str, taken: &[usize]) -> String {
    let lines = (1..).zip(text.split_inclusive('\n'));
    lines.filter(|(number, _)| !taken.contains(number)).map(|(_, line)| line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fix(was: &str, line: usize) -> Fix {
        let text = str::to_owned;
        Fix {
            kind: text("hazard"),
            id_space: text("src:park"),
            id: text("A,1"),
            field: text("dangerSrc"),
            was: text(was),
            is: text("2"),
            note: text("2026-11-26 张三 核实"),
            line,
        }
    }

    #[test]
    fn a_line_is_added_below_the_header_and_the_rest_stays() {
        let line = "hazard,src:park,\"A,1\",dangerSrc,日常,2,2026-11-26 张三 核实\n";
        assert_eq!(added("", &fix("日常", 2)), format!("{HEAD}\n{line}"));
        let before = format!("# 订正\n{HEAD}");
        assert_eq!(added(&before, &fix("日常", 3)), format!("{before}\n{line}"));
        assert_eq!(added("# 还没有\n", &fix("日常", 3)), format!("# 还没有\n{HEAD}\n{line}"));
        assert_eq!(added(&format!("{HEAD}\n"), &fix("", 2)).matches(",dangerSrc,,2,").count(), 1);
    }

    #[test]
    fn what_was_added_is_taken_out_again() {
        let before = format!("# 订正\n{HEAD}\na,b,c,d,e,f,g\n");
        let after = added(&before, &fix("日常", 4));
        assert_eq!(without(&after, &[4]), before);
        assert_eq!(without(&after, &[3, 4]), format!("# 订正\n{HEAD}\n"));
        assert_eq!(without(&after, &[]), after);
    }
}
