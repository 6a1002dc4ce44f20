//! Request templates: names and texts with `{page} {size} {offset} {next} {from} {until} {after_time}
//! {after_id}` in them.
//! A parameter whose placeholder has no value (a pass without a lower bound) is left out.
//! Leaves what the values are to `source`.

use serde_json::{Map, Value};

/// A place in a template that each request fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hole {
    /// `{page}`: the page number.
    Page,
    /// `{size}`: records a page.
    Size,
    /// `{offset}`: how many records stand before the page.
    Offset,
    /// `{next}`: the token that the page before gave.
    Next,
    /// `{from}`: the window's lower bound.
    From,
    /// `{until}`: the window's upper bound.
    Until,
    /// `{after_time}`: the time of the last record read, as the source wrote it.
    AfterTime,
    /// `{after_id}`: the id of the last record read, as the source wrote it.
    AfterId,
}

const HOLES: [(&str, Hole); 8] = [
    ("page", Hole::Page),
    ("size", Hole::Size),
    ("offset", Hole::Offset),
    ("next", Hole::Next),
    ("from", Hole::From),
    ("until", Hole::Until),
    ("after_time", Hole::AfterTime),
    ("after_id", Hole::AfterId),
];

/// What fills the holes of one request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values {
    /// Fills `{page}`.
    pub page: Option<u64>,
    /// Fills `{size}`.
    pub size: Option<u64>,
    /// Fills `{offset}`.
    pub offset: Option<u64>,
    /// Fills `{next}`, as the source wrote it.
    pub next: Option<String>,
    /// Fills `{from}`, already in the source's format.
    pub from: Option<String>,
    /// Fills `{until}`, already in the source's format.
    pub until: Option<String>,
    /// Fills `{after_time}`.
    pub after_time: Option<String>,
    /// Fills `{after_id}`.
    pub after_id: Option<String>,
    /// Whether times are numbers (epoch formats) where JSON tells numbers from texts.
    pub numeric_times: bool,
}

impl Values {
    fn text(&self, hole: Hole) -> Option<String> {
        match hole {
            Hole::Page => self.page.map(|page| page.to_string()),
            Hole::Size => self.size.map(|size| size.to_string()),
            Hole::Offset => self.offset.map(|offset| offset.to_string()),
            Hole::Next => self.next.clone(),
            Hole::From => self.from.clone(),
            Hole::Until => self.until.clone(),
            Hole::AfterTime => self.after_time.clone(),
            Hole::AfterId => self.after_id.clone(),
        }
    }

    fn json(&self, hole: Hole) -> Option<Value> {
        let text = self.text(hole)?;
        let numeric = match hole {
            Hole::Page | Hole::Size | Hole::Offset => true,
            Hole::From | Hole::Until | Hole::AfterTime => self.numeric_times,
            Hole::AfterId | Hole::Next => false,
        };
        let number = numeric.then(|| text.parse::<i64>().ok()).flatten();
        Some(number.map_or(Value::String(text), Value::from))
    }
}

/// A text with holes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Hole(Hole),
}

impl Template {
    /// Reads a text; `{word}` must be one of the known placeholders, any other brace is itself.
    ///
    /// # Errors
    /// In Chinese, naming the placeholder nobody knows.
    pub fn parse(text: &str) -> Result<Self, String> {
        let pieces = words(text).into_iter().map(|word| match word {
            Word::Text(literal) => Ok(Piece::Text(literal)),
            Word::Hole(name) => hole(name).map(Piece::Hole),
        });
        pieces.collect::<Result<_, _>>().map(Self)
    }

    /// The text of one request; none when a hole has no value.
    #[must_use]
    pub fn fill(&self, values: &Values) -> Option<String> {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(literal) => text.push_str(literal),
                Piece::Hole(hole) => text.push_str(&values.text(*hole)?),
            }
        }
        Some(text)
    }

    /// The JSON value of one request: a text that is nothing but one hole keeps its type.
    #[must_use]
    pub fn fill_json(&self, values: &Values) -> Option<Value> {
        match self.0.as_slice() {
            [Piece::Hole(hole)] => values.json(*hole),
            _ => self.fill(values).map(Value::String),
        }
    }

    /// Whether the hole is somewhere in the text.
    #[must_use]
    pub fn has(&self, hole: Hole) -> bool {
        self.0.contains(&Piece::Hole(hole))
    }
}

/// A run of a text: as it stands, or the name between braces.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Word<'t> {
    /// As it stands.
    Text(String),
    /// `{name}`, without the braces.
    Hole(&'t str),
}

/// A text cut at its placeholders; a brace that opens none is itself.
pub(super) fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once('{') {
        literal.push_str(before);
        rest = inside;
        let Some((word, after)) = inside.split_once('}').filter(|(word, _)| is_word(word)) else {
            literal.push('{');
            continue;
        };
        if !literal.is_empty() {
            words.push(Word::Text(std::mem::take(&mut literal)));
        }
        words.push(Word::Hole(word));
        rest = after;
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        words.push(Word::Text(literal));
    }
    words
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

fn hole(word: &str) -> Result<Hole, String> {
    HOLES.iter().find(|(name, _)| *name == word).map(|(_, hole)| *hole).ok_or_else(|| {
        let known = HOLES.map(|(name, _)| format!("{{{name}}}")).join(" ");
        format!("不认识的占位符 {{{word}}}；可用的有 {known}")
    })
}

/// A JSON body with holes.
#[derive(Debug, Clone, PartialEq)]
pub enum BodyTemplate {
    /// A value that is the same in every request.
    Fixed(Value),
    /// A text with holes.
    Text(Template),
    /// A list.
    List(Vec<BodyTemplate>),
    /// An object.
    Table(Vec<(String, BodyTemplate)>),
}

impl BodyTemplate {
    /// Reads a value of the configuration, at most as deep as the configuration's own parser allows.
    ///
    /// # Errors
    /// In Chinese, naming the placeholder nobody knows.
    pub fn parse(value: &Value) -> Result<Self, String> {
        Ok(match value {
            Value::String(text) => Self::Text(Template::parse(text)?),
            Value::Array(values) => Self::List(values.iter().map(Self::parse).collect::<Result<_, _>>()?),
            Value::Object(members) => Self::Table(
                members
                    .iter()
                    .map(|(name, value)| Ok((name.clone(), Self::parse(value)?)))
                    .collect::<Result<_, String>>()?,
            ),
            fixed => Self::Fixed(fixed.clone()),
        })
    }

    /// The value of one request; members and elements whose hole has no value are left out.
    #[must_use]
    pub fn fill(&self, values: &Values) -> Option<Value> {
        Some(match self {
            Self::Fixed(value) => value.clone(),
            Self::Text(template) => template.fill_json(values)?,
            Self::List(list) => Value::Array(list.iter().filter_map(|one| one.fill(values)).collect()),
            Self::Table(members) => Value::Object(
                members
                    .iter()
                    .filter_map(|(name, one)| Some((name.clone(), one.fill(values)?)))
                    .collect::<Map<_, _>>(),
            ),
        })
    }

    /// Whether the hole is somewhere in the body.
    #[must_use]
    pub fn has(&self, hole: Hole) -> bool {
        match self {
            Self::Fixed(_) => false,
            Self::Text(template) => template.has(hole),
            Self::List(list) => list.iter().any(|one| one.has(hole)),
            Self::Table(members) => members.iter().any(|(_, one)| one.has(hole)),
        }
    }
}

#[cfg(test)]
mod tests;
