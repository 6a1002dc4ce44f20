//! What a person decides of the roster: whose a code is, which two subjects are one. Pure: it comes to a change, or to the words
//! why not. Leaves many lines at once to `plan`, taking back to `undo`, writing to the store.

use super::{Change, Identifier, Merge, Roster, Span, USCC, joined};

/// A code becomes a subject's in a span, beside what it is the subject's already.
///
/// # Errors
/// In Chinese, when it is that already, or another's on one of those days.
pub fn confirm(
    roster: &Roster,
    (scheme, value): (&str, &str),
    subject: i64,
    span: Span,
    source: &str,
) -> Result<Change, String> {
    let name = roster.name(subject);
    if scheme == USCC && is_site(roster, subject) {
        return Err(format!("“{name}”是场所，场所没有自己的信用代码"));
    }
    let of_code = |row: &&Identifier| row.scheme == scheme && row.value == value;
    let holders = roster.identifiers.iter().filter(of_code);
    let covers = |row: &Identifier| row.span.from <= span.from && span.to <= row.span.to;
    if holders.clone().any(|row| roster.root(row.subject) == roster.root(subject) && covers(row)) {
        return Err(format!("{scheme}:{value} 那时已经归“{name}”"));
    }
    let touches = |row: &&Identifier| row.span.from <= span.to && span.from <= row.span.to;
    let own: Vec<&Identifier> = holders.filter(|row| row.subject == subject).filter(touches).collect();
    let spans = joined(own.iter().map(|row| row.span).chain([span]).collect());
    let made = spans.into_iter().map(|span| Identifier {
        row: 0,
        scheme: scheme.to_owned(),
        value: value.to_owned(),
        subject,
        span,
        source: source.to_owned(),
    });
    let ended = own.iter().map(|row| row.row).collect();
    roster.holding(Change { identifiers: made.collect(), ended, ..Change::default() })
}

/// A subject goes under the number of another from now on; what is known of both stays.
///
/// # Errors
/// In Chinese, when they are one already, or a legal person and a site.
pub fn merge(roster: &Roster, subject: i64, into: i64) -> Result<Change, String> {
    let (from, into) = (roster.root(subject), roster.root(into));
    if from == into {
        return Err(format!("两个已经是同一个主体：{into} {}", roster.name(into)));
    }
    if is_site(roster, from) != is_site(roster, into) {
        return Err(
            "一个是企业，一个是场所，不能并成一个：场所的上级在名册里写明（上级企业信用代码）".to_owned()
        );
    }
    roster.holding(Change { merges: vec![Merge { row: 0, subject: from, into }], ..Change::default() })
}

/// Two credit codes that a merged subject would have on one day: possible only where one of them is written wrong.
#[must_use]
pub fn two_credit_codes(roster: &Roster, one: i64, other: i64) -> Option<(&str, &str)> {
    let of = |subject: i64| {
        let codes = roster.identifiers.iter().filter(|row| row.scheme == USCC);
        codes.filter(move |row| roster.root(row.subject) == roster.root(subject))
    };
    of(one).find_map(|a| {
        let meets = |b: &&Identifier| b.value != a.value && b.span.meets(&a.span);
        of(other).find(meets).map(|b| (a.value.as_str(), b.value.as_str()))
    })
}

fn is_site(roster: &Roster, subject: i64) -> bool {
    roster.said(subject, i64::MAX).is_some_and(|said| said.is_site)
}

#[cfg(test)]
pub(in crate::roster) mod tests;
