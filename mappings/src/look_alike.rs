//! When two records of a kind look like one registered twice: the fields that are compared, and how near they must be.
//! Leaves comparing to whoever has the records.

/// Records of one owner and one day under two ids are look-alikes when their texts are this near.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookAlike {
    pub(crate) text: Vec<String>,
    pub(crate) day: String,
    pub(crate) similarity: u8,
}

impl LookAlike {
    /// Characters of the longest text that may stand for a day (a month, a quarter): records are found by it, in an index.
    pub const LONGEST_DAY: usize = 50;

    /// The text and id fields that are compared, as one text in this order.
    #[must_use]
    pub fn text(&self) -> &[String] {
        &self.text
    }

    /// The field whose day, in the hub's zone, must be the same: a date or a moment. A text (a month) must be the same itself.
    #[must_use]
    pub fn day(&self) -> &str {
        &self.day
    }

    /// How near the texts must be at least: per cent of their characters that both have in the same order, 0 to 100.
    #[must_use]
    pub fn similarity(&self) -> u8 {
        self.similarity
    }
}
