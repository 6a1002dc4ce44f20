//! The page of all kinds, in Chinese Markdown.

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
};

use super::{checks, words};
use chrono::{DateTime, Utc};

use crate::{
    demand::Rule,
    example::Example,
    issue::Outcome,
    kind::{Field, Kind},
    mapping::Mapping,
    profile::Profile,
    record::Form,
    rulebook::Rulebook,
    table::CodeTable,
    value::FieldType,
};

const HEAD: &str = "# 省级数据模型

由规则文件生成（`lianwang docs schema`），与检查用的是同一份规则，不要手改。“中文名”是模板和报表上的列名；“要求”一栏没有写明后果的，不符合即退回。
标“设计”的字段没有公开的接口表可依，依据写在“出处”里；其余字段的出处在每节开头。
“来源负责”的字段（等级、状态）联网从不自己订正（`lianwang fix`），只退回来源。
";

/// The whole page.
pub(super) fn page(book: &Rulebook) -> String {
    let mut page = HEAD.to_owned();
    // writing to a text cannot fail
    let _ = write(&mut page, book);
    page
}

fn write(page: &mut String, book: &Rulebook) -> fmt::Result {
    let mut kinds: Vec<&Kind> = book.kinds().iter().collect();
    kinds.sort_by_key(|kind| kind.name());
    writeln!(page, "\n| 种类 | 中文名 | 字段 | 全国交换的名称 |\n|---|---|---|---|")?;
    for kind in &kinds {
        let (name, label, wire) = (kind.name(), kind.label(), kind.wire().unwrap_or("–"));
        writeln!(page, "| [{name}](#{name}) | {label} | {} | {wire} |", kind.fields().len())?;
    }
    for kind in &kinds {
        section(page, book, kind)?;
    }
    code_tables(page, &kinds)
}

fn code_tables(page: &mut String, kinds: &[&Kind]) -> fmt::Result {
    writeln!(page, "\n## 代码表")?;
    for (name, table) in tables(kinds) {
        codes(page, name, table)?;
    }
    Ok(())
}

/// What the page says of one kind, and the code tables its fields use.
pub(super) fn part(book: &Rulebook, kind: &Kind) -> String {
    let mut part = String::new();
    // writing to a text cannot fail
    let _ = section(&mut part, book, kind).and_then(|()| code_tables(&mut part, &[kind]));
    part.trim_start().to_owned()
}

fn section(page: &mut String, book: &Rulebook, kind: &Kind) -> fmt::Result {
    let name = kind.name();
    writeln!(page, "\n<a id=\"{name}\"></a>\n\n## {}（{name}）", kind.label())?;
    if let Some(source) = kind.source() {
        writeln!(page, "\n出处：{source}")?;
    }
    writeln!(page, "\n| 字段 | 中文名 | 类型 | 要求 | 个人信息 | 出处 |\n|---|---|---|---|---|---|")?;
    for field in kind.fields() {
        line(page, kind, field)?;
    }
    rules(page, "规则", &kind.0.demands.rules)?;
    for profile in book.profiles() {
        industry(page, kind, profile)?;
    }
    examples(page, book, kind)
}

fn line(page: &mut String, kind: &Kind, field: &Field) -> fmt::Result {
    let mut demands = field.demands(kind, None);
    if field.owner_only() {
        demands.push("来源负责".to_owned());
    }
    let demands = demands.join("；");
    let origin = match (field.source(), field.basis()) {
        (Some("design"), basis) => format!("设计：{}", basis.unwrap_or_default()),
        (source, _) => source.unwrap_or_default().to_owned(),
    };
    let (name, label, holds) = (field.name(), field.label(), holds(field));
    let personal = field.personal().map_or("", words::personal);
    writeln!(
        page,
        "| {name} | {} | {holds} | {} | {personal} | {} |",
        cell(label),
        cell(&demands),
        cell(&origin)
    )
}

/// Its type in Chinese, with the table or the kind it leads to.
fn holds(field: &Field) -> String {
    match (field.field_type(), field.table(), field.parent()) {
        (FieldType::Code, Some(table), _) => format!("代码 [{}](#{})", table.name(), table.name()),
        (FieldType::Id, _, Some(parent)) => format!("引用 [{parent}](#{parent})"),
        (FieldType::Id, ..) => "标识".to_owned(),
        (FieldType::Text, ..) => "文本".to_owned(),
        (FieldType::Code, ..) => "代码".to_owned(),
        (FieldType::Int, ..) => "整数".to_owned(),
        (FieldType::Decimal, ..) => "小数".to_owned(),
        (FieldType::DateTime, ..) => "时刻".to_owned(),
        (FieldType::Date, ..) => "日期".to_owned(),
        (FieldType::Time, ..) => "钟点".to_owned(),
        (FieldType::Image, ..) => "图片".to_owned(),
    }
}

fn rules(page: &mut String, title: &str, rules: &[Rule]) -> fmt::Result {
    if rules.is_empty() {
        return Ok(());
    }
    writeln!(page, "\n{title}：\n")?;
    for rule in rules {
        let source = rule.source.as_deref().map(|source| format!("（{source}）")).unwrap_or_default();
        let level = words::level(rule.level);
        writeln!(page, "- `{}` {}：`{}`{level}{source}", rule.code, rule.message, rule.written)?;
    }
    Ok(())
}

/// What a profile adds to a kind, if anything.
fn industry(page: &mut String, kind: &Kind, profile: &Profile) -> fmt::Result {
    let Some(demands) = profile.demands(kind.name()) else { return Ok(()) };
    writeln!(page, "\n**{}**（`{}`）另外要求：\n", profile.label(), profile.name())?;
    let own = checks_by_field(kind, profile);
    let required: Vec<&str> =
        own.iter().filter(|(_, said)| said == "必填").map(|(label, _)| *label).collect();
    if !required.is_empty() {
        writeln!(page, "- 必填：{}", required.join("、"))?;
    }
    for (label, said) in own.iter().filter(|(_, said)| said != "必填") {
        writeln!(page, "- {label}：{said}")?;
    }
    for rule in &demands.rules {
        writeln!(page, "- `{}` {}：`{}`{}", rule.code, rule.message, rule.written, words::level(rule.level))?;
    }
    Ok(())
}

fn checks_by_field<'k>(kind: &'k Kind, profile: &Profile) -> Vec<(&'k str, String)> {
    let mut said = Vec::new();
    for field in kind.fields() {
        let own = checks(kind, None, field).len();
        let more = checks(kind, Some(profile), field).into_iter().skip(own).filter_map(words::of);
        said.extend(more.map(|words| (field.label(), words)));
    }
    said
}

fn examples(page: &mut String, book: &Rulebook, kind: &Kind) -> fmt::Result {
    let samples: Vec<_> = book.samples.iter().filter(|sample| sample.kind() == kind.name()).collect();
    if samples.is_empty() {
        return Ok(());
    }
    writeln!(page, "\n示例（`lianwang check` 每次都会运行）：\n")?;
    for sample in samples {
        let whose = sample.profile().map(|profile| format!("`{profile}` ")).unwrap_or_default();
        for example in &sample.examples {
            writeln!(page, "- {whose}{}", shown(kind, sample, example))?;
        }
    }
    Ok(())
}

/// What an example comes to, in the words its sender would read; one without a fault by what it fills in. Its name is for
/// whoever writes rules.
fn shown(kind: &Kind, sample: &Mapping, example: &Example) -> String {
    let (mapped, _) = sample.trace(&example.input, DateTime::<Utc>::MAX_UTC);
    let mut told: Vec<&str> = mapped.issues.iter().map(|issue| issue.message.as_str()).collect();
    if !told.is_empty() {
        told.dedup();
        let verdict = if mapped.outcome == Outcome::Good { "接收并提示" } else { example.becomes() };
        return format!("{verdict}：{}", told.join("；"));
    }
    let label = |(name, ..): &(String, String, Form)| {
        kind.number(name)
            .and_then(|number| kind.fields().get(number))
            .map_or(name.clone(), |field| field.label().to_owned())
    };
    format!("{}：填写{}", example.becomes(), example.input.iter().map(label).collect::<Vec<_>>().join("、"))
}

fn tables<'k>(kinds: &[&'k Kind]) -> BTreeMap<&'k str, &'k CodeTable> {
    let fields = kinds.iter().flat_map(|kind| kind.fields());
    fields.filter_map(Field::table).map(|table| (table.name(), table)).collect()
}

/// A table; a long one only by its beginning.
fn codes(page: &mut String, name: &str, table: &CodeTable) -> fmt::Result {
    const MOST: usize = 40;
    let all: Vec<String> = table.codes().map(|(code, label)| format!("{code} {label}")).collect();
    let shown = all.iter().take(MOST).map(String::as_str).collect::<Vec<_>>().join("、");
    let rest = if all.len() > MOST { format!(" …（共 {} 个）", all.len()) } else { String::new() };
    writeln!(page, "\n### {name}\n\n{shown}{rest}")
}

/// A text that may stand in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
