//! Reads of a `source.toml` what bears on its mappings: the zone and the names of its services.
//! Leaves everything else in it to the adapters.

use chrono_tz::{TZ_VARIANTS, Tz};

use super::{
    reader::Text,
    shelf::{Shelf, Sort},
};
use crate::{problem::Problem, suggest::did_you_mean};

/// What a mapping knows of its source.
#[derive(Default)]
pub(super) struct SourceFacts {
    pub(super) zone: Option<Tz>,
    pub(super) services: Vec<String>,
}

/// The facts of a source; `None` when it has no `source.toml`.
pub(super) fn read(shelf: &Shelf<'_>, source: &str, problems: &mut Vec<Problem>) -> Option<SourceFacts> {
    let root = shelf.find(Sort::Source(source))?.root();
    let zone = root.text("zone", problems).and_then(|text| zone(text, problems));
    let services = root
        .sections("services", problems)
        .iter()
        .filter_map(|service| service.text("name", problems))
        .map(|name| name.value.to_owned())
        .collect();
    Some(SourceFacts { zone, services })
}

/// A time zone by its name in the IANA database.
pub(super) fn zone(text: Text<'_>, problems: &mut Vec<Problem>) -> Option<Tz> {
    let zone = text.value.parse().ok();
    if zone.is_none() {
        let hint = did_you_mean(text.value, TZ_VARIANTS.iter().map(|zone| zone.name()));
        problems.push(text.error(
            format!("不认识的时区 {}", text.value),
            hint.or_else(|| Some("例如 Asia/Shanghai".to_owned())),
        ));
    }
    zone
}

#[cfg(test)]
mod tests;
