//! Arithmetic inside conditions, such as `riskValue == possibility * exposure * consequence`: decimal and exact, but for
//! a quotient, which is carried to 28 digits. Leaves reading it to `read`, types to `resolve`.

use rust_decimal::Decimal;

use crate::value::{Cell, Typed};

/// How two numbers become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Calc {
    Plus,
    Minus,
    Times,
    By,
}

/// A number to be worked out of the fields of one record.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Sum {
    Field(usize),
    Number(Decimal),
    Of(Box<Sum>, Calc, Box<Sum>),
}

impl Calc {
    /// Whether it binds tighter than plus and minus.
    pub(crate) fn binds_tighter(self) -> bool {
        matches!(self, Self::Times | Self::By)
    }

    fn of(self, left: Decimal, right: Decimal) -> Option<Decimal> {
        match self {
            Self::Plus => left.checked_add(right),
            Self::Minus => left.checked_sub(right),
            Self::Times => left.checked_mul(right),
            Self::By => left.checked_div(right),
        }
    }
}

impl Sum {
    /// What it comes to; `None` when a field is absent or unread, a divisor is zero, or the result has no place in 28 digits.
    pub(crate) fn worth(&self, cells: &[Cell]) -> Option<Decimal> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Field(field) => match cells.get(*field)?.good()?.typed {
                Typed::Number(number) => Some(number),
                _ => None,
            },
            Self::Of(left, calc, right) => calc.of(left.worth(cells)?, right.worth(cells)?),
        }
    }

    /// Every field it looks at, in order.
    pub(crate) fn collect(&self, add: &mut impl FnMut(usize)) {
        match self {
            Self::Field(field) => add(*field),
            Self::Number(_) => {}
            Self::Of(left, _, right) => {
                left.collect(add);
                right.collect(add);
            }
        }
    }
}

#[cfg(test)]
mod tests;
