//! Reads the checks of kinds, profiles and outlets: attributes of fields and `[[rule]]` tables.
//! Leaves which fields there are to the kind, running them to `demand`.
//!
//! A check is its value, `max = 50`, or its value with a level, `max = { is = 50, level = "warn" }`.

use rust_decimal::Decimal;

use super::{
    reader::{Entry, Section, Text},
    tables::Tables,
};
use crate::{
    condition::{Condition, resolve},
    demand::{Check, FieldCheck, Rule},
    image::Format,
    issue::Level,
    kind::Field,
    notation::Notation,
    parse::number,
    problem::Problem,
    suggest::did_you_mean,
};

/// Keys that are checks.
pub(super) const CHECKS: [&str; 10] =
    ["required", "required_if", "pattern", "max", "min", "range", "prefix_in", "max_kb", "types", "readable"];

/// The checks a field's table demands. `table` is read as a narrower table only where the caller says so.
pub(super) fn field_checks(
    section: Section<'_>,
    fields: &[Field],
    tables: &Tables<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<FieldCheck> {
    let mut checks = Vec::new();
    for key in CHECKS {
        let Some(entry) = section.entry(key) else { continue };
        let (entry, level) = leveled(entry, problems);
        let what = match key {
            "required" => flag(entry, problems).map(|()| Check::Required),
            "required_if" => required_if(entry, fields, problems),
            "pattern" => pattern(entry, tables, problems),
            "range" => range(entry, problems),
            "prefix_in" => prefix_in(entry, tables, problems),
            "max" => count(entry, problems).map(Check::Max),
            "readable" => flag(entry, problems).map(|()| Check::Readable),
            "max_kb" => count(entry, problems).map(Check::MaxKb),
            "types" => formats(entry, problems).map(Check::Formats),
            _ => count(entry, problems).map(Check::Min),
        };
        checks.extend(what.map(|what| FieldCheck { what, level }));
    }
    checks
}

/// The notation a field of a kind declares.
pub(super) fn notation_of(section: Section<'_>, problems: &mut Vec<Problem>) -> Option<Notation> {
    let (entry, _) = leveled(section.entry("notation")?, problems);
    let text = told_text(entry, problems)?;
    let found = Notation::parse(text.value);
    if found.is_none() {
        let words = Notation::WORDS.map(|(word, _)| word);
        let hint = did_you_mean(text.value, words).or_else(|| Some(format!("可用：{}", words.join("、"))));
        problems.push(text.error(format!("不认识的 notation {}", text.value), hint));
    }
    found
}

/// What a notation demands: its form at the level said, its check digits as a warning.
pub(super) fn notation(section: Section<'_>, problems: &mut Vec<Problem>) -> Vec<FieldCheck> {
    let Some(entry) = section.entry("notation") else { return Vec::new() };
    let (_, level) = leveled(entry, problems);
    let checks = notation_of(section, &mut Vec::new()).map(|notation| {
        [
            FieldCheck { what: Check::Formed(notation), level },
            FieldCheck { what: Check::Counted(notation), level: Level::Warn },
        ]
    });
    checks.into_iter().flatten().collect()
}

fn prefix_in(entry: Entry<'_>, tables: &Tables<'_>, problems: &mut Vec<Problem>) -> Option<Check> {
    let text = told_text(entry, problems)?;
    tables.canonical(text, problems).map(Check::PrefixIn)
}

/// The narrower table a field's table demands.
pub(super) fn narrower(
    section: Section<'_>,
    field: &Field,
    tables: &Tables<'_>,
    problems: &mut Vec<Problem>,
) -> Option<FieldCheck> {
    let (entry, level) = leveled(section.entry("table")?, problems);
    let Some(name) = entry.text() else {
        problems.push(entry.error("table 应当是代码表的名字", None));
        return None;
    };
    let table = tables.canonical(name, problems)?;
    let Some(wide) = field.table() else {
        problems.push(entry.error(format!("类型 {} 没有 table", field.field_type().word()), None));
        return None;
    };
    let beyond: Vec<&str> = table.codes().map(|(code, _)| code).filter(|code| !wide.has(code)).collect();
    if !beyond.is_empty() {
        let message = format!("放宽了：{} 里的 {} 不在 {} 里", table.name(), beyond.join("、"), wide.name());
        problems.push(name.error(message, None));
    }
    Some(FieldCheck { what: Check::OneOf(table), level })
}

/// The `[[rule]]` tables of a section.
pub(super) fn rules(section: Section<'_>, fields: &[Field], problems: &mut Vec<Problem>) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    for rule in section.sections("rule", problems) {
        let Some(rule_read) = self::rule(rule, fields, problems) else { continue };
        if rules.iter().any(|known| known.code == rule_read.code) {
            problems.push(rule.error(format!("规则 {} 写了两次", rule_read.code)));
        }
        rules.push(rule_read);
    }
    rules
}

fn rule(section: Section<'_>, fields: &[Field], problems: &mut Vec<Problem>) -> Option<Rule> {
    section.only(&["code", "check", "message", "advice", "level", "field", "source"], problems);
    let code = section.needed("code", problems);
    let message = section.needed("message", problems);
    let written = section.needed("check", problems);
    let check = written.and_then(|text| condition(text, fields, problems));
    let level = section.entry("level").map_or(Some(Level::Reject), |entry| level(entry, problems));
    let named = section.text("field", problems).map(|name| (name, numbered(name.value, fields)));
    if let Some((name, None)) = named {
        let hint = did_you_mean(name.value, fields.iter().map(Field::name));
        problems.push(name.error(format!("没有字段 {}", name.value), hint));
    }
    let check = check?;
    let looked_at = check.fields();
    Some(Rule {
        code: code?.value.to_owned(),
        message: message?.value.to_owned(),
        advice: section.text("advice", problems).map_or("请核对这几项", |text| text.value).to_owned(),
        level: level?,
        written: written?.value.to_owned(),
        source: section.text("source", problems).map(|text| text.value.to_owned()),
        field: named.and_then(|(_, number)| number).or_else(|| looked_at.first().copied())?,
        fields: looked_at,
        check,
    })
}

fn numbered(name: &str, fields: &[Field]) -> Option<usize> {
    fields.iter().position(|field| field.name() == name)
}

/// The value of a check and its level.
fn leveled<'a>(entry: Entry<'a>, problems: &mut Vec<Problem>) -> (Entry<'a>, Level) {
    let Some(section) = entry.section() else { return (entry, Level::Reject) };
    section.only(&["is", "level"], problems);
    let level = section.entry("level").and_then(|entry| level(entry, problems)).unwrap_or(Level::Reject);
    let Some(is) = section.entry("is") else {
        problems.push(section.error("缺少 is"));
        return (entry, level);
    };
    (Entry { key: entry.key, ..is }, level)
}

fn level(entry: Entry<'_>, problems: &mut Vec<Problem>) -> Option<Level> {
    let found = entry.text().and_then(|text| Level::parse(text.value));
    if found.is_none() {
        problems.push(entry.error("level 应当是 reject、hold 或 warn", None));
    }
    found
}

/// `true`; `false` is as if nothing were said.
fn flag(entry: Entry<'_>, problems: &mut Vec<Problem>) -> Option<()> {
    let flag = entry.value.get_ref().as_bool();
    if flag.is_none() {
        problems.push(entry.error(format!("{} 应当是 true 或 false", entry.key), None));
    }
    flag.filter(|is_wanted| *is_wanted).map(drop)
}

fn required_if(entry: Entry<'_>, fields: &[Field], problems: &mut Vec<Problem>) -> Option<Check> {
    let text = told_text(entry, problems)?;
    let condition = condition(text, fields, problems)?;
    let words = condition.words(fields);
    Some(Check::RequiredIf(condition, words))
}

/// Compiles a condition; its faults are placed inside its text.
fn condition(text: Text<'_>, fields: &[Field], problems: &mut Vec<Problem>) -> Option<Condition> {
    match resolve::compile(text.value, fields) {
        Ok(condition) => Some(condition),
        Err(faults) => {
            let told = |fault: crate::condition::Fault| {
                text.file.error(text.byte_of(fault.at), format!("条件不对：{}", fault.message), fault.hint)
            };
            problems.extend(faults.into_iter().map(told));
            None
        }
    }
}

fn pattern(entry: Entry<'_>, tables: &Tables<'_>, problems: &mut Vec<Problem>) -> Option<Check> {
    let text = told_text(entry, problems)?;
    match tables.pattern(text.value) {
        Ok(pattern) => Some(Check::Pattern(pattern)),
        Err(error) => {
            let shown = error.to_string();
            let last = shown.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            problems.push(text.error("正则写法不对", Some(last)));
            None
        }
    }
}

fn range(entry: Entry<'_>, problems: &mut Vec<Problem>) -> Option<Check> {
    let ends: Option<Vec<Decimal>> = entry.value.get_ref().as_array().and_then(|array| {
        array
            .iter()
            .map(|value| Entry { value, ..entry }.scalar().and_then(|text| number::read(&text)))
            .collect()
    });
    match ends.as_deref() {
        Some([from, to]) if from <= to => Some(Check::Range(*from, *to)),
        _ => {
            problems.push(entry.error("range 应当是两个数：[最小, 最大]", None));
            None
        }
    }
}

/// The formats an image may have.
fn formats(entry: Entry<'_>, problems: &mut Vec<Problem>) -> Option<Vec<Format>> {
    let told = problems.len();
    let words = entry.texts(problems);
    if problems.len() > told {
        return None;
    }
    let found: Option<Vec<Format>> = words.iter().map(|word| Format::parse(word.value)).collect();
    if found.as_ref().is_none_or(Vec::is_empty) {
        let known = Format::WORDS.map(|(word, _)| word).join("、");
        problems.push(entry.error("types 应当是图片格式的列表", Some(format!("可用：{known}"))));
        return None;
    }
    found
}

fn count(entry: Entry<'_>, problems: &mut Vec<Problem>) -> Option<usize> {
    let count = entry.scalar().and_then(|text| text.parse().ok());
    if count.is_none() {
        problems.push(entry.error(
            format!("{} 应当是{}", entry.key, if entry.key == "max_kb" { "千字节数" } else { "字符数" }),
            None,
        ));
    }
    count
}

fn told_text<'a>(entry: Entry<'a>, problems: &mut Vec<Problem>) -> Option<Text<'a>> {
    let text = entry.text();
    if text.is_none() {
        problems.push(entry.error(format!("{} 应当是文本", entry.key), None));
    }
    text
}

#[cfg(test)]
mod tests;
