//! Conditions of rules and of `required_if`: one small typed grammar, compiled to field numbers.
//! Leaves what a failed check means to `demand`.
//!
//! ```text
//! condition  = and-part { "or" and-part }
//! and-part   = not-part { "and" not-part }
//! not-part   = "not" not-part | "(" condition ")" | check
//! check      = FIELD ( "present" | "absent" | "in" "(" literal { "," literal } ")"
//!                    | "starts_with" ( FIELD | text ) | op ( FIELD | literal ) )
//!            | sum op sum
//! sum        = product { ( "+" | "-" ) product }        product = term { ( "*" | "/" ) term }
//! term       = FIELD | number | "(" sum ")"             a check does not begin with a parenthesis
//! op         = "==" | "!=" | "<" | "<=" | ">" | ">="
//! literal    = text | number          text = '…' or "…", a doubled quote stands for itself
//! ```

pub(crate) mod arithmetic;
pub(crate) mod evaluate;
pub(crate) mod lex;
pub(crate) mod read;
pub(crate) mod resolve;
mod words;

use std::cmp::Ordering;

use self::arithmetic::Sum;
use crate::value::Canonical;

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    Equal,
    Unequal,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// A condition over the fields of one kind, by number.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Present(usize),
    Absent(usize),
    Compare(usize, Op, Operand),
    Reckon(Sum, Op, Sum),
    OneOf(usize, Vec<Canonical>),
    StartsWith(usize, Operand),
}

/// The right side of a check.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Operand {
    Field(usize),
    Literal(Canonical),
}

/// What is wrong with the text of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Where in the text, in characters from 0.
    pub(crate) at: usize,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl Op {
    pub(crate) fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering == Ordering::Equal,
            Self::Unequal => ordering != Ordering::Equal,
            Self::Less => ordering == Ordering::Less,
            Self::AtMost => ordering != Ordering::Greater,
            Self::Greater => ordering == Ordering::Greater,
            Self::AtLeast => ordering != Ordering::Less,
        }
    }

    /// Whether it asks for more than sameness.
    pub(crate) fn orders(self) -> bool {
        !matches!(self, Self::Equal | Self::Unequal)
    }
}

impl Fault {
    pub(crate) fn new(at: usize, message: impl Into<String>) -> Self {
        Self { at, message: message.into(), hint: None }
    }

    pub(crate) fn hinted(at: usize, message: impl Into<String>, hint: Option<String>) -> Self {
        Self { at, message: message.into(), hint }
    }
}

impl Condition {
    /// Every field it looks at, in order, once.
    pub(crate) fn fields(&self) -> Vec<usize> {
        let mut found = Vec::new();
        self.collect(&mut found);
        found
    }

    fn collect(&self, found: &mut Vec<usize>) {
        let mut add = |field: usize| {
            if !found.contains(&field) {
                found.push(field);
            }
        };
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.collect(found)),
            Self::Not(part) => part.collect(found),
            Self::Present(field) | Self::Absent(field) | Self::OneOf(field, _) => add(*field),
            Self::Reckon(left, _, right) => {
                left.collect(&mut add);
                right.collect(&mut add);
            }
            Self::Compare(field, _, operand) | Self::StartsWith(field, operand) => {
                add(*field);
                if let Operand::Field(other) = operand {
                    add(*other);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
