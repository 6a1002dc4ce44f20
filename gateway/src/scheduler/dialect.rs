//! When something runs: crontab lines as people write them, over the `cron` crate's arithmetic, in a declared zone.
//! Leaves who runs it, and whether another replica already does, to the scheduler's driver and the leases.
//!
//! The dialect, and why it is one: the crate alone counts Sunday as 1, refuses five fields, demands both day fields
//! at once and runs a job of the repeated hour twice.
//! * Five fields (minute hour day month weekday) or six (second first). Seven, with a year, are refused.
//! * Weekday 0 and 7 are Sunday, 1 is Monday; names of weekdays and months in any case; lists, ranges, steps.
//!   A weekday range may end in Sunday (`5-7`, `Fri-Sun`). `5/15` is `5-59/15`.
//! * `@yearly @annually @monthly @weekly @daily @midnight @hourly`.
//! * A day field that begins with `*` or `?` is unrestricted, `*/2` too (as in Vixie cron): it narrows the other.
//!   When neither begins so, *either* is enough: two schedules joined.
//! * A local time is one firing: in the repeated hour the first counts, in the skipped hour it fires at its end.

mod fields;
mod walltime;

use chrono::{DateTime, Datelike, Timelike, Utc};
use chrono_tz::Tz;

use fields::{DAY, Field, HOUR, MINUTE, MONTH, SECOND, WEEKDAY};

/// The last year the `cron` crate knows; what would fire only after it never fires.
const LAST_YEAR: i32 = 2100;

/// Local firings looked at before giving up: more than every second of the longest repeated stretch (a day).
const STEPS: usize = 90_000;

/// A crontab line in its zone.
#[derive(Debug, Clone)]
pub struct Schedule {
    text: String,
    zone: Tz,
    /// One, or two when both day fields are restricted: either fires.
    lines: Vec<cron::Schedule>,
}

impl PartialEq for Schedule {
    fn eq(&self, other: &Self) -> bool {
        self.zone == other.zone && self.lines == other.lines
    }
}

impl Schedule {
    /// Reads a crontab line.
    ///
    /// # Errors
    /// What is wrong with the line and what to write instead, in Chinese.
    pub fn parse(text: &str, zone: Tz) -> Result<Self, String> {
        let line = expand_name(text.trim())?;
        let words: Vec<&str> = line.split_whitespace().collect();
        let lines = match words.as_slice() {
            [minute, hour, day, month, weekday] => join(["0", minute, hour, day, month, weekday])?,
            [second, minute, hour, day, month, weekday] => join([second, minute, hour, day, month, weekday])?,
            [_, _, _, _, _, _, year] => {
                return Err(format!("不支持第七个字段（年份 {year}），请删去它，只写六个字段"));
            }
            other => {
                return Err(format!(
                    "需要五个字段（分 时 日 月 周）或六个字段（秒在最前），这里有 {} 个",
                    other.len()
                ));
            }
        };
        Ok(Self { text: text.trim().to_owned(), zone, lines })
    }

    /// The line as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The zone its times are in.
    #[must_use]
    pub const fn zone(&self) -> Tz {
        self.zone
    }

    /// The first firing after `after`, to the second; none when it never fires again (before 2101).
    #[must_use]
    pub fn next_after(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.lines.iter().filter_map(|line| next_of(line, self.zone, after)).min()
    }

    /// The firings after `after`, one after the other.
    pub fn firings(&self, after: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> {
        std::iter::successors(self.next_after(after), |last| self.next_after(*last))
    }
}

/// Reads a zone's name (IANA, e.g. `Asia/Shanghai`).
///
/// # Errors
/// That no such zone is known, in Chinese.
pub fn parse_zone(name: &str) -> Result<Tz, String> {
    name.trim().parse().map_err(|_| format!("不认识时区“{name}”，请写 IANA 名称，例如 Asia/Shanghai"))
}

/// `@daily` and the like as five fields; anything else as it is.
fn expand_name(text: &str) -> Result<&str, String> {
    let Some(name) = text.strip_prefix('@') else { return Ok(text) };
    match name.to_ascii_lowercase().as_str() {
        "yearly" | "annually" => Ok("0 0 1 1 *"),
        "monthly" => Ok("0 0 1 * *"),
        "weekly" => Ok("0 0 * * 0"),
        "daily" | "midnight" => Ok("0 0 * * *"),
        "hourly" => Ok("0 * * * *"),
        _ => Err(format!(
            "不认识“{text}”，可以写 @yearly、@monthly、@weekly、@daily、@hourly（以及 @annually、@midnight）"
        )),
    }
}

/// The lines of the `cron` crate that together mean these six fields.
fn join(words: [&str; 6]) -> Result<Vec<cron::Schedule>, String> {
    let [second, minute, hour, day, month, weekday] = words;
    let clock = format!("{} {} {}", SECOND.read(second)?, MINUTE.read(minute)?, HOUR.read(hour)?);
    let (days, months, weekdays) = (DAY.read(day)?, MONTH.read(month)?, WEEKDAY.read(weekday)?);
    if Field::unrestricted(day) || Field::unrestricted(weekday) {
        return Ok(vec![line(&format!("{clock} {days} {months} {weekdays}"))?]);
    }
    Ok(vec![line(&format!("{clock} {days} {months} *"))?, line(&format!("{clock} * {months} {weekdays}"))?])
}

fn line(canonical: &str) -> Result<cron::Schedule, String> {
    canonical.parse().map_err(|error| format!("计划无法解释：{error}"))
}

/// The crate counts on a clock without gaps or repeats (local time taken as UTC); the zone is applied after.
fn next_of(line: &cron::Schedule, zone: Tz, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if !(1970..=LAST_YEAR).contains(&after.year()) {
        return None;
    }
    let wall = after.with_timezone(&zone).naive_local().with_nanosecond(0)?;
    line.after(&wall.and_utc())
        .take(STEPS)
        .filter_map(|fired| walltime::instant(zone, fired.naive_utc()))
        .find(|fired| *fired > after)
}

#[cfg(test)]
mod tests;
