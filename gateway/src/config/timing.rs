//! Times in configuration files: schedules and durations, with their problems at their place.
//! Leaves what a schedule means to the scheduler's dialect.

use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use mappings::{Problem, RuleFile, Severity};
use toml::Spanned;

use super::quote;
use crate::scheduler::dialect::Schedule;

/// A moment to count from when asking whether a line ever fires: the answer is the same from anywhere before 2090.
const FIRST_LOOK: DateTime<Utc> = DateTime::UNIX_EPOCH;

/// Longest wait that makes sense between two attempts.
const LONGEST: Duration = Duration::from_hours(7 * 24);

/// A schedule, if one is written. What cannot be read is an error; what never fires, a warning.
pub(super) fn schedule(
    file: &RuleFile,
    written: Option<&Spanned<String>>,
    zone: Tz,
    problems: &mut Vec<Problem>,
) -> Option<Schedule> {
    let written = written?;
    match Schedule::parse(written.get_ref(), zone) {
        Ok(schedule) => {
            if schedule.next_after(FIRST_LOOK).is_none() {
                let message = "这个计划永远不会触发".to_owned();
                let hint = "日期和月份凑不到一起，例如 2 月 30 日".to_owned();
                problems.push(quote::at(file, Some(written.span()), Severity::Warning, message, Some(hint)));
            }
            Some(schedule)
        }
        Err(wrong) => {
            let message = format!("计划“{}”读不懂：{wrong}", written.get_ref());
            problems.push(quote::at(file, Some(written.span()), Severity::Error, message, None));
            None
        }
    }
}

/// Longest age that a setting may name.
const OLDEST: Duration = Duration::from_hours(3_650 * 24);

/// `90d`: an age, at most ten years.
///
/// # Errors
/// What to write instead, in Chinese.
pub(super) fn age(text: &str) -> Result<Duration, String> {
    bounded(text, OLDEST, "3650d")
}

/// `10s`, `5m`, `2h`, `1d`, `500ms`.
///
/// # Errors
/// What to write instead, in Chinese.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    bounded(text, LONGEST, "7d")
}

fn bounded(text: &str, longest: Duration, most: &str) -> Result<Duration, String> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let wrong = || format!("“{text}”不是时长，要写成 500ms、10s、5m、2h 或 1d");
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let unit_ms: u64 = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(wrong()),
    };
    let duration = number.checked_mul(unit_ms).map(Duration::from_millis).ok_or_else(wrong)?;
    match duration {
        Duration::ZERO => Err(format!("“{text}”要大于 0")),
        long if long > longest => Err(format!("“{text}”太长，最多 {most}")),
        fine => Ok(fine),
    }
}

#[cfg(test)]
mod tests;
