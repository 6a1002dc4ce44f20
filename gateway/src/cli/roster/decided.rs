//! What a person decides of the roster: `confirm`, `merge`, `undo`. Each is one change with who and why; nothing is sent by it.

use std::{
    collections::BTreeSet,
    io::{self, Write as _},
};

use super::LETS_GO;
use crate::{
    cli::{
        Failure, Outcome,
        apply::{self, Word as Said},
        arguments::{Place, RosterConfirm, RosterWord},
        open,
    },
    pipeline::Context,
    roster::{Change, Roster, Span, decide, named, undo as taken_back},
    store::roster::{Changed, Rows, Word},
};

/// The roster's changes that are searched for one to undo: all.
const ALL: u32 = u32::MAX;

pub(super) async fn confirm(place: &Place, asked: &RosterConfirm) -> Outcome {
    let desk = Desk::open(place, &asked.word).await?;
    if asked.from.zip(asked.to).is_some_and(|(from, to)| to < from) {
        return Err(Failure::Usage("--to 早于 --from".to_owned()));
    }
    let (scheme, value) = named::code(&asked.code).map_err(Failure::Usage)?;
    known_scheme(&desk, &scheme).await?;
    let subject = desk.roster.named(&asked.subject).map_err(Failure::Usage)?;
    let subject = desk.roster.root(subject);
    let zone = open::hub(open::directory(place).as_deref())?.zone;
    let span = Span::days(asked.from, asked.to, zone);
    let change = decide::confirm(&desk.roster, (&scheme, &value), subject, span, "roster confirm");
    let what = format!("{scheme}:{value} → {subject}");
    let new = desk.change(&change.map_err(Failure::Usage)?, ("confirm", &what, None)).await?;
    let shown = span.shown(zone);
    let days = if shown.is_empty() { shown } else { format!("（{shown}）") };
    writeln!(
        io::stdout(),
        "{scheme}:{value} 归“{}”（{subject}）{days}，名册现在是第 {new} 号。已接收的记录归属随之改变，不重发；{LETS_GO}",
        desk.roster.name(subject)
    )?;
    Ok(())
}

/// A scheme that no kind names and the roster does not have is a slip: nothing would ever be attributed by it.
async fn known_scheme(desk: &Desk<'_>, scheme: &str) -> Outcome {
    let pinned = desk.context.active().await?;
    let named = pinned.rules.rulebook.kinds().iter().flat_map(mappings::Kind::fields);
    let mut known: BTreeSet<&str> = named.filter_map(mappings::Field::owner).collect();
    known.extend(desk.roster.identifiers.iter().map(|row| row.scheme.as_str()));
    if known.contains(scheme) || scheme.starts_with("platform:") {
        return Ok(());
    }
    let known: Vec<&str> = known.into_iter().collect();
    Err(Failure::Usage(format!(
        "没有 {scheme} 这种编码：没有哪种对象写它，名册里也没有。有这些：{}、platform:平台名",
        known.join("、")
    )))
}

pub(super) async fn merge(place: &Place, (subject, into): (&str, &str), word: &RosterWord) -> Outcome {
    let desk = Desk::open(place, word).await?;
    let subject = desk.roster.named(subject).map_err(Failure::Usage)?;
    let into = desk.roster.named(into).map_err(Failure::Usage)?;
    let change = decide::merge(&desk.roster, subject, into).map_err(Failure::Usage)?;
    let mut out = io::stdout().lock();
    if let Some((one, other)) = decide::two_credit_codes(&desk.roster, subject, into) {
        writeln!(
            out,
            "注意：两个主体同时有信用代码 {one} 和 {other}。一个法人只有一个，其中一个应当是写错的，请在名册里核对。"
        )?;
    }
    let (from, root) = (desk.roster.root(subject), desk.roster.root(into));
    let new = desk.change(&change, ("merge", &format!("{from} → {root}"), None)).await?;
    writeln!(
        out,
        "“{}”（{from}）并入“{}”（{root}），名册现在是第 {new} 号。分开：lianwang roster undo {new} --why 理由",
        desk.roster.name(from),
        desk.roster.name(root)
    )?;
    Ok(())
}

pub(super) async fn undo(place: &Place, no: i64, word: &RosterWord) -> Outcome {
    let desk = Desk::open(place, word).await?;
    let all = desk.context.store.roster_changes(ALL).await?;
    match all.iter().find(|one| one.no == no) {
        None => return Err(Failure::Usage(format!("名册没有第 {no} 号改动（lianwang roster show）"))),
        Some(one) if one.how == "undo" => {
            return Err(Failure::Usage(format!("第 {no} 号本身是一次撤销：要恢复，把原来的再做一遍")));
        }
        Some(one) => {
            if let Some(by) = one.undone_by {
                return Err(Failure::Usage(format!("第 {no} 号已经由第 {by} 号撤销了")));
            }
        }
    }
    let made = desk.context.store.roster_rows(no, Rows::Made).await?;
    let ended = desk.context.store.roster_rows(no, Rows::Ended).await?;
    let change = taken_back(&desk.roster, &made, &ended)
        .map_err(|why| Failure::Usage(format!("{why}{}", since(&all, no))))?;
    let new = desk.change(&change, ("undo", &no.to_string(), Some(no))).await?;
    writeln!(
        io::stdout(),
        "第 {no} 号改动已撤销，名册现在是第 {new} 号。归属随之改变，收下的记录不动，不重发；{LETS_GO}"
    )?;
    Ok(())
}

/// The changes that came after one and stand, newest first: one of them is in the way.
fn since(all: &[Changed], no: i64) -> String {
    let later = all.iter().filter(|one| one.no > no && one.undone_by.is_none() && one.how != "undo");
    let listed: Vec<String> =
        later.map(|one| format!("\n  第 {} 号 {} {}", one.no, one.how, one.what)).collect();
    if listed.is_empty() {
        String::new()
    } else {
        format!("\n在它之后的改动，从上往下撤销：{}", listed.concat())
    }
}

/// The roster as it stands, and by whose word it changes.
struct Desk<'a> {
    context: Context,
    roster: Roster,
    why: &'a str,
    who: String,
}

impl<'a> Desk<'a> {
    async fn open(place: &Place, word: &'a RosterWord) -> Result<Self, Failure> {
        apply::said(&Said { why: &word.why, by: word.by.as_deref() })?;
        let context = open::current(place).await?;
        let roster = context.store.roster(context.store.roster_number().await?).await?;
        Ok(Self { context, roster, why: &word.why, who: apply::who(place, word.by.as_deref()) })
    }

    async fn change(
        &self,
        change: &Change,
        (how, what, undoes): (&str, &str, Option<i64>),
    ) -> Result<i64, Failure> {
        let word = Word { how, what, why: self.why, who: &self.who, undoes };
        let Self { context, roster, .. } = self;
        Ok(context.store.change_roster(roster.number, change, &word, context.now()).await?)
    }
}
