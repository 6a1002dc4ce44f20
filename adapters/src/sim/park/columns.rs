//! Writing a row the way a vendor's platform does: its own column names, three ways to write a moment, ids in three
//! spellings, missing values as nothing, null or an empty text.

use chrono::{NaiveDateTime, TimeDelta};
use serde_json::Value;
use uuid::Uuid;

use super::{
    super::dice::Dice,
    row::{Names, Row},
    words,
};

/// The columns every generated table has.
pub(super) const NAMES: Names = Names { id: "ID", time: "UPDATE_TIME", time_format: "%Y-%m-%d %H:%M:%S" };

/// A record of one table, as its children need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) id: Uuid,
    /// The record above it.
    pub(super) parent: Uuid,
    /// The control measure above it; nil above the measures.
    pub(super) measure: Uuid,
    /// 9 digits of the registration system.
    pub(super) company: String,
    /// 12 digits of the registration system; empty above the risk object.
    pub(super) hazard: String,
    pub(super) born: NaiveDateTime,
}

/// A row under the pen.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    columns: Vec<(&'static str, Value)>,
    pub(super) dice: Dice,
}

impl Draft {
    /// Begins a row of `node` with its own id and company.
    pub(super) fn of(node: &Node, mut dice: Dice) -> Self {
        let id = spelled(node.id, &mut dice);
        Self { columns: vec![("ID", id.into()), ("CORP_CODE", node.company.clone().into())], dice }
    }

    pub(super) fn text(self, name: &'static str, text: impl Into<String>) -> Self {
        self.value(name, Value::String(text.into()))
    }

    pub(super) fn number(self, name: &'static str, number: u32) -> Self {
        self.value(name, Value::from(number))
    }

    /// A number that every third row writes as a text.
    pub(super) fn count(mut self, name: &'static str, number: u32) -> Self {
        if self.dice.one_in(3) { self.text(name, number.to_string()) } else { self.number(name, number) }
    }

    pub(super) fn one_of(mut self, name: &'static str, words: &[&'static str]) -> Self {
        let word = self.dice.pick(words);
        self.text(name, word)
    }

    pub(super) fn person(mut self, name: &'static str) -> Self {
        let person = words::person(&mut self.dice);
        self.text(name, person)
    }

    pub(super) fn mobile(mut self, name: &'static str) -> Self {
        let mobile = words::mobile(&mut self.dice);
        self.text(name, mobile)
    }

    /// Another record's id, not always spelled as that record spells it.
    pub(super) fn reference(mut self, name: &'static str, id: Uuid) -> Self {
        let id = spelled(id, &mut self.dice);
        self.text(name, id)
    }

    /// A moment in one of the three ways of writing it.
    pub(super) fn moment(mut self, name: &'static str, at: NaiveDateTime) -> Self {
        let text = match self.dice.below(3) {
            0 => at.format("%Y-%m-%d %H:%M:%S"),
            1 => at.format("%Y%m%d%H%M%S"),
            _ => at.format("%Y/%-m/%-d %-H:%M"),
        };
        self.text(name, text.to_string())
    }

    /// Nothing, in one of the three ways of writing it.
    pub(super) fn nothing(mut self, name: &'static str) -> Self {
        match self.dice.below(3) {
            0 => self,
            1 => self.value(name, Value::Null),
            _ => self.text(name, ""),
        }
    }

    /// Overwrites columns, or adds them: how a bad row is made of a good one.
    pub(super) fn spoilt(mut self, name: &'static str, value: Value) -> Self {
        self.columns.retain(|(column, _)| *column != name);
        self.value(name, value)
    }

    /// The row, with the columns that end every table.
    pub(super) fn done(self, born: NaiveDateTime) -> Row {
        let changed = born + TimeDelta::minutes(7);
        let row = self
            .text("DEL_FLAG", "否")
            .moment("CREATE_TIME", born)
            .person("CREATE_BY")
            .text("UPDATE_TIME", changed.format(NAMES.time_format).to_string())
            .text("UPDATE_BY", "系统");
        let columns: Vec<String> =
            row.columns.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        Row::new(format!("{{{}}}", columns.join(",")), NAMES)
    }

    fn value(mut self, name: &'static str, value: Value) -> Self {
        self.columns.push((name, value));
        self
    }
}

/// An id in one of the three spellings parks use.
fn spelled(id: Uuid, dice: &mut Dice) -> String {
    match dice.below(3) {
        0 => id.simple().to_string(),
        1 => id.hyphenated().to_string(),
        _ => id.simple().to_string().to_uppercase(),
    }
}

#[cfg(test)]
mod tests;
