//! The types of columns, and how each is bound. An array cannot hold NULL: what may be NULL is bound as a value that no
//! other stands for, and the statement turns it back.

use sea_orm::{Value, sea_query::ArrayType};

use super::text::plain;

/// The type of one column of a row set.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Col {
    Int,
    IntOrNull,
    Text,
    TextOrNull,
}

/// Stands for NULL among numbers; none of ours is it.
const NO_NUMBER: i64 = i64::MIN;

impl Col {
    /// The column unnested from parameter `param`.
    pub(super) fn unnested(self, param: usize) -> String {
        match self {
            Self::Int => format!("unnest(${param}::bigint[])"),
            Self::IntOrNull => format!("NULLIF(unnest(${param}::bigint[]), {NO_NUMBER})"),
            Self::Text => format!("unnest(${param}::text[])"),
            // a text is bound with a mark before it, so that an empty one is not taken for none
            Self::TextOrNull => format!("substr(NULLIF(unnest(${param}::text[]), ''), 2)"),
        }
    }

    const fn array(self) -> ArrayType {
        match self {
            Self::Int | Self::IntOrNull => ArrayType::BigInt,
            Self::Text | Self::TextOrNull => ArrayType::String,
        }
    }
}

/// What a row may hold.
pub(crate) trait Cell {
    /// Its column's type.
    const COL: Col;

    /// The element of the column's array.
    fn element(&self) -> Value;
}

/// One column of all rows.
pub(crate) fn column<'a, C: Cell + 'a>(cells: impl Iterator<Item = &'a C>) -> Value {
    Value::Array(C::COL.array(), Some(Box::new(cells.map(Cell::element).collect())))
}

macro_rules! number {
    ($($type:ty),+) => {$(
        impl Cell for $type {
            const COL: Col = Col::Int;

            fn element(&self) -> Value {
                i64::try_from(*self).unwrap_or(i64::MAX).into()
            }
        }
    )+};
}

number!(i64, u32, u64, usize);

impl Cell for Option<i64> {
    const COL: Col = Col::IntOrNull;

    fn element(&self) -> Value {
        self.unwrap_or(NO_NUMBER).into()
    }
}

impl Cell for &str {
    const COL: Col = Col::Text;

    fn element(&self) -> Value {
        plain(self).into()
    }
}

impl Cell for String {
    const COL: Col = Col::Text;

    fn element(&self) -> Value {
        plain(self).into()
    }
}

impl Cell for Option<&str> {
    const COL: Col = Col::TextOrNull;

    fn element(&self) -> Value {
        self.map(|text| format!("={}", plain(text))).unwrap_or_default().into()
    }
}
