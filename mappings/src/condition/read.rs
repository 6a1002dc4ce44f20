//! Reads words into an expression over field *names*.
//! Leaves whether the fields exist and fit each other to `resolve`.

use super::{
    Fault, Op,
    arithmetic::Calc,
    lex::{Placed, Token, lex},
};

/// Deepest nesting of parentheses and `not`.
const DEEPEST: usize = 32;

/// A condition as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Expression {
    All(Vec<Expression>),
    Any(Vec<Expression>),
    Not(Box<Expression>),
    Present(Name),
    Absent(Name),
    Compare(Name, Op, Side),
    /// A comparison with arithmetic on one side at least.
    Reckon(Side, Op, Side),
    OneOf(Name, Vec<Side>),
    StartsWith(Name, Side),
}

/// A field named in a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) at: usize,
    pub(crate) name: String,
}

/// What stands on the right of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Side {
    Field(Name),
    Text(usize, String),
    Number(usize, String),
    Of(Box<Side>, Calc, Box<Side>),
}

/// Reads a whole condition.
pub(crate) fn read(text: &str) -> Result<Expression, Fault> {
    let tokens = lex(text)?;
    let mut reader = Reader { tokens: &tokens, next: 0, end: text.chars().count() };
    let expression = reader.any(0)?;
    match reader.peek() {
        None => Ok(expression),
        Some(placed) => {
            Err(Fault::hinted(placed.at, "条件在这里应当结束", Some("用 and 或 or 连接".to_owned())))
        }
    }
}

struct Reader<'t> {
    tokens: &'t [Placed],
    next: usize,
    end: usize,
}

impl<'t> Reader<'t> {
    fn any(&mut self, depth: usize) -> Result<Expression, Fault> {
        let mut parts = vec![self.all(depth)?];
        while self.word("or") {
            parts.push(self.all(depth)?);
        }
        Ok(single(parts, Expression::Any))
    }

    fn all(&mut self, depth: usize) -> Result<Expression, Fault> {
        let mut parts = vec![self.one(depth)?];
        while self.word("and") {
            parts.push(self.one(depth)?);
        }
        Ok(single(parts, Expression::All))
    }

    fn one(&mut self, depth: usize) -> Result<Expression, Fault> {
        if depth > DEEPEST {
            return Err(Fault::new(self.at(), "括号和 not 嵌套太深"));
        }
        if self.word("not") {
            return Ok(Expression::Not(Box::new(self.one(depth + 1)?)));
        }
        if !self.take(&Token::Open) {
            return self.check();
        }
        let inner = self.any(depth + 1)?;
        if self.take(&Token::Close) { Ok(inner) } else { Err(Fault::new(self.at(), "缺少右括号 )")) }
    }

    fn check(&mut self) -> Result<Expression, Fault> {
        let name = match self.sum(0)? {
            Side::Field(name) => name,
            left => return self.reckoned(left),
        };
        let at = self.at();
        match self.advance() {
            Some(Token::Word(word)) if word == "present" => Ok(Expression::Present(name)),
            Some(Token::Word(word)) if word == "absent" => Ok(Expression::Absent(name)),
            Some(Token::Word(word)) if word == "in" => Ok(Expression::OneOf(name, self.list()?)),
            Some(Token::Word(word)) if word == "starts_with" => {
                Ok(Expression::StartsWith(name, self.side()?))
            }
            Some(Token::Op(op)) => self.compared(name, *op),
            _ => Err(Fault::new(at, "字段后面应当是 == != < <= > >= in present absent starts_with 之一")),
        }
    }

    fn compared(&mut self, name: Name, op: Op) -> Result<Expression, Fault> {
        Ok(match self.sum(0)? {
            right @ Side::Of(..) => Expression::Reckon(Side::Field(name), op, right),
            right => Expression::Compare(name, op, right),
        })
    }

    fn reckoned(&mut self, left: Side) -> Result<Expression, Fault> {
        let at = self.at();
        match self.advance() {
            Some(Token::Op(op)) => Ok(Expression::Reckon(left, *op, self.sum(0)?)),
            _ => Err(Fault::new(at, "算式后面应当是 == != < <= > >= 之一")),
        }
    }

    /// Terms joined by plus and minus.
    fn sum(&mut self, depth: usize) -> Result<Side, Fault> {
        let mut left = self.product(depth)?;
        while let Some(calc) = self.calc(false) {
            left = Side::Of(Box::new(left), calc, Box::new(self.product(depth)?));
        }
        Ok(left)
    }

    fn product(&mut self, depth: usize) -> Result<Side, Fault> {
        let mut left = self.term(depth)?;
        while let Some(calc) = self.calc(true) {
            left = Side::Of(Box::new(left), calc, Box::new(self.term(depth)?));
        }
        Ok(left)
    }

    fn term(&mut self, depth: usize) -> Result<Side, Fault> {
        if depth > DEEPEST {
            return Err(Fault::new(self.at(), "括号嵌套太深"));
        }
        if !self.take(&Token::Open) {
            return self.side();
        }
        let inner = self.sum(depth + 1)?;
        if self.take(&Token::Close) { Ok(inner) } else { Err(Fault::new(self.at(), "缺少右括号 )")) }
    }

    fn calc(&mut self, tighter: bool) -> Option<Calc> {
        match self.peek()?.token {
            Token::Calc(calc) if calc.binds_tighter() == tighter => {
                self.next += 1;
                Some(calc)
            }
            _ => None,
        }
    }

    fn side(&mut self) -> Result<Side, Fault> {
        let at = self.at();
        match self.advance() {
            Some(Token::Word(word)) if !is_keyword(word) => Ok(Side::Field(Name { at, name: word.clone() })),
            Some(Token::Text(text)) => Ok(Side::Text(at, text.clone())),
            Some(Token::Number(number)) => Ok(Side::Number(at, number.clone())),
            _ => Err(Fault::new(at, "这里应当是字段名、带引号的文本或数")),
        }
    }

    fn list(&mut self) -> Result<Vec<Side>, Fault> {
        if !self.take(&Token::Open) {
            return Err(Fault::new(self.at(), "in 后面应当是 (…, …)"));
        }
        let mut sides = vec![self.literal()?];
        while self.take(&Token::Comma) {
            sides.push(self.literal()?);
        }
        if self.take(&Token::Close) { Ok(sides) } else { Err(Fault::new(self.at(), "缺少右括号 )")) }
    }

    fn literal(&mut self) -> Result<Side, Fault> {
        match self.side()? {
            Side::Field(name) => {
                Err(Fault::hinted(name.at, "in 的括号里只能是文本或数", Some("文本要加引号".to_owned())))
            }
            side => Ok(side),
        }
    }

    fn peek(&self) -> Option<&'t Placed> {
        self.tokens.get(self.next)
    }

    fn at(&self) -> usize {
        self.peek().map_or(self.end, |placed| placed.at)
    }

    fn advance(&mut self) -> Option<&'t Token> {
        let placed = self.peek()?;
        self.next += 1;
        Some(&placed.token)
    }

    fn take(&mut self, wanted: &Token) -> bool {
        let found = self.peek().is_some_and(|placed| placed.token == *wanted);
        self.next += usize::from(found);
        found
    }

    fn word(&mut self, wanted: &str) -> bool {
        let found =
            self.peek().is_some_and(|placed| matches!(&placed.token, Token::Word(word) if word == wanted));
        self.next += usize::from(found);
        found
    }
}

pub(super) fn is_keyword(word: &str) -> bool {
    matches!(word, "and" | "or" | "not" | "in" | "present" | "absent" | "starts_with")
}

fn single(mut parts: Vec<Expression>, many: fn(Vec<Expression>) -> Expression) -> Expression {
    match (parts.pop(), parts.is_empty()) {
        (Some(only), true) => only,
        (last, _) => {
            parts.extend(last);
            many(parts)
        }
    }
}

#[cfg(test)]
mod tests;
