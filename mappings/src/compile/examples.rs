//! Reads the `[[example]]` tables of a mapping.
//! Leaves running them to `example`.

use toml::{Spanned, de::DeValue};

use super::{
    kinds::no_field,
    reader::{Section, Text},
};
use crate::{
    example::{Example, verdict},
    kind::Kind,
    problem::{Problem, Severity},
    record::Form,
};

/// Deepest nesting of an example's input.
const DEEPEST: usize = 16;

/// All examples of a mapping file.
pub(super) fn read(root: Section<'_>, kind: &Kind, problems: &mut Vec<Problem>) -> Vec<Example> {
    root.sections("example", problems)
        .into_iter()
        .filter_map(|section| one(section, kind, problems))
        .collect()
}

fn one(section: Section<'_>, kind: &Kind, problems: &mut Vec<Problem>) -> Option<Example> {
    section.only(&["name", "input", "issues", "output", "verdict"], problems);
    let name = section.needed("name", problems);
    if section.entry("input").is_none() {
        problems.push(section.error("缺少 input"));
    }
    let mut input = Vec::new();
    for entry in section.section("input", problems)?.entries() {
        flatten(entry.key.to_owned(), entry.value, 0, &mut input);
    }
    let issues = section.entry("issues").map(|entry| {
        let texts = entry.texts(problems);
        texts.iter().map(|text| text.value.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    });
    let name = name?;
    Some(Example {
        name: name.value.to_owned(),
        input,
        issues,
        output: output(section, kind, problems),
        verdict: section.text("verdict", problems).and_then(|text| verdict_of(text, problems)),
        place: name.file.problem(Severity::Error, section.at, String::new(), None),
    })
}

fn verdict_of(text: Text<'_>, problems: &mut Vec<Problem>) -> Option<crate::Outcome> {
    let found = verdict(text.value);
    if found.is_none() {
        problems.push(text.error("verdict 应当是 accepted、held 或 rejected", None));
    }
    found
}

fn output(section: Section<'_>, kind: &Kind, problems: &mut Vec<Problem>) -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for entry in section.section("output", problems).map(|output| output.entries()).unwrap_or_default() {
        if kind.number(entry.key).is_none() {
            problems.push(no_field(Text { file: entry.file, value: entry.key, at: entry.at }, kind.fields()));
        }
        match entry.scalar() {
            Some(text) => texts.push((entry.key.to_owned(), text)),
            None => problems.push(entry.error("这里应当是文本", None)),
        }
    }
    texts
}

/// Members of tables become paths, lists their text, as a decoder does.
fn flatten(
    path: String,
    value: &Spanned<DeValue<'_>>,
    depth: usize,
    input: &mut Vec<(String, String, Form)>,
) {
    let (text, form) = match value.get_ref() {
        DeValue::String(text) => (text.to_string(), Form::Text),
        DeValue::Integer(number) => (number.as_str().to_owned(), Form::Number),
        DeValue::Float(number) => (number.as_str().to_owned(), Form::Number),
        DeValue::Boolean(truth) => (truth.to_string(), Form::Bool),
        DeValue::Datetime(moment) => (moment.to_string(), Form::Text),
        DeValue::Array(array) if array.is_empty() => ("[]".to_owned(), Form::Nested),
        DeValue::Array(_) => ("[…]".to_owned(), Form::Nested),
        DeValue::Table(table) if !table.is_empty() && depth < DEEPEST => {
            for (key, value) in table {
                flatten(format!("{path}.{}", key.get_ref()), value, depth + 1, input);
            }
            return;
        }
        DeValue::Table(_) => ("{}".to_owned(), Form::Nested),
    };
    input.push((path, text, form));
}
