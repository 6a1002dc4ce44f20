//! A record in its source's words and in its receiver's, and what turns bytes into the first.

use std::borrow::Cow;

/// What one judging takes: the bytes of some records of a document, readable alone.
#[derive(Debug, Clone, Copy)]
pub struct Part<'d> {
    /// The bytes, for JSON: records separated by commas, without the list's brackets.
    pub bytes: &'d [u8],
    /// Place of the first record in its document, from 0.
    pub first: u32,
    /// Where the bytes begin in their document, in bytes.
    pub offset: u64,
}

/// How a value was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A quoted text.
    Text,
    /// A bare number; its text is exactly what was written.
    Number,
    /// `true` or `false`.
    Bool,
    /// `null`; its text is empty.
    Null,
    /// A list or an empty object, as its JSON text. (Objects with members are flattened into paths.)
    Nested,
}

/// One value as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raw<'d> {
    /// The text, escapes resolved, otherwise untouched.
    pub text: Cow<'d, str>,
    /// How it was written.
    pub form: Form,
}

/// One record in its source's words: path → text as written, in the order written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRecord<'d> {
    /// Place in the document, from 0.
    pub place: u32,
    /// First byte of the record in its document.
    pub offset: u64,
    /// Bytes of the record.
    pub length: u32,
    /// Paths (`a`, `a.b`) and values. A path that was written twice stands twice.
    pub fields: Vec<(Cow<'d, str>, Raw<'d>)>,
}

/// A record that cannot be read, counted as one found, one rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undecodable {
    /// Place in the document, from 0.
    pub place: u32,
    /// First byte in the document.
    pub offset: u64,
    /// Bytes of it.
    pub length: u32,
    /// What is wrong, in Chinese.
    pub what: String,
}

/// Turns a part into records, pure: the same bytes give the same records for ever.
pub trait Decode {
    /// One item per record found, good or not, in order.
    fn decode<'d>(&self, part: &Part<'d>) -> impl Iterator<Item = Result<SourceRecord<'d>, Undecodable>>;
}

/// One record in its receiver's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireRecord {
    /// The id the receiver knows it by.
    pub id: String,
    /// The record as one JSON object.
    pub body: String,
}
