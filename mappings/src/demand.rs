//! Checks on one record: what a kind, a profile or a destination demands of fields and between them.
//! Leaves reading values to `parse` and the verdict to the pipeline.

use std::sync::Arc;

use regex::Regex;
use rust_decimal::Decimal;

use crate::{
    condition::Condition,
    garbled::is_garbled,
    image::{Format, Image},
    issue::{Issue, Level, report},
    kind::{Field, Kind},
    length::Counting,
    mask::mask,
    notation::{Amiss, Notation},
    table::CodeTable,
    value::{Canonical, Cell, Typed},
};

/// All checks of one kind in one setting.
#[derive(Debug, Clone, Default)]
pub(crate) struct Demands {
    /// Checks by field number.
    pub(crate) fields: Vec<Vec<FieldCheck>>,
    pub(crate) rules: Vec<Rule>,
}

/// One check of one field.
#[derive(Debug, Clone)]
pub(crate) struct FieldCheck {
    pub(crate) what: Check,
    pub(crate) level: Level,
}

#[derive(Debug, Clone)]
pub(crate) enum Check {
    Required,
    /// Under a condition, which is also told in words.
    RequiredIf(Condition, String),
    Pattern(Regex),
    Max(usize),
    /// At most so many, by a receiver's way of counting.
    MaxBy(usize, Counting),
    Min(usize),
    /// Without traces of a wrong character set.
    Readable,
    /// An image of at most so many KB, decoded.
    MaxKb(usize),
    /// An image of one of these formats.
    Formats(Vec<Format>),
    Range(Decimal, Decimal),
    OneOf(Arc<CodeTable>),
    /// Begins with a code of the table.
    PrefixIn(Arc<CodeTable>),
    /// Has the form of a notation.
    Formed(Notation),
    /// Has the check digits of a notation.
    Counted(Notation),
}

/// One check between fields.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) code: String,
    pub(crate) check: Condition,
    /// The check as its file writes it.
    pub(crate) written: String,
    pub(crate) message: String,
    pub(crate) advice: String,
    pub(crate) level: Level,
    /// The clause it rests on, if its file names one.
    pub(crate) source: Option<String>,
    /// The field the issue is about, and all it looks at.
    pub(crate) field: usize,
    pub(crate) fields: Vec<usize>,
}

/// The record a check looks at.
pub(crate) struct Subject<'s> {
    pub(crate) kind: &'s Kind,
    pub(crate) cells: &'s [Cell],
    /// Where a field stands in the sender's words, and what was written there.
    pub(crate) written: &'s dyn Fn(usize) -> (String, String),
}

impl Demands {
    /// These and more, on the same kind.
    pub(crate) fn and(&self, more: &Self) -> Self {
        let count = self.fields.len().max(more.fields.len());
        let of = |demands: &Self, at: usize| demands.fields.get(at).cloned().unwrap_or_default();
        let fields = (0..count).map(|at| [of(self, at), of(more, at)].concat()).collect();
        Self { fields, rules: [self.rules.clone(), more.rules.clone()].concat() }
    }

    /// Whether a field is checked for what is told by this code.
    pub(crate) fn checks(&self, number: usize, code: &str) -> bool {
        self.fields.get(number).into_iter().flatten().any(|check| check.what.code() == Some(code))
    }

    /// Whether anything is demanded.
    pub(crate) fn is_empty(&self) -> bool {
        self.rules.is_empty() && self.fields.iter().all(Vec::is_empty)
    }

    /// Runs the checks of one field.
    pub(crate) fn run_field(&self, number: usize, subject: &Subject<'_>, issues: &mut Vec<Issue>) {
        for check in self.fields.get(number).into_iter().flatten() {
            if let Some(told) = check.what.fault(subject.cells, number) {
                report(issues, subject.issue(number, check.level, told));
            }
        }
    }

    /// Runs every check; all that fail are reported.
    pub(crate) fn run(&self, subject: &Subject<'_>, issues: &mut Vec<Issue>) {
        for number in 0..self.fields.len() {
            self.run_field(number, subject, issues);
        }
        for rule in &self.rules {
            if rule.check.holds(subject.cells) == Some(false) {
                report(issues, subject.broken(rule));
            }
        }
    }
}

impl FieldCheck {
    /// Makes a limit of characters one of what a receiver counts.
    pub(crate) fn count_by(&mut self, counting: Counting) {
        if let Check::Max(most) = self.what
            && counting != Counting::Chars
        {
            self.what = Check::MaxBy(most, counting);
        }
    }
}

/// Code, message after the label, advice.
struct Told(&'static str, String, String);

impl From<Amiss> for Told {
    fn from(amiss: Amiss) -> Self {
        Self(amiss.code, amiss.message.to_owned(), amiss.advice.to_owned())
    }
}

impl Check {
    /// By which it is told; a notation has several of its own.
    const fn code(&self) -> Option<&'static str> {
        Some(match self {
            Self::Required | Self::RequiredIf(..) => "required",
            Self::Pattern(_) => "pattern",
            Self::Readable => "garbled-text",
            Self::MaxKb(_) => "image-too-large",
            Self::Formats(_) => "image-type",
            Self::Max(_) | Self::MaxBy(..) => "too-long",
            Self::Min(_) => "too-short",
            Self::Range(..) => "out-of-range",
            Self::PrefixIn(_) => "unknown-prefix",
            Self::OneOf(_) => "code-not-allowed",
            Self::Formed(_) | Self::Counted(_) => return None,
        })
    }

    fn told(&self, message: String, advice: String) -> Told {
        Told(self.code().unwrap_or_default(), message, advice)
    }

    fn missing(&self, cell: &Cell, what: &str, advice: &str) -> Option<Told> {
        (*cell == Cell::Absent).then(|| self.told(what.to_owned(), advice.to_owned()))
    }

    /// What is wrong, if the check applies and fails.
    fn fault(&self, cells: &[Cell], number: usize) -> Option<Told> {
        let cell = cells.get(number).unwrap_or(&Cell::Absent);
        match self {
            Self::Required => self.missing(cell, "不能为空", "请补上这一项"),
            Self::RequiredIf(condition, words) => {
                let holds = condition.holds(cells) == Some(true);
                holds.then(|| self.missing(cell, &format!("在“{words}”时必填"), "请补上这一项")).flatten()
            }
            _ => self.value_fault(cell.good()?),
        }
    }

    fn image_fault(&self, image: &Image) -> Option<Told> {
        match self {
            Self::MaxKb(most) if image.bytes().len().div_ceil(1024) > *most => {
                let size = image.bytes().len().div_ceil(1024);
                let message = format!("有 {size} KB，超过 {most} KB");
                Some(self.told(message, "请压缩后重发（缩小尺寸，或降低 JPEG 质量）".to_owned()))
            }
            Self::Formats(formats) if !formats.contains(&image.format()) => {
                let known: Vec<&str> = formats.iter().map(|format| format.word()).collect();
                let message = format!("是 {} 图片，这里不收", image.format().word());
                Some(self.told(message, format!("请转成 {} 后重发", known.join(" 或 "))))
            }
            _ => None,
        }
    }

    fn value_fault(&self, value: &Canonical) -> Option<Told> {
        match self {
            Self::Required | Self::RequiredIf(..) => None,
            Self::Pattern(pattern) => (!pattern.is_match(&value.text))
                .then(|| self.told("格式不对".to_owned(), format!("应当符合 {pattern}"))),
            Self::Readable => is_garbled(&value.text).then(|| {
                let advice = "多半是 GBK 与 UTF-8 混用，请在来源系统里核对原文，按 UTF-8 重发";
                self.told("里有乱码".to_owned(), advice.to_owned())
            }),
            Self::MaxKb(_) | Self::Formats(_) => {
                let Typed::Image(image) = &value.typed else { return None };
                self.image_fault(image)
            }
            Self::Max(most) => {
                longer(value, *most).then(|| self.told(format!("超过 {most} 个字符"), "请缩短".to_owned()))
            }
            Self::MaxBy(most, counting) => (counting.of(&value.text) > *most)
                .then(|| self.told(format!("超过 {most} {}", counting.unit()), "请缩短".to_owned())),
            Self::Min(least) => (value.text.chars().count() < *least)
                .then(|| self.told(format!("少于 {least} 个字符"), "请写完整".to_owned())),
            Self::Range(from, to) => {
                let Typed::Number(number) = &value.typed else { return None };
                (number < from || number > to)
                    .then(|| self.told(format!("不在 {from} 到 {to} 之间"), "请核对数值".to_owned()))
            }
            Self::Formed(notation) => notation.malformed(&value.text).map(Told::from),
            Self::Counted(notation) => notation.miscounted(&value.text).map(Told::from),
            Self::PrefixIn(table) => (!table.begins(&value.text)).then(|| {
                self.told(format!("的开头不在代码表 {} 里", table.name()), "请核对前几位".to_owned())
            }),
            Self::OneOf(table) => (!table.has(&value.text)).then(|| {
                self.told(format!("不在代码表 {} 里", table.name()), format!("可用：{}", table.shown()))
            }),
        }
    }
}

/// An image counts as long as its Base64.
fn longer(value: &Canonical, most: usize) -> bool {
    match &value.typed {
        Typed::Image(image) => image.chars() > most,
        _ => value.text.len() > most && value.text.chars().count() > most,
    }
}

impl Subject<'_> {
    fn issue(&self, number: usize, level: Level, told: Told) -> Issue {
        let Told(code, message, advice) = told;
        let (place, written) = (self.written)(number);
        let field = self.kind.fields().get(number);
        Issue {
            code: code.to_owned(),
            level,
            field: field.map_or("", Field::name).to_owned(),
            value: mask(field.and_then(Field::personal), &written),
            place,
            message: format!("{}{message}", field.map_or("", Field::label)),
            advice,
        }
    }

    fn broken(&self, rule: &Rule) -> Issue {
        let fields = self.kind.fields();
        let (places, values): (Vec<String>, Vec<String>) = rule
            .fields
            .iter()
            .map(|number| {
                let (place, written) = (self.written)(*number);
                (place, mask(fields.get(*number).and_then(Field::personal), &written))
            })
            .filter(|(place, _)| !place.is_empty())
            .unzip();
        Issue {
            code: rule.code.clone(),
            level: rule.level,
            field: fields.get(rule.field).map_or("", Field::name).to_owned(),
            value: values.join(", "),
            place: places.join(","),
            message: rule.message.clone(),
            advice: rule.advice.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
