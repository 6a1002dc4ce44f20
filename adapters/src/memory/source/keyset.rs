//! Records after (time, id) inside a window, in that order. Rows without a readable time are never in a window.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::Slice;
use crate::source::{Ask, Mark, Resume};

/// What orders a list.
pub(super) struct Order<'a> {
    pub(super) size: usize,
    pub(super) time: &'a str,
    pub(super) id: &'a str,
    pub(super) overlap_s: u32,
}

type Stand = (DateTime<Utc>, String);

/// The page asked for.
pub(super) fn slice(rows: &[Value], order: &Order<'_>, ask: &Ask) -> Slice {
    let from = ask.window.from.map(|from| from - TimeDelta::seconds(i64::from(order.overlap_s)));
    let after = match &ask.resume {
        Resume::After(mark) => moment(&mark.time).map(|time| (time, mark.id.clone())),
        _ => None,
    };
    let inside = |stand: &Stand| {
        from.is_none_or(|from| stand.0 >= from)
            && stand.0 <= ask.window.until
            && after.as_ref().is_none_or(|after| stand > after)
    };
    let mut found: Vec<(Stand, &Value)> = rows
        .iter()
        .filter_map(|row| Some((stand(order, row)?, row)))
        .filter(|(stand, _)| inside(stand))
        .collect();
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    found.truncate(order.size);
    let last = found.last().map(|(stand, _)| stand.clone());
    Slice {
        more: found.len() == order.size,
        reached: last.as_ref().map(|(time, _)| *time),
        to: last.map_or_else(
            || ask.resume.clone(),
            |(time, id)| Resume::After(Mark { time: time.to_rfc3339(), id }),
        ),
        rows: found.into_iter().map(|(_, row)| row.clone()).collect(),
        announced: None,
    }
}

fn stand(order: &Order<'_>, row: &Value) -> Option<Stand> {
    let text = |name: &str| row.get(name).and_then(Value::as_str);
    Some((moment(text(order.time)?)?, text(order.id)?.to_owned()))
}

fn moment(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.with_timezone(&Utc))
}
