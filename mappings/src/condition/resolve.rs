//! Ties an expression to a kind: field names become numbers, literals become values, and types must fit.
//! Leaves evaluation to `evaluate`.

use super::{
    Condition, Fault, Op, Operand,
    arithmetic::Sum,
    read::{Expression, Name, Side, read},
};
use crate::{
    kind::Field,
    parse::{canonical, number},
    suggest::did_you_mean,
    value::{Canonical, FieldType},
};

/// Reads and ties a condition; everything that is wrong with it, not the first thing.
pub(crate) fn compile(text: &str, fields: &[Field]) -> Result<Condition, Vec<Fault>> {
    let expression = read(text).map_err(|fault| vec![fault])?;
    let mut resolver = Resolver { fields, faults: Vec::new() };
    let condition = resolver.condition(&expression);
    match condition {
        Some(condition) if resolver.faults.is_empty() => Ok(condition),
        _ => Err(resolver.faults),
    }
}

struct Resolver<'k> {
    fields: &'k [Field],
    faults: Vec<Fault>,
}

/// Types that can be compared with each other.
#[derive(PartialEq, Eq, Clone, Copy)]
enum Family {
    Text,
    Number,
    Day,
    Time,
    Image,
}

impl<'k> Resolver<'k> {
    fn condition(&mut self, expression: &Expression) -> Option<Condition> {
        Some(match expression {
            Expression::All(parts) => Condition::All(self.parts(parts)?),
            Expression::Any(parts) => Condition::Any(self.parts(parts)?),
            Expression::Not(part) => Condition::Not(Box::new(self.condition(part)?)),
            Expression::Present(name) => Condition::Present(self.field(name)?.0),
            Expression::Absent(name) => Condition::Absent(self.field(name)?.0),
            Expression::Compare(name, op, side) => self.compare(name, *op, side)?,
            Expression::Reckon(left, op, right) => {
                let (left, right) = (self.sum(left), self.sum(right));
                Condition::Reckon(left?, *op, right?)
            }
            Expression::OneOf(name, sides) => self.one_of(name, sides)?,
            Expression::StartsWith(name, side) => self.starts_with(name, side)?,
        })
    }

    fn parts(&mut self, parts: &[Expression]) -> Option<Vec<Condition>> {
        let found: Vec<Option<Condition>> = parts.iter().map(|part| self.condition(part)).collect();
        found.into_iter().collect()
    }

    fn field(&mut self, name: &Name) -> Option<(usize, &'k Field)> {
        let found = self.fields.iter().enumerate().find(|(_, field)| field.name() == name.name);
        if found.is_none() {
            let hint = did_you_mean(&name.name, self.fields.iter().map(Field::name));
            self.faults.push(Fault::hinted(name.at, format!("没有字段 {}", name.name), hint));
        }
        found
    }

    fn compare(&mut self, name: &Name, op: Op, side: &Side) -> Option<Condition> {
        let left = self.field(name);
        let right = self.operand(left.map(|(_, field)| field), side);
        let (number, field) = left?;
        let family = family(field.field_type());
        if family == Family::Image || (op.orders() && family == Family::Text) {
            let message = format!("字段 {} 是 {}，不能比较大小", field.name(), field.field_type().word());
            self.faults.push(Fault::new(name.at, message));
            return None;
        }
        Some(Condition::Compare(number, op, right?))
    }

    fn sum(&mut self, side: &Side) -> Option<Sum> {
        match side {
            Side::Of(left, calc, right) => {
                let (left, right) = (self.sum(left), self.sum(right));
                Some(Sum::Of(Box::new(left?), *calc, Box::new(right?)))
            }
            Side::Number(_, written) => number::read(written).map(Sum::Number),
            Side::Text(at, text) => {
                self.faults.push(Fault::new(*at, format!("“{text}”不是数，不能参加计算")));
                None
            }
            Side::Field(name) => {
                let (number, field) = self.field(name)?;
                if field.field_type().is_number() {
                    return Some(Sum::Field(number));
                }
                let message = format!("字段 {} 是 {}，不能参加计算", field.name(), field.field_type().word());
                self.faults.push(Fault::new(name.at, message));
                None
            }
        }
    }

    fn one_of(&mut self, name: &Name, sides: &[Side]) -> Option<Condition> {
        let (number, field) = self.field(name)?;
        let values: Vec<Option<Canonical>> = sides.iter().map(|side| self.literal(field, side)).collect();
        Some(Condition::OneOf(number, values.into_iter().collect::<Option<Vec<_>>>()?))
    }

    fn starts_with(&mut self, name: &Name, side: &Side) -> Option<Condition> {
        let left = self.field(name);
        let right = match side {
            Side::Text(_, text) => Some(Operand::Literal(Canonical::text(text.clone()))),
            Side::Field(beginning) => self.beginning(beginning),
            Side::Of(..) => {
                self.faults.push(Fault::new(name.at, "starts_with 后面应当是文本，不能是算式"));
                None
            }
            Side::Number(at, written) => {
                self.faults.push(Fault::hinted(
                    *at,
                    "starts_with 后面应当是文本",
                    Some(format!("写作 '{written}'")),
                ));
                None
            }
        };
        let (number, field) = left?;
        if !matches!(family(field.field_type()), Family::Text | Family::Day) {
            let (of, holds) = (field.name(), field.field_type().word());
            let message = format!("字段 {of} 是 {holds}，starts_with 只用于文本、日期和时刻");
            self.faults.push(Fault::new(name.at, message));
            return None;
        }
        Some(Condition::StartsWith(number, right?))
    }

    /// A field that another begins with: a text, also where that one is a day (a month begins it).
    fn beginning(&mut self, name: &Name) -> Option<Operand> {
        let (number, field) = self.field(name)?;
        if family(field.field_type()) == Family::Text {
            return Some(Operand::Field(number));
        }
        let message =
            format!("字段 {} 是 {}，starts_with 后面应当是文本", field.name(), field.field_type().word());
        self.faults.push(Fault::new(name.at, message));
        None
    }

    fn operand(&mut self, left: Option<&Field>, side: &Side) -> Option<Operand> {
        let Side::Field(name) = side else { return self.literal(left?, side).map(Operand::Literal) };
        let (number, right) = self.field(name)?;
        let left = left?;
        if family(left.field_type()) != family(right.field_type()) {
            let (a, b) = (left.field_type().word(), right.field_type().word());
            let message = format!("{} 是 {a}，{} 是 {b}，不能比较", left.name(), right.name());
            self.faults.push(Fault::new(name.at, message));
            return None;
        }
        Some(Operand::Field(number))
    }

    fn literal(&mut self, field: &Field, side: &Side) -> Option<Canonical> {
        let (at, found) = match side {
            Side::Number(at, written) => (*at, number_literal(field, written)),
            Side::Text(at, text) => (*at, text_literal(field, text)),
            Side::Field(_) | Side::Of(..) => return None,
        };
        found.map_err(|(message, hint)| self.faults.push(Fault::hinted(at, message, hint))).ok()
    }
}

type Told = (String, Option<String>);

fn number_literal(field: &Field, written: &str) -> Result<Canonical, Told> {
    if family(field.field_type()) == Family::Number {
        return number::decimal(written).ok_or_else(|| (format!("{written} 不是数"), None));
    }
    let message = format!("字段 {} 是 {}，不能和数比较", field.name(), field.field_type().word());
    Err((message, Some(format!("写作 '{written}'"))))
}

fn text_literal(field: &Field, text: &str) -> Result<Canonical, Told> {
    let known = |value: Option<Canonical>, shape: &str| {
        value
            .ok_or_else(|| (format!("“{text}”不是字段 {} 的值", field.name()), Some(format!("写作 {shape}"))))
    };
    match family(field.field_type()) {
        Family::Text => match field.table() {
            Some(table) if !table.has(text) => {
                let hint =
                    did_you_mean(text, table.codes().map(|(code, _)| code)).or_else(|| Some(table.shown()));
                Err((format!("代码表 {} 里没有“{text}”", table.name()), hint))
            }
            _ => Ok(Canonical::text(text)),
        },
        Family::Number => known(None, "不带引号的数"),
        Family::Day => {
            let moment = canonical(FieldType::DateTime, text).or_else(|| canonical(FieldType::Date, text));
            known(moment, "'2024-06-06' 或 '2024-06-06T08:00:00+08:00'")
        }
        Family::Time => known(canonical(FieldType::Time, text), "'08:00:00'"),
        Family::Image => Err((format!("字段 {} 是图片，只能问 present 或 absent", field.name()), None)),
    }
}

fn family(field_type: FieldType) -> Family {
    match field_type {
        FieldType::Text | FieldType::Id | FieldType::Code => Family::Text,
        FieldType::Int | FieldType::Decimal => Family::Number,
        FieldType::DateTime | FieldType::Date => Family::Day,
        FieldType::Time => Family::Time,
        FieldType::Image => Family::Image,
    }
}
