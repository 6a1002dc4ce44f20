//! What an answer says about its batch, by the destination's rules, pure: the same answer under the same rules gives
//! the same receipt for ever. The first rule that matches holds; none means that nobody can tell.

use regex::{Regex, RegexBuilder};

use super::{
    Answer, Batch, Receipt,
    config::{Condition, HeaderCondition, Named, Outcome, RefusalClass, Unnamed, VerdictConfig, Words},
    naming::{self, Naming},
};
use crate::{
    codec::json::{Envelope, locate},
    error::AdapterError,
    http::success::cut,
};

/// Reads answers by rules. Built from the configuration alone: no environment, no network.
#[derive(Debug)]
pub struct Reader {
    rules: Vec<Rule>,
    headers: Vec<String>,
}

#[derive(Debug)]
struct Rule {
    config: VerdictConfig,
    headers: Vec<(String, Test)>,
    body: Vec<(String, Test)>,
}

/// How one value is judged.
#[derive(Debug)]
enum Test {
    Is(Words),
    Not(Words),
    Matches(Regex),
    Present,
    Absent,
}

impl Reader {
    /// Reads the rules. Without any, every answer is unknown.
    ///
    /// # Errors
    /// A configuration error naming the rule and what is wrong with it.
    pub fn new(verdicts: &[VerdictConfig]) -> Result<Self, AdapterError> {
        let rules = verdicts
            .iter()
            .enumerate()
            .map(|(place, config)| rule(place, config))
            .collect::<Result<_, _>>()?;
        let mut headers: Vec<String> =
            verdicts.iter().flat_map(|rule| &rule.header).map(|header| header.name.to_lowercase()).collect();
        headers.sort();
        headers.dedup();
        Ok(Self { rules, headers })
    }

    /// What the answer says about the batch.
    #[must_use]
    pub fn read(&self, batch: &Batch<'_>, answer: &Answer) -> Receipt {
        match self.matching(answer) {
            Some((rule, matched)) => rule.receipt(batch, answer, &matched),
            None => {
                Receipt::Unknown { reason: format!("没有规则认得这个应答（{}）", seen(answer)) }
            }
        }
    }

    /// The rule that holds lays the answer at our configuration's door: what to tell the person who can mend it.
    pub(super) fn config_to_blame(&self, answer: &Answer) -> Option<String> {
        let (rule, matched) = self.matching(answer).filter(|(rule, _)| rule.config.config_to_blame)?;
        let name = rule.config.name.as_deref().unwrap_or("配置需要修改");
        Some(format!("{name}（{}）", matched.message().unwrap_or_else(|| seen(answer))))
    }

    /// The headers that rules ask for, of those an answer has.
    pub(super) fn asked_headers(&self, header: impl Fn(&str) -> Option<String>) -> Vec<(String, String)> {
        self.headers.iter().filter_map(|name| Some((name.clone(), header(name)?))).collect()
    }

    fn matching(&self, answer: &Answer) -> Option<(&Rule, Matched)> {
        self.rules.iter().find_map(|rule| Some((rule, rule.matched(answer)?)))
    }
}

/// What a matching rule found in the body.
struct Matched {
    message: Option<String>,
    named: Vec<Naming>,
}

impl Matched {
    /// The receiver's own words.
    fn message(&self) -> Option<String> {
        self.message.as_deref().map(|message| cut(message, 500))
    }
}

impl Rule {
    fn matched(&self, answer: &Answer) -> Option<Matched> {
        let config = &self.config;
        let status_holds = config.status.is_empty() || config.status.contains(&answer.status);
        let header =
            |name: &str| answer.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
        if !status_holds || !self.headers.iter().all(|(name, test)| test.holds(header(name))) {
            return None;
        }
        let Some(envelope) = self.envelope(answer) else {
            let is_needless = self.body.is_empty() && config.named.is_none();
            return is_needless.then(|| Matched { message: None, named: Vec::new() });
        };
        let mut values = envelope.values.iter().map(Option::as_deref);
        let message = values.next().flatten().filter(|_| config.message.is_some()).map(str::to_owned);
        if !self.body.iter().zip(values).all(|((_, test), value)| test.holds(value)) {
            return None;
        }
        let named = match &config.named {
            Some(named) => naming::read(named, &envelope, &answer.body).filter(|named| !named.is_empty())?,
            None => Vec::new(),
        };
        Some(Matched { message, named })
    }

    /// The body, if it is JSON; the first value is the message's, the others the conditions'.
    fn envelope(&self, answer: &Answer) -> Option<Envelope> {
        let message = self.config.message.as_deref().unwrap_or_default();
        let paths: Vec<&str> =
            std::iter::once(message).chain(self.body.iter().map(|(path, _)| path.as_str())).collect();
        let list = self.config.named.as_ref().map_or("", |named: &Named| named.list.as_str());
        locate(&answer.body, list, &paths).ok()
    }

    /// What can be said of an answer that has no words of its own: the rule's name says more than a number.
    fn words(&self, answer: &Answer) -> String {
        match &self.config.name {
            Some(name) => format!("{name}：HTTP {}", answer.status),
            None => seen(answer),
        }
    }

    fn receipt(&self, batch: &Batch<'_>, answer: &Answer, matched: &Matched) -> Receipt {
        let reason = matched.message().unwrap_or_else(|| self.words(answer));
        match (self.config.outcome, matched.named.is_empty()) {
            (Outcome::Taken, _) => Receipt::Taken,
            (Outcome::Busy, _) => Receipt::Busy { after: answer.retry_after, reason },
            (Outcome::Unknown, _) => Receipt::Unknown { reason },
            (Outcome::Refused, true) => {
                Receipt::Whole { data: self.config.class == RefusalClass::Data, reason }
            }
            (Outcome::Refused, false) => match naming::refused(batch, &matched.named, &reason) {
                Ok(refused) => {
                    Receipt::Named { refused, others_taken: self.config.unnamed == Unnamed::Taken }
                }
                Err(reason) => Receipt::Unknown { reason },
            },
        }
    }
}

impl Test {
    fn holds(&self, value: Option<&str>) -> bool {
        match self {
            Self::Is(words) => value.is_some_and(|value| words.contain(value)),
            Self::Not(words) => !value.is_some_and(|value| words.contain(value)),
            Self::Matches(pattern) => value.is_some_and(|value| pattern.is_match(value)),
            Self::Present => value.is_some(),
            Self::Absent => value.is_none(),
        }
    }
}

fn seen(answer: &Answer) -> String {
    format!("HTTP {}，{} 字节", answer.status, answer.body.len())
}

fn rule(place: usize, config: &VerdictConfig) -> Result<Rule, AdapterError> {
    let wrong = |what: String| AdapterError::config(format!("第 {} 条 [[verdict]]：{what}", place + 1));
    let headers = config.header.iter().map(|header| Ok((header.name.to_lowercase(), header_test(header)?)));
    let headers = headers.collect::<Result<Vec<_>, String>>().map_err(wrong)?;
    let body = config.body.iter().map(|condition| Ok((condition.at.clone(), body_test(condition)?)));
    let body = body.collect::<Result<Vec<_>, String>>().map_err(wrong)?;
    if config.status.is_empty() && headers.is_empty() && body.is_empty() {
        return Err(wrong("没有条件（status、header、body 至少写一个）".to_owned()));
    }
    if config.named.is_some() && config.outcome != Outcome::Refused {
        return Err(wrong("named 只用于 outcome = \"refused\"".to_owned()));
    }
    if config.config_to_blame && config.outcome != Outcome::Busy {
        return Err(wrong("config_to_blame 只用于 outcome = \"busy\"".to_owned()));
    }
    Ok(Rule { config: config.clone(), headers, body })
}

fn header_test(header: &HeaderCondition) -> Result<Test, String> {
    let HeaderCondition { name, is, not, matches, present, absent } = header;
    test(name, is.as_ref(), not.as_ref(), matches.as_deref(), *present, *absent)
}

fn body_test(condition: &Condition) -> Result<Test, String> {
    let Condition { at, is, not, matches, present, absent } = condition;
    test(at, is.as_ref(), not.as_ref(), matches.as_deref(), *present, *absent)
}

fn test(
    name: &str,
    is: Option<&Words>,
    not: Option<&Words>,
    matches: Option<&str>,
    present: bool,
    absent: bool,
) -> Result<Test, String> {
    let pattern = matches.map(|pattern| compiled(name, pattern)).transpose()?;
    let tests = [
        is.cloned().map(Test::Is),
        not.cloned().map(Test::Not),
        pattern.map(Test::Matches),
        present.then_some(Test::Present),
        absent.then_some(Test::Absent),
    ];
    let mut tests = tests.into_iter().flatten();
    match (tests.next(), tests.next()) {
        (Some(test), None) => Ok(test),
        _ => Err(format!("{name:?} 的条件应在 is、not、matches、present、absent 中正好写一个")),
    }
}

const LARGEST_PATTERN_BYTES: usize = 1 << 20;

fn compiled(name: &str, pattern: &str) -> Result<Regex, String> {
    RegexBuilder::new(pattern)
        .size_limit(LARGEST_PATTERN_BYTES)
        .build()
        .map_err(|error| format!("{name:?} 的正则表达式不对：{error}"))
}

#[cfg(test)]
mod tests;
