//! A condition in the words of people: fields by their labels, codes by theirs. Leaves the grammar to `read`.

use super::{
    Condition, Op, Operand,
    arithmetic::{Calc, Sum},
};
use crate::{
    kind::Field,
    value::{Canonical, FieldType, Typed},
};

impl Condition {
    /// The condition as one would say it: `整改状态为已整改`.
    pub(crate) fn words(&self, fields: &[Field]) -> String {
        match self {
            Self::All(parts) => joined(parts, fields, "且"),
            Self::Any(parts) => joined(parts, fields, "或"),
            Self::Not(part) => format!("不是（{}）", part.words(fields)),
            Self::Present(field) => format!("填写了{}", label(fields, *field)),
            Self::Absent(field) => format!("没有填写{}", label(fields, *field)),
            Self::Compare(field, op, operand) => {
                let said = relation(*op, is_time(fields, *field, operand));
                format!("{}{said}{}", label(fields, *field), told(fields, *field, operand))
            }
            Self::OneOf(field, values) => {
                let values: Vec<String> =
                    values.iter().map(|value| value_of(fields, *field, value)).collect();
                format!("{}为{}", label(fields, *field), listed(&values))
            }
            Self::StartsWith(field, operand) => {
                format!("{}以{}开头", label(fields, *field), told(fields, *field, operand))
            }
            Self::Reckon(left, op, right) => {
                let relation = if *op == Op::Equal { "等于" } else { relation(*op, false) };
                format!("{}{relation}{}", sum(left, fields), sum(right, fields))
            }
        }
    }
}

fn joined(parts: &[Condition], fields: &[Field], word: &str) -> String {
    let part = |part: &Condition| match part {
        Condition::All(_) | Condition::Any(_) => format!("（{}）", part.words(fields)),
        _ => part.words(fields),
    };
    parts.iter().map(part).collect::<Vec<_>>().join(&format!("，{word}"))
}

fn label(fields: &[Field], number: usize) -> &str {
    fields.get(number).map_or("", Field::label)
}

fn told(fields: &[Field], number: usize, operand: &Operand) -> String {
    match operand {
        Operand::Field(other) => label(fields, *other).to_owned(),
        Operand::Literal(value) => value_of(fields, number, value),
    }
}

/// A value by the label of its code, where it is one.
fn value_of(fields: &[Field], number: usize, value: &Canonical) -> String {
    let by_label = fields.get(number).and_then(Field::table).and_then(|table| table.label(&value.text));
    by_label.unwrap_or(&value.text).to_owned()
}

fn listed(values: &[String]) -> String {
    match values {
        [before @ .., last] if !before.is_empty() => format!("{}或{last}", before.join("、")),
        _ => values.concat(),
    }
}

fn is_time(fields: &[Field], number: usize, operand: &Operand) -> bool {
    match operand {
        Operand::Literal(value) => !matches!(value.typed, Typed::Text | Typed::Number(_)),
        Operand::Field(_) => fields.get(number).is_some_and(|field| {
            matches!(field.field_type(), FieldType::Date | FieldType::DateTime | FieldType::Time)
        }),
    }
}

const fn relation(op: Op, of_times: bool) -> &'static str {
    match (op, of_times) {
        (Op::Equal, _) => "为",
        (Op::Unequal, _) => "不为",
        (Op::Less, true) => "早于",
        (Op::AtMost, true) => "不晚于",
        (Op::Greater, true) => "晚于",
        (Op::AtLeast, true) => "不早于",
        (Op::Less, false) => "小于",
        (Op::AtMost, false) => "不大于",
        (Op::Greater, false) => "大于",
        (Op::AtLeast, false) => "不小于",
    }
}

fn sum(of: &Sum, fields: &[Field]) -> String {
    match of {
        Sum::Field(field) => label(fields, *field).to_owned(),
        Sum::Number(number) => number.to_string(),
        Sum::Of(left, calc, right) => {
            let (left, right) = (side(left, *calc, fields), side(right, *calc, fields));
            let sign = match calc {
                Calc::Plus => "＋",
                Calc::Minus => "－",
                Calc::Times => "×",
                Calc::By => "÷",
            };
            format!("{left}{sign}{right}")
        }
    }
}

/// In parentheses, where its own sign binds less, or where what is taken away or divided by is a sum itself.
fn side(of: &Sum, within: Calc, fields: &[Field]) -> String {
    let said = sum(of, fields);
    let is_plain = match of {
        Sum::Of(_, calc, _) => within == Calc::Plus || calc.binds_tighter() && within != Calc::By,
        _ => true,
    };
    if is_plain { said } else { format!("（{said}）") }
}

#[cfg(test)]
mod tests;
