//! Reads of a `source.toml` what bears on its mappings: the zone and the names of its services.
//! Leaves everything else in it to the adapters.

use chrono_tz::{TZ_VARIANTS, Tz};

use super::{
    reader::{Section, Text},
    shelf::{Shelf, Sort},
};
use crate::{
    problem::{Problem, Severity},
    suggest::did_you_mean,
};

/// What a mapping knows of its source. What is wrong with the source is said once, there: nothing follows from it here.
pub(super) struct SourceFacts {
    pub(super) zone: Option<Tz>,
    /// `None` when nobody can tell.
    pub(super) services: Option<Vec<String>>,
}

/// Stands in for a zone that cannot be known for an error that was said: what leans on it is not wrong as well. With an
/// error there is no rulebook, so it never reaches a record.
pub(super) const STAND_IN: Tz = Tz::UTC;

/// The facts of a source.
pub(super) fn read(shelf: &Shelf<'_>, source: &str, problems: &mut Vec<Problem>) -> SourceFacts {
    let Some(sheet) = shelf.find(Sort::Source(source)) else {
        problems.push(missing(format!("sources/{source}/source.toml")));
        return SourceFacts { zone: Some(STAND_IN), services: None };
    };
    let root = sheet.root();
    let zone = root.text("zone", problems).map(|text| zone(text, problems));
    let services = if sheet.broken { None } else { services(root, problems) };
    let unknowable = services.is_none().then_some(STAND_IN);
    SourceFacts { zone: zone.or(unknowable), services }
}

fn services(root: Section<'_>, problems: &mut Vec<Problem>) -> Option<Vec<String>> {
    if root.entry("services").is_none() {
        problems.push(root.error("缺少“services”"));
        return None;
    }
    let names = root.sections("services", problems);
    let names = names.iter().filter_map(|service| service.text("name", problems));
    Some(names.map(|name| name.value.to_owned()).collect())
}

/// A file that the others of its folder need.
pub(super) fn missing(file: String) -> Problem {
    let message = "缺少这个文件".to_owned();
    Problem { severity: Severity::Error, file, line: 1, column: 1, quote: String::new(), message, hint: None }
}

/// A time zone by its name in the IANA database; the stand-in where there is none of that name.
pub(super) fn zone(text: Text<'_>, problems: &mut Vec<Problem>) -> Tz {
    text.value.parse().unwrap_or_else(|_| {
        problems.push(text.error(format!("不认识的时区 {}", text.value), Some(hint(text.value))));
        STAND_IN
    })
}

/// How people call the zone of the whole country; the nearest name is another country's.
const BEIJING: [&str; 7] = ["beijing", "peking", "china", "北京", "中国", "cst", "+8"];

fn hint(written: &str) -> String {
    let lower = written.to_lowercase().replace("+08", "+8");
    if BEIJING.iter().any(|name| lower.contains(name)) {
        return "北京时间写 Asia/Shanghai".to_owned();
    }
    did_you_mean(written, TZ_VARIANTS.iter().map(|zone| zone.name()))
        .unwrap_or_else(|| "例如 Asia/Shanghai".to_owned())
}

#[cfg(test)]
mod tests;
