//! One line more in `aliases.csv`, or one less, the rest of the file as it was.

use super::super::deciding::{cell, with_line};

const HEADER: &str = "kind,id_space,id,to_space,to_id,note";

/// An id of a space, or all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) id_space: String,
    /// None: every id.
    pub(super) id: Option<String>,
}

impl Said {
    fn id(&self) -> &str {
        self.id.as_deref().unwrap_or("*")
    }

    pub(super) fn written(&self) -> String {
        format!("{}/{}", self.id_space, self.id())
    }
}

/// The text with the line at its end, below a header.
pub(super) fn added(text: &str, kind: &str, [from, to]: [&Said; 2], note: &str) -> String {
    with_line(text, HEADER, [kind, &from.id_space, from.id(), &to.id_space, to.id(), note])
}

/// The text without the line of an id; none: there is no such line.
pub(super) fn taken_out(text: &str, kind: &str, from: &Said) -> Option<String> {
    let start = [kind, &from.id_space, from.id()].map(cell).join(",");
    let is_it = |line: &str| bare(line).strip_prefix(&start).is_some_and(|rest| rest.starts_with(','));
    let left: String = text.split_inclusive('\n').filter(|line| !is_it(line)).collect();
    (left.len() < text.len()).then_some(left)
}

/// A line without white space around its cells, as far as it is plain.
fn bare(line: &str) -> String {
    if line.contains('"') {
        return line.to_owned();
    }
    line.split(',').map(str::trim).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Said {
        let (id_space, id) = text.split_once('/').unwrap();
        Said { id_space: id_space.to_owned(), id: (id != "*").then(|| id.to_owned()) }
    }

    #[test]
    fn the_first_line_comes_below_a_header_and_the_next_below_it() {
        let first = added("", "plant", [&said("uuid/1"), &said("uuid/2")], "张三 同一个");
        assert_eq!(first, format!("{HEADER}\nplant,uuid,1,uuid,2,张三 同一个\n"));
        let second = added(first.trim_end(), "plant", [&said("src:a/*"), &said("uuid/*")], "甲,乙");
        assert_eq!(second, format!("{first}plant,src:a,*,uuid,*,\"甲,乙\"\n"));
        let below = added("# 还没有\n", "plant", [&said("uuid/1"), &said("uuid/2")], "");
        assert_eq!(below, format!("# 还没有\n{HEADER}\nplant,uuid,1,uuid,2,\n"));
    }

    #[test]
    fn only_the_line_of_that_id_is_taken_out() {
        let text = format!(
            "{HEADER}\n# 记\nplant,uuid,1,uuid,2,a\nplant, uuid ,11,uuid,2,b\ntank,uuid,1,uuid,2,c\nplant,uuid,*,src:b,*,d\n"
        );
        let without = |kind: &str, id: &str| taken_out(&text, kind, &said(id));
        assert_eq!(without("plant", "uuid/1").unwrap(), text.replace("plant,uuid,1,uuid,2,a\n", ""));
        assert_eq!(without("plant", "uuid/11").unwrap(), text.replace("plant, uuid ,11,uuid,2,b\n", ""));
        assert_eq!(without("plant", "uuid/*").unwrap(), text.replace("plant,uuid,*,src:b,*,d\n", ""));
        assert_eq!(without("plant", "uuid/2"), None);
        assert_eq!(without("alarm", "uuid/1"), None);
    }

    #[test]
    fn what_was_added_is_taken_out_again_whatever_stands_in_it() {
        for id in ["1", "甲,乙", "a\"b", "x/y"] {
            let (from, to) = (said(&format!("src:a/{id}")), said("uuid/2"));
            let text = added(HEADER, "plant", [&from, &to], "n");
            assert_eq!(
                taken_out(&text, "plant", &from).as_deref(),
                Some(format!("{HEADER}\n").as_str()),
                "{id}"
            );
        }
    }
}
