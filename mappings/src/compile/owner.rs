//! Reads whether a mapping takes only records of owners that somebody knows. Leaves knowing them to the pipeline.

use super::reader::Section;
use crate::{kind::Kind, mapping::field::FieldRule, problem::Problem, suggest::did_you_mean};

/// `owner = "known"`; a kind without an owner, or a mapping that feeds none, would be held for ever.
pub(super) fn compile(
    root: Section<'_>,
    kind: &Kind,
    rules: &[FieldRule],
    problems: &mut Vec<Problem>,
) -> bool {
    let Some(text) = root.text("owner", problems) else { return false };
    if text.value != "known" {
        let hint = did_you_mean(text.value, ["known"])
            .unwrap_or_else(|| "只能写 known：名册里没有的，记录待定；不写则照收，归属待定".to_owned());
        problems.push(text.error(format!("不认识的 owner {}", text.value), Some(hint)));
        return false;
    }
    let owners = &kind.0.marks.owners;
    let fed = |(_, number): &(String, usize)| rules.iter().any(|rule| rule.field == *number);
    if owners.iter().any(fed) {
        return true;
    }
    let fields: Vec<&str> =
        owners.iter().filter_map(|(_, number)| Some(kind.fields().get(*number)?.name())).collect();
    let (message, hint) = if fields.is_empty() {
        (format!("种类 {} 没有说明归属的字段，owner = \"known\" 会让每条记录都待定", kind.name()), None)
    } else {
        let hint = format!("在 [fields] 里写上 {} 之一", fields.join("、"));
        ("没有字段说明归属，owner = \"known\" 会让每条记录都待定".to_owned(), Some(hint))
    };
    problems.push(text.error(message, hint));
    false
}

#[cfg(test)]
mod tests;
