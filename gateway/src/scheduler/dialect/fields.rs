//! One field of a crontab line: read as people write it, written back as the `cron` crate reads it.
//! Leaves what the fields mean together to the dialect.

/// Longest text of one field; more is a mistake, and reading stays cheap.
const MAX_TEXT: usize = 400;

/// One field's bounds and names.
pub(super) struct Field {
    label: &'static str,
    min: u32,
    max: u32,
    /// Names, in order from `min`.
    names: &'static [&'static str],
    /// What is added to a number for the `cron` crate, whose Sunday is 1.
    shift: u32,
}

pub(super) const SECOND: Field = Field { label: "秒", min: 0, max: 59, names: &[], shift: 0 };
pub(super) const MINUTE: Field = Field { label: "分", min: 0, max: 59, names: &[], shift: 0 };
pub(super) const HOUR: Field = Field { label: "时", min: 0, max: 23, names: &[], shift: 0 };
pub(super) const DAY: Field = Field { label: "日", min: 1, max: 31, names: &[], shift: 0 };
pub(super) const MONTH: Field = Field {
    label: "月",
    min: 1,
    max: 12,
    names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    shift: 0,
};
/// 7 is Sunday too, so that `5-7` is a range; it falls on 0 when written back.
pub(super) const WEEKDAY: Field = Field {
    label: "周",
    min: 0,
    max: 7,
    names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
    shift: 1,
};

impl Field {
    /// Whether a day field leaves the other alone (Vixie cron: it begins with a star).
    pub(super) fn unrestricted(text: &str) -> bool {
        text.starts_with(['*', '?'])
    }

    /// The field for the `cron` crate: `*`, or every number it means.
    pub(super) fn read(&self, text: &str) -> Result<String, String> {
        if text.len() > MAX_TEXT {
            return Err(format!("“{}”字段太长（超过 {MAX_TEXT} 字节）", self.label));
        }
        let mut wanted = 0u64;
        for term in text.split(',') {
            wanted |= self.term(term)?;
        }
        Ok(self.write(wanted))
    }

    fn write(&self, wanted: u64) -> String {
        let last = if self.shift == 1 { 6 } else { self.max };
        let wanted = if self.shift == 1 { (wanted & 0x7f) | (wanted >> 7 & 1) } else { wanted };
        let all: Vec<u32> = (self.min..=last).filter(|number| wanted >> number & 1 == 1).collect();
        if all.len() == (last - self.min + 1) as usize {
            return "*".to_owned();
        }
        all.iter().map(|number| (number + self.shift).to_string()).collect::<Vec<_>>().join(",")
    }

    /// `*`, `?`, `a`, `a-b`, each with or without `/step`.
    fn term(&self, term: &str) -> Result<u64, String> {
        let (span, step) = match term.split_once('/') {
            Some((span, step)) => (span, Some(self.step(step, term)?)),
            None => (term, None),
        };
        let (from, to) = self.span(span, step.is_some(), term)?;
        let step = step.unwrap_or(1) as usize;
        Ok((from..=to).step_by(step).fold(0, |wanted, number| wanted | 1 << number))
    }

    fn step(&self, text: &str, term: &str) -> Result<u32, String> {
        match number(text) {
            Some(0) | None => Err(self.wrong(term, "步长要是正整数")),
            Some(step) if step > self.max => Err(self.wrong(term, &format!("步长不能超过 {}", self.max))),
            Some(step) => Ok(step),
        }
    }

    fn span(&self, span: &str, stepped: bool, term: &str) -> Result<(u32, u32), String> {
        if span == "*" || (span == "?" && (self.label == "日" || self.label == "周")) {
            return Ok((self.min, self.max));
        }
        let Some((from, to)) = span.split_once('-') else {
            let from = self.value(span, term)?;
            return Ok((from, if stepped { self.max } else { from }));
        };
        let from = self.value(from, term)?;
        let to = self.range_end(from, to, term)?;
        if from > to {
            return Err(self.wrong(term, "范围的起点大于终点"));
        }
        Ok((from, to))
    }

    /// `Fri-Sun` ends in the Sunday after, not in the one before.
    fn range_end(&self, from: u32, text: &str, term: &str) -> Result<u32, String> {
        let value = self.value(text, term)?;
        let sunday_after = self.shift == 1 && value == 0 && from > 0 && number(text).is_none();
        Ok(if sunday_after { 7 } else { value })
    }

    fn value(&self, text: &str, term: &str) -> Result<u32, String> {
        let named = || {
            let lower = text.to_ascii_lowercase();
            self.names.iter().zip(self.min..).find(|(name, _)| **name == lower).map(|(_, value)| value)
        };
        match number(text).or_else(named) {
            Some(value) if (self.min..=self.max).contains(&value) => Ok(value),
            Some(_) => Err(self.wrong(term, &format!("只能是 {} 到 {}", self.min, self.max))),
            None if term.contains(['L', 'W', '#', 'l', 'w']) => {
                Err(self.wrong(term, "不支持 L、W、#，请改用具体的日期或星期"))
            }
            None => Err(self.wrong(term, "不是数字、名称、范围或步长")),
        }
    }

    fn wrong(&self, term: &str, why: &str) -> String {
        format!("“{}”字段的“{term}”：{why}", self.label)
    }
}

/// Plain ASCII digits; no sign, no more than four of them.
fn number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn fields_are_written_as_the_crate_reads_them() {
        assert_eq!(MINUTE.read("*"), Ok("*".to_owned()));
        assert_eq!(MINUTE.read("0-59"), Ok("*".to_owned()));
        assert_eq!(MINUTE.read("30,5,5"), Ok("5,30".to_owned()));
        assert_eq!(HOUR.read("20-23/2"), Ok("20,22".to_owned()));
        assert_eq!(DAY.read("*/10"), Ok("1,11,21,31".to_owned()));
        assert_eq!(MONTH.read("dec,JAN"), Ok("1,12".to_owned()));
        assert_eq!(WEEKDAY.read("0"), Ok("1".to_owned()), "the crate's Sunday is 1");
        assert_eq!(WEEKDAY.read("6-7"), Ok("1,7".to_owned()));
        assert_eq!(WEEKDAY.read("1-7"), Ok("*".to_owned()));
    }

    #[test]
    fn only_the_day_fields_take_a_question_mark() {
        assert_eq!((DAY.read("?"), WEEKDAY.read("?")), (Ok("*".to_owned()), Ok("*".to_owned())));
        assert!(MONTH.read("?").is_err() && HOUR.read("?").is_err());
    }

    #[test]
    fn a_star_at_the_head_leaves_the_other_day_field_alone() {
        assert!(["*", "?", "*/2", "*,5"].iter().all(|text| Field::unrestricted(text)));
        assert!(!["1", "1-31", "5,*", ""].iter().any(|text| Field::unrestricted(text)));
    }

    proptest! {
        #[test]
        fn what_is_written_stays_within_bounds(text in "[0-9a-z*?/,-]{1,12}") {
            for field in [&SECOND, &MINUTE, &HOUR, &DAY, &MONTH, &WEEKDAY] {
                let Ok(written) = field.read(&text) else { continue };
                let last = if field.shift == 1 { 7 } else { field.max };
                let fits = |number: &str| number.parse().is_ok_and(|n: u32| (field.min + field.shift..=last).contains(&n));
                prop_assert!(written == "*" || written.split(',').all(fits), "{text} → {written}");
            }
        }
    }
}
