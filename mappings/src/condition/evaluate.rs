//! Evaluates a condition on the cells of one record: true, false, or not applicable.
//! Leaves what follows from it to `demand`.

use std::cmp::Ordering;

use super::{Condition, Op, Operand};
use crate::value::{Canonical, Cell, Typed};

/// `None`: not applicable, because a check that matters has an operand that is absent or could not be read.
/// `false and …` is false and `true or …` is true whatever else is missing.
pub(crate) type Truth = Option<bool>;

impl Condition {
    /// Whether the condition holds for a record.
    pub(crate) fn holds(&self, cells: &[Cell]) -> Truth {
        match self {
            Self::All(parts) => decided(parts, cells, false),
            Self::Any(parts) => decided(parts, cells, true),
            Self::Not(part) => part.holds(cells).map(|truth| !truth),
            Self::Present(field) => Some(!is_absent(cells, *field)),
            Self::Absent(field) => Some(is_absent(cells, *field)),
            Self::Compare(field, op, operand) => compare(good(cells, *field)?, *op, value(cells, operand)?),
            Self::Reckon(left, op, right) => Some(op.holds(left.worth(cells)?.cmp(&right.worth(cells)?))),
            Self::OneOf(field, values) => {
                let found = good(cells, *field)?;
                Some(values.iter().any(|value| compare(found, Op::Equal, value) == Some(true)))
            }
            Self::StartsWith(field, operand) => {
                Some(good(cells, *field)?.text.starts_with(&value(cells, operand)?.text))
            }
        }
    }
}

/// One part that is `decisive` decides; else one that is not applicable leaves it open.
fn decided(parts: &[Condition], cells: &[Cell], decisive: bool) -> Truth {
    let mut open = false;
    for part in parts {
        match part.holds(cells) {
            Some(truth) if truth == decisive => return Some(decisive),
            Some(_) => {}
            None => open = true,
        }
    }
    (!open).then_some(!decisive)
}

fn is_absent(cells: &[Cell], field: usize) -> bool {
    matches!(cells.get(field), None | Some(Cell::Absent))
}

fn good(cells: &[Cell], field: usize) -> Option<&Canonical> {
    cells.get(field).and_then(Cell::good)
}

fn value<'c>(cells: &'c [Cell], operand: &'c Operand) -> Option<&'c Canonical> {
    match operand {
        Operand::Field(field) => good(cells, *field),
        Operand::Literal(value) => Some(value),
    }
}

fn compare(left: &Canonical, op: Op, right: &Canonical) -> Truth {
    order(left, right).map(|ordering| op.holds(ordering))
}

/// A day equals any moment of its day, in the moment's own offset: that of the declared zone.
fn order(left: &Canonical, right: &Canonical) -> Option<Ordering> {
    match (&left.typed, &right.typed) {
        (Typed::Text, Typed::Text) => Some(left.text.cmp(&right.text)),
        (Typed::Number(a), Typed::Number(b)) => Some(a.cmp(b)),
        (Typed::Moment(a), Typed::Moment(b)) => Some(a.cmp(b)),
        (Typed::Moment(a), Typed::Date(b)) => Some(a.date_naive().cmp(b)),
        (Typed::Date(a), Typed::Moment(b)) => Some(a.cmp(&b.date_naive())),
        (Typed::Date(a), Typed::Date(b)) => Some(a.cmp(b)),
        (Typed::Time(a), Typed::Time(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
