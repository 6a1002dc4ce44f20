//! `[services.error_limit]`: how many bad records a document may have before none of it is taken. Leaves counting to `refine`.

use mappings::{Problem, RuleFile, Severity};
use serde::Deserialize;
use toml::Spanned;

use super::quote;

/// What a service allows of each of its documents; over either is over. At least one is given.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorLimit {
    /// Rejected records.
    pub record: Option<u64>,
    /// Rejected records of a hundred found: `5` is 5 %.
    pub percentage: Option<f64>,
}

impl ErrorLimit {
    /// Whether so many rejected of those found are too many.
    #[must_use]
    pub fn is_over(&self, found: u64, rejected: u64) -> bool {
        self.record.is_some_and(|most| rejected > most)
            || self.percentage.is_some_and(|most| count(rejected) * 100.0 > most * count(found))
    }

    /// As it is written.
    #[must_use]
    pub fn words(&self) -> String {
        let record = self.record.map(|most| format!("record = {most}"));
        let percentage = self.percentage.map(|most| format!("percentage = {most}"));
        record.into_iter().chain(percentage).collect::<Vec<_>>().join("，")
    }

    /// What is wrong with it is added to `problems`.
    pub(super) fn check(written: &Spanned<Self>, file: &RuleFile, problems: &mut Vec<Problem>) {
        let limit = written.get_ref();
        let mut say = |severity, message: &str, hint: &str| {
            let hint = (!hint.is_empty()).then(|| hint.to_owned());
            problems.push(quote::at(file, Some(written.span()), severity, message.to_owned(), hint));
        };
        if limit.record.is_none() && limit.percentage.is_none() {
            say(Severity::Error, "error_limit 里 record 与 percentage 至少写一个", "例如 record = 100");
        }
        match limit.percentage {
            Some(most) if !(0.0..=100.0).contains(&most) => {
                say(Severity::Error, "percentage 应当在 0 到 100 之间", "5 是百分之五");
            }
            Some(most) if most > 0.0 && most < 1.0 => {
                let message = format!("percentage = {most} 是万分之 {}", most * 100.0);
                say(Severity::Warning, &message, "这里的 5 是百分之五；DataX 的 0.05 在这里写作 5");
            }
            _ => {}
        }
    }
}

/// A count as far as a comparison needs it: below 2^32 exactly.
fn count(n: u64) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(record: Option<u64>, percentage: Option<f64>) -> ErrorLimit {
        ErrorLimit { record, percentage }
    }

    #[test]
    fn as_many_as_allowed_are_allowed_and_one_more_is_over() {
        assert!(!limit(Some(2), None).is_over(100, 2) && limit(Some(2), None).is_over(100, 3));
        assert!(!limit(None, Some(5.0)).is_over(100, 5) && limit(None, Some(5.0)).is_over(100, 6));
        assert!(!limit(None, Some(33.3)).is_over(10, 3) && limit(None, Some(33.3)).is_over(3, 1));
    }

    #[test]
    fn either_is_enough_and_nothing_allowed_is_nothing() {
        let both = limit(Some(10), Some(50.0));
        assert!(both.is_over(100, 11) && both.is_over(4, 3) && !both.is_over(100, 10));
        for zero in [limit(Some(0), None), limit(None, Some(0.0))] {
            assert!(zero.is_over(1000, 1) && !zero.is_over(1000, 0) && !zero.is_over(0, 0));
        }
        assert!(!limit(None, Some(100.0)).is_over(7, 7));
    }

    #[test]
    fn its_words_are_those_of_the_file() {
        assert_eq!(limit(Some(10), Some(2.5)).words(), "record = 10，percentage = 2.5");
        assert_eq!(limit(None, Some(5.0)).words(), "percentage = 5");
    }

    #[test]
    fn what_is_wrong_with_it_is_told_at_its_place() {
        #[derive(Deserialize)]
        struct Written {
            error_limit: Spanned<ErrorLimit>,
        }
        let told = |text: &str| {
            let text = format!("error_limit = {{ {text} }}\n");
            let written: Written = toml::from_str(&text).unwrap();
            let mut problems = Vec::new();
            let file = RuleFile { path: "source.toml".to_owned(), text };
            ErrorLimit::check(&written.error_limit, &file, &mut problems);
            let shown = |problem: Problem| format!("{}:{} {}", problem.line, problem.column, problem.message);
            problems.into_iter().map(shown).collect::<Vec<_>>()
        };
        assert_eq!(told(""), ["1:15 error_limit 里 record 与 percentage 至少写一个"]);
        assert_eq!(told("percentage = 101"), ["1:15 percentage 应当在 0 到 100 之间"]);
        assert_eq!(told("percentage = -1"), ["1:15 percentage 应当在 0 到 100 之间"]);
        assert_eq!(told("percentage = 0.02"), ["1:15 percentage = 0.02 是万分之 2"]);
        assert_eq!(told("record = 0, percentage = 5"), Vec::<String>::new());
    }
}
