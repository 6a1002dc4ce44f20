//! What `lianwang forward` says when it stops: how every destination stands, and when something is due again.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::super::Failure;
use crate::{
    ledger::{Audit, Owed},
    scheduler::node::Node,
    store::Store,
};

/// A line for each destination, and one more where something is to be tried again later. `before` is the ledger before
/// the command began: what was sent twice counts once.
pub(super) async fn lines(
    node: &Node,
    names: &[String],
    before: &Audit,
    zone: Tz,
) -> Result<Vec<String>, Failure> {
    let store = &node.context.store;
    let after = store.audit().await?;
    let mut lines = Vec::new();
    for name in names {
        let now = sum(&after, name);
        lines.push(standing(name, &sum(before, name), &now));
        if now.pending > now.waiting
            && let Some(at) = next(store, name, node.context.now()).await?
        {
            lines.push(later(at, node.context.now(), zone, store.last_trouble(name).await?.as_deref()));
        }
    }
    Ok(lines)
}

fn sum(audit: &Audit, name: &str) -> Owed {
    audit.destinations.get(name).map(|destination| destination.sum).unwrap_or_default()
}

/// When something may go again; not before the destination as a whole may be tried.
async fn next(store: &Store, name: &str, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, Failure> {
    let due = store.next_due(name, now).await?;
    let whole = store.standing(name).await?.and_then(|standing| standing.not_before);
    Ok(due.map(|due| whole.map_or(due, |whole| due.max(whole))))
}

fn standing(name: &str, before: &Owed, now: &Owed) -> String {
    let Owed { confirmed, refused, waiting, pending, .. } = now;
    let due = pending - waiting;
    let since = |now: i64, before: i64| (now - before).max(0);
    let (taken, sent_back) = (since(*confirmed, before.confirmed), since(*refused, before.refused));
    let sent_back = if sent_back > 0 { format!("，被拒 {sent_back} 条") } else { String::new() };
    format!(
        "转发 {name}：已确认 {confirmed}，被拒 {refused}，等上级 {waiting}，待发 {due}（本次确认 {taken} 条{sent_back}）"
    )
}

fn later(at: DateTime<Utc>, now: DateTime<Utc>, zone: Tz, trouble: Option<&str>) -> String {
    let (at, now) = (at.with_timezone(&zone), now.with_timezone(&zone));
    let form = if at.date_naive() == now.date_naive() { "%H:%M:%S" } else { "%m-%d %H:%M:%S" };
    let trouble = trouble.map(|what| format!("（上次：{what}）")).unwrap_or_default();
    format!("  下次可试 {}{trouble}", at.format(form))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    #[test]
    fn a_destination_in_one_line_and_what_was_sent_twice_counted_once() {
        let before = Owed { owed: 30, confirmed: 10, refused: 1, pending: 19, ..Owed::default() };
        let now = Owed { confirmed: 25, refused: 2, pending: 3, waiting: 2, ..before };
        assert_eq!(
            standing("national", &before, &now),
            "转发 national：已确认 25，被拒 2，等上级 2，待发 1（本次确认 15 条，被拒 1 条）"
        );
        assert_eq!(
            standing("national", &now, &now),
            "转发 national：已确认 25，被拒 2，等上级 2，待发 1（本次确认 0 条）"
        );
    }

    #[test]
    fn refused_ones_that_go_again_are_no_negative_count() {
        let before = Owed { owed: 4, refused: 4, ..Owed::default() };
        let now = Owed { refused: 0, pending: 4, ..before };
        assert!(standing("n", &before, &now).ends_with("待发 4（本次确认 0 条）"));
    }

    #[test]
    fn later_is_a_time_of_the_hubs_day_and_says_why() {
        let now = moment("2026-11-23T15:50:00Z");
        let said = |at: &str, why| later(moment(at), now, chrono_tz::Asia::Shanghai, why);
        assert_eq!(
            said("2026-11-23T15:51:07Z", Some("对方繁忙：HTTP 429")),
            "  下次可试 23:51:07（上次：对方繁忙：HTTP 429）"
        );
        assert_eq!(said("2026-11-23T16:10:00Z", None), "  下次可试 11-24 00:10:00");
    }

    #[test]
    fn a_destination_nobody_owes_anything_stands_at_nothing() {
        assert_eq!(sum(&Audit::default(), "national"), Owed::default());
    }
}
