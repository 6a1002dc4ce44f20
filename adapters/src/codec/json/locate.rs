//! The envelope of an answer: whether it is well-formed to the last byte, where its record list stands, how the list is
//! cut into parts, and what is written at a few other paths. Leaves the inside of records to [`super::JsonRecords`], so
//! that one bad escape in one record does not cost the page.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use super::{
    cutter::Cutter,
    fields,
    scan::{self, Broken, is_space},
};
use crate::{record::Form, source::Extent};

/// An answer that is not JSON to its last byte.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("应答不是完整的 JSON：第 {at} 字节，{what}")]
pub struct Malformed {
    /// The byte where it breaks, from 0.
    pub at: u64,
    /// What is wrong, in Chinese.
    pub what: String,
}

/// What an answer holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The record list, if it is where it should be.
    pub listing: Listing,
    /// What is written at the other paths, in the order they were asked for: texts and numbers as written, objects and
    /// lists as JSON; none where nothing or `null` is.
    pub values: Vec<Option<String>>,
}

/// What is at the path of the record list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listing {
    /// A list.
    Found(List),
    /// `null`, there or on the way.
    Null,
    /// Nothing; `beside` are the names that stand where the path ends, at most twenty.
    Missing {
        /// The names found instead.
        beside: Vec<String>,
    },
    /// Something that is no list.
    NoList,
}

/// A record list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// Its first byte, the bracket.
    pub from: u64,
    /// The byte after its last.
    pub to: u64,
    /// How many records.
    pub count: u64,
    /// The records, cut into parts.
    pub parts: Vec<Extent>,
}

/// Reads the envelope once. `list` and `wanted` are paths of member names joined by dots; an empty `list` means that
/// the answer is the list itself, an empty path of `wanted` is not looked for. A byte order mark is skipped.
///
/// # Errors
/// When the answer is not well-formed to its last byte, nested deeper than 128, or holds a needed name twice.
pub fn locate(bytes: &[u8], list: &str, wanted: &[&str]) -> Result<Envelope, Malformed> {
    let paths = wanted.iter().map(|path| split(path)).collect();
    let mut walk = Walk {
        bytes,
        list: split(list),
        paths,
        listing: None,
        values: vec![None; wanted.len()],
        beside: Vec::new(),
    };
    walk.document().map_err(Fault::malformed)?;
    let listing = walk.listing.unwrap_or(Listing::Missing { beside: walk.beside });
    Ok(Envelope { listing, values: walk.values })
}

fn split(path: &str) -> Vec<&str> {
    path.split('.').filter(|name| !name.is_empty()).collect()
}

/// A break in the structure, or something wrong with a name or a value of the envelope.
struct Fault {
    at: usize,
    what: Cow<'static, str>,
}

impl From<Broken> for Fault {
    fn from(broken: Broken) -> Self {
        Self { at: broken.at, what: Cow::Borrowed(broken.what) }
    }
}

impl Fault {
    fn malformed(self) -> Malformed {
        Malformed { at: offset(self.at), what: self.what.into_owned() }
    }
}

struct Walk<'d> {
    bytes: &'d [u8],
    list: Vec<&'d str>,
    paths: Vec<Vec<&'d str>>,
    listing: Option<Listing>,
    values: Vec<Option<String>>,
    beside: Vec<String>,
}

impl<'d> Walk<'d> {
    fn document(&mut self) -> Result<(), Fault> {
        let from = if self.bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
        let from = scan::skip(self.bytes, from, is_space);
        if self.bytes.get(from) == Some(&b'<') {
            return Err(Fault { at: from, what: "这是网页或 XML，不是 JSON".into() });
        }
        let to = self.value(from, &mut Vec::new())?;
        let end = scan::skip(self.bytes, to, is_space);
        if end < self.bytes.len() {
            return Err(Fault { at: end, what: "JSON 之后还有别的内容".into() });
        }
        Ok(())
    }

    /// One value at `path`; gives the place after it. Recursion is as deep as the longest path asked for.
    fn value(&mut self, from: usize, path: &mut Vec<Cow<'d, str>>) -> Result<usize, Fault> {
        let is_list = *path == self.list;
        if is_list && self.bytes.get(from) == Some(&b'[') {
            let to = self.records(from)?;
            self.keep(from, to, path)?;
            return Ok(to);
        }
        if self.bytes.get(from) == Some(&b'{') && self.leads_on(path) {
            let to = self.members(from, path)?;
            self.settle(from, path, is_list);
            self.keep(from, to, path)?;
            return Ok(to);
        }
        let to = scan::value(self.bytes, from)?;
        self.strict(from, to)?;
        self.settle(from, path, is_list);
        self.keep(from, to, path)?;
        Ok(to)
    }

    fn leads_on(&self, path: &[Cow<'d, str>]) -> bool {
        let leads =
            |to: &Vec<&str>| to.len() > path.len() && path.iter().zip(to).all(|(own, other)| own == other);
        leads(&self.list) || self.paths.iter().any(leads)
    }

    fn members(&mut self, from: usize, path: &mut Vec<Cow<'d, str>>) -> Result<usize, Fault> {
        let mut names: Vec<Cow<'d, str>> = Vec::new();
        let mut at = scan::skip(self.bytes, from + 1, is_space);
        if self.bytes.get(at) == Some(&b'}') {
            self.note(path, &names);
            return Ok(at + 1);
        }
        loop {
            let (name, value) = self.name(at)?;
            path.push(name.clone());
            if names.contains(&name) && (self.leads_on(path) || self.is_wanted(path)) {
                return Err(Fault {
                    at,
                    what: format!("{} 写了两次，不知以哪个为准", path.join(".")).into(),
                });
            }
            let end = self.value(value, path)?;
            path.pop();
            if names.len() < MOST_NAMES {
                names.push(name);
            }
            at = scan::skip(self.bytes, end, is_space);
            match self.bytes.get(at) {
                Some(b',') => at = scan::skip(self.bytes, at + 1, is_space),
                Some(b'}') => break,
                _ => return Err(self.unexpected(at)),
            }
        }
        self.note(path, &names);
        Ok(at + 1)
    }

    fn is_wanted(&self, path: &[Cow<'d, str>]) -> bool {
        *path == *self.list || self.paths.iter().any(|wanted| *path == **wanted)
    }

    /// The names that stand where the list should: what a person needs to mend a path.
    fn note(&mut self, path: &[Cow<'d, str>], names: &[Cow<'d, str>]) {
        let parent = self.list.split_last().map_or(&[][..], |(_, parent)| parent);
        if path.len() <= parent.len()
            && self.beside.is_empty()
            && path.iter().zip(parent).all(|(own, list)| own == list)
        {
            self.beside = names.iter().take(20).map(|name| name.clone().into_owned()).collect();
        }
    }

    /// The member name at `at`, and the place where its value begins.
    fn name(&self, at: usize) -> Result<(Cow<'d, str>, usize), Fault> {
        if self.bytes.get(at) != Some(&b'"') {
            return Err(self.unexpected(at));
        }
        let to = scan::string(self.bytes, at)?;
        self.strict(at, to)?;
        let raw = fields::raw(self.text(at, to)?).map_err(|what| Fault { at, what: what.into() })?;
        let colon = scan::skip(self.bytes, to, is_space);
        if self.bytes.get(colon) != Some(&b':') {
            return Err(self.unexpected(colon));
        }
        Ok((raw.text, scan::skip(self.bytes, colon + 1, is_space)))
    }

    fn text(&self, from: usize, to: usize) -> Result<&'d str, Fault> {
        std::str::from_utf8(self.bytes.get(from..to).unwrap_or_default())
            .map_err(|error| Fault { at: from + error.valid_up_to(), what: "不是 UTF-8".into() })
    }

    /// Outside of records nothing is forgiven.
    fn strict(&self, from: usize, to: usize) -> Result<(), Fault> {
        serde_json::from_str::<IgnoredAny>(self.text(from, to)?)
            .map(|_| ())
            .map_err(|error| Fault { at: from, what: format!("不是合法的 JSON：{error}").into() })
    }

    /// What stands where the list should be, or on the way to it.
    fn settle(&mut self, from: usize, path: &[Cow<'d, str>], is_list: bool) {
        let is_null = self.bytes.get(from) == Some(&b'n');
        let is_on_the_way =
            path.len() < self.list.len() && path.iter().zip(&self.list).all(|(own, list)| own == list);
        if is_null && (is_list || is_on_the_way) {
            self.listing = Some(Listing::Null);
        } else if is_list {
            self.listing = Some(Listing::NoList);
        }
    }

    fn keep(&mut self, from: usize, to: usize, path: &[Cow<'d, str>]) -> Result<(), Fault> {
        for index in 0..self.paths.len() {
            // the whole answer is nobody's value: a record in it may be no text
            if self.paths.get(index).is_some_and(|wanted| !wanted.is_empty() && *path == **wanted) {
                let raw = fields::raw(self.text(from, to)?)
                    .map_err(|what| Fault { at: from, what: what.into() })?;
                let text = (raw.form != Form::Null).then(|| raw.text.into_owned());
                self.values.iter_mut().skip(index).take(1).for_each(|value| value.clone_from(&text));
            }
        }
        Ok(())
    }

    fn records(&mut self, from: usize) -> Result<usize, Fault> {
        let mut cutter = Cutter::default();
        let mut at = scan::skip(self.bytes, from + 1, is_space);
        let mut expects_more = false;
        loop {
            if self.bytes.get(at) == Some(&b']') && !expects_more {
                break;
            }
            let end = scan::value(self.bytes, at)?;
            cutter.take(at, end);
            at = scan::skip(self.bytes, end, is_space);
            match self.bytes.get(at) {
                Some(b',') => {
                    expects_more = true;
                    at = scan::skip(self.bytes, at + 1, is_space);
                }
                Some(b']') => expects_more = false,
                _ => return Err(self.unexpected(at)),
            }
        }
        let (count, parts) = cutter.finish();
        self.listing = Some(Listing::Found(List { from: offset(from), to: offset(at + 1), count, parts }));
        Ok(at + 1)
    }

    fn unexpected(&self, at: usize) -> Fault {
        let what = if at < self.bytes.len() { "这里的字符不对" } else { "内容在这里断了" };
        Fault { at, what: what.into() }
    }
}

/// An envelope with more names than this at one level is read, but repeats beyond are not looked for.
const MOST_NAMES: usize = 1_000;

pub(super) fn offset(at: usize) -> u64 {
    u64::try_from(at).unwrap_or(u64::MAX)
}
