//! Cuts the text of a condition into words, each with its place.
//! Leaves what they mean together to `read`.

use super::{Fault, Op, arithmetic::Calc};

/// Longest condition, in characters.
pub(crate) const LONGEST: usize = 4000;

/// A word of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    /// A field name or a keyword.
    Word(String),
    Text(String),
    Number(String),
    Op(Op),
    Calc(Calc),
    Open,
    Close,
    Comma,
}

impl Token {
    fn ends_value(&self) -> bool {
        match self {
            Self::Word(word) => !super::read::is_keyword(word),
            Self::Number(_) | Self::Close => true,
            _ => false,
        }
    }
}

/// A word and where it begins, in characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) at: usize,
    pub(crate) token: Token,
}

/// All words of a condition.
pub(crate) fn lex(text: &str) -> Result<Vec<Placed>, Fault> {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() > LONGEST {
        return Err(Fault::new(0, format!("条件太长（超过 {LONGEST} 字符）")));
    }
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(&next) = chars.get(at) {
        if next.is_whitespace() {
            at += 1;
            continue;
        }
        let after_value = found.last().is_some_and(|placed: &Placed| placed.token.ends_value());
        let (token, length) = token(&chars, at, next, after_value)?;
        found.push(Placed { at, token });
        at += length;
    }
    Ok(found)
}

/// The word at a place and its length; after a value `-` subtracts, elsewhere it is a number's sign.
fn token(chars: &[char], at: usize, next: char, after_value: bool) -> Result<(Token, usize), Fault> {
    match next {
        '+' => Ok((Token::Calc(Calc::Plus), 1)),
        '*' => Ok((Token::Calc(Calc::Times), 1)),
        '/' => Ok((Token::Calc(Calc::By), 1)),
        '-' if after_value => Ok((Token::Calc(Calc::Minus), 1)),
        '(' => Ok((Token::Open, 1)),
        ')' => Ok((Token::Close, 1)),
        ',' => Ok((Token::Comma, 1)),
        '\'' | '"' => quoted(chars, at, next),
        '=' | '!' | '<' | '>' => operator(chars, at, next),
        '-' | '0'..='9' => number(chars, at),
        _ if is_name(next) => {
            let word: String = rest(chars, at).take_while(|c| is_name(*c)).collect();
            let length = word.chars().count();
            Ok((Token::Word(word), length))
        }
        '（' | '）' | '，' | '‘' | '’' | '“' | '”' => {
            Err(Fault::hinted(at, format!("这里不能写“{next}”"), Some("请用半角符号".to_owned())))
        }
        _ => Err(Fault::new(at, format!("这里不能写“{next}”"))),
    }
}

fn rest(chars: &[char], at: usize) -> impl Iterator<Item = char> {
    chars.iter().skip(at).copied()
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn quoted(chars: &[char], at: usize, quote: char) -> Result<(Token, usize), Fault> {
    let mut text = String::new();
    let mut end = at + 1;
    while let Some(&next) = chars.get(end) {
        if next != quote {
            text.push(next);
            end += 1;
        } else if chars.get(end + 1) == Some(&quote) {
            text.push(quote);
            end += 2;
        } else {
            return Ok((Token::Text(text), end + 1 - at));
        }
    }
    Err(Fault::new(at, "文本没有结束的引号"))
}

fn operator(chars: &[char], at: usize, first: char) -> Result<(Token, usize), Fault> {
    let doubled = chars.get(at + 1) == Some(&'=');
    let op = match (first, doubled) {
        ('=', true) => Op::Equal,
        ('!', true) => Op::Unequal,
        ('<', true) => Op::AtMost,
        ('>', true) => Op::AtLeast,
        ('<', false) => Op::Less,
        ('>', false) => Op::Greater,
        ('=', false) => return Err(Fault::hinted(at, "不认识“=”", Some("相等写作 ==".to_owned()))),
        _ => {
            return Err(Fault::hinted(
                at,
                format!("不认识“{first}”"),
                Some("不等写作 !=，否定写作 not".to_owned()),
            ));
        }
    };
    Ok((Token::Op(op), if doubled { 2 } else { 1 }))
}

fn number(chars: &[char], at: usize) -> Result<(Token, usize), Fault> {
    let text: String = rest(chars, at)
        .enumerate()
        .take_while(|(i, c)| c.is_ascii_digit() || *c == '.' || (*i == 0 && *c == '-'))
        .map(|(_, c)| c)
        .collect();
    let length = text.len();
    let glued = chars.get(at + length).is_some_and(|c| is_name(*c));
    if glued || crate::parse::number::read(&text).is_none() {
        return Err(Fault::hinted(at, "这不是一个数", Some("文本要加引号".to_owned())));
    }
    Ok((Token::Number(text), length))
}

#[cfg(test)]
mod tests;
