//! What the lines of a sheet change in the roster: exact rules only. The same code in a common span is the same subject; a credit
//! code is one legal person's for life. A line's first day widens what is known, its last day ends it, an empty cell changes
//! nothing; so a sheet taken twice changes nothing the second time. Leaves cells to `sheet`, writing to the store.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    Change, Identifier, Roster, Said, Span, Subject, USCC, joined,
    sheet::{Code, Entry, Fault},
};

/// What a sheet comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// What to write.
    pub change: Change,
    /// Subjects that are new, by their numbers below 0.
    pub new: BTreeSet<i64>,
    /// Subjects whose properties change.
    pub changed: BTreeSet<i64>,
    /// Codes that become known, of a subject.
    pub coded: Vec<(i64, String)>,
    /// Codes that end earlier than they did, of a subject.
    pub ended: Vec<(i64, String)>,
    /// Lines that change nothing.
    pub same: usize,
    /// Lines that contradict the roster or each other: nothing is taken of them.
    pub faults: Vec<Fault>,
}

/// Plans what these lines change; of a line with a fault nothing is taken.
#[must_use]
pub fn plan(roster: &Roster, entries: &[Entry], source: &str) -> Plan {
    let mut good: Vec<&Entry> = entries.iter().collect();
    let mut faults = Vec::new();
    loop {
        let mut planner = Planner::new(roster, source);
        planner.place_all(&good);
        if planner.faults.is_empty() {
            return Plan { faults, ..planner.close(&good) };
        }
        // what leans on a bad line is bad as well, which the next round tells
        let bad: BTreeSet<u32> = planner.faults.iter().map(|fault| fault.line).collect();
        good.retain(|entry| !bad.contains(&entry.line));
        faults.append(&mut planner.faults);
        faults.sort();
    }
}

type CodeKey = (String, String);
type Stated = (Span, Said);

struct Planner<'a> {
    roster: &'a Roster,
    source: &'a str,
    /// The rows that stand.
    stands: Standing<'a>,
    /// Whether a subject is a site.
    sites: HashMap<i64, bool>,
    /// Its credit codes.
    credit: HashMap<i64, Vec<String>>,
    /// Who has a code when: as it stands, then as the lines make it.
    codes: HashMap<CodeKey, BTreeMap<i64, Vec<Span>>>,
    /// What is said of a subject when: as it stands, then as the lines make it.
    said: HashMap<i64, Vec<Stated>>,
    /// The same, of this sheet alone.
    own: HashMap<i64, Vec<Stated>>,
    /// Codes and subjects that the lines name.
    touched: BTreeSet<CodeKey>,
    /// The subject of each line.
    of_line: BTreeMap<u32, i64>,
    next: i64,
    faults: Vec<Fault>,
}

impl<'a> Planner<'a> {
    fn new(roster: &'a Roster, source: &'a str) -> Self {
        let mut codes: HashMap<CodeKey, BTreeMap<i64, Vec<Span>>> = HashMap::new();
        let mut credit: HashMap<i64, Vec<String>> = HashMap::new();
        for row in &roster.identifiers {
            let holders = codes.entry((row.scheme.clone(), row.value.clone())).or_default();
            holders.entry(row.subject).or_default().push(row.span);
            if row.scheme == USCC {
                credit.entry(row.subject).or_default().push(row.value.clone());
            }
        }
        let mut said: HashMap<i64, Vec<Stated>> = HashMap::new();
        for row in &roster.subjects {
            said.entry(row.subject).or_default().push((row.span, row.said.clone()));
        }
        Self {
            roster,
            source,
            stands: Standing::of(roster),
            sites: roster.subjects.iter().map(|row| (row.subject, row.said.is_site)).collect(),
            credit,
            codes,
            said,
            own: HashMap::new(),
            touched: BTreeSet::new(),
            of_line: BTreeMap::new(),
            next: 0,
            faults: Vec::new(),
        }
    }

    /// Enterprises before their sites, what ends before what follows it, whatever the order of the lines.
    fn place_all(&mut self, entries: &[&Entry]) {
        let mut ordered = entries.to_vec();
        ordered.sort_by_key(|entry| (entry.said.is_site, entry.span.to, entry.line));
        for entry in &ordered {
            if let Some(subject) = self.subject_of(entry) {
                self.of_line.insert(entry.line, subject);
                self.sites.insert(subject, entry.said.is_site);
                entry.codes.iter().for_each(|code| self.hold(subject, code, entry.span));
            }
        }
        for entry in &ordered {
            if let Some(subject) = self.of_line.get(&entry.line).copied() {
                self.state(subject, entry);
            }
        }
    }

    /// Whom a line is about; a new subject where none of its codes is known.
    fn subject_of(&mut self, entry: &Entry) -> Option<i64> {
        let mut found: Option<(i64, &Code)> = None;
        for code in &entry.codes {
            for holder in self.holders(code, entry.span) {
                match found {
                    None => found = Some((holder, code)),
                    Some((first, by)) if first != holder => {
                        let what = self.two_subjects((first, by), (holder, code));
                        self.fault(entry, Some(code.column), what);
                        return None;
                    }
                    Some(_) => {}
                }
            }
        }
        let Some((subject, by)) = found else {
            self.next -= 1;
            return Some(self.next);
        };
        if let Some(what) = self.unlike(subject, entry, by) {
            self.fault(entry, Some(by.column), what);
            return None;
        }
        Some(subject)
    }

    /// The subjects that have a code in a common span; of a credit code, ever.
    fn holders(&self, code: &Code, span: Span) -> Vec<i64> {
        let Some(holders) = self.codes.get(&(code.scheme.clone(), code.value.clone())) else {
            return Vec::new();
        };
        let meets = |spans: &Vec<Span>| code.scheme == USCC || spans.iter().any(|known| known.meets(&span));
        let found: BTreeSet<i64> =
            holders.iter().filter(|(_, spans)| meets(spans)).map(|(one, _)| self.roster.root(*one)).collect();
        found.into_iter().collect()
    }

    /// Why a line cannot be about the subject that one of its codes names.
    fn unlike(&self, subject: i64, entry: &Entry, by: &Code) -> Option<String> {
        let name = self.name(subject);
        let is_site = self.sites.get(&subject).copied().unwrap_or_default();
        if is_site != entry.said.is_site {
            let what = if is_site { "场所" } else { "企业" };
            return Some(format!("编码 {} 在名册里是{what}“{name}”的，与本行的类型不同", by.value));
        }
        let own = entry.codes.iter().find(|code| code.scheme == USCC)?;
        // that of a subject merged into this one is its own
        if self.holders(own, entry.span).contains(&subject) {
            return None;
        }
        let spans = |value: &String| self.codes.get(&(USCC.to_owned(), value.clone()))?.get(&subject);
        let meets = |value: &&String| {
            **value != own.value
                && spans(value).is_some_and(|spans| spans.iter().any(|span| span.meets(&entry.span)))
        };
        self.credit.get(&subject)?.iter().find(meets).map(|value| {
            format!("编码 {} 是“{name}”的，它的信用代码是 {value}，不是本行的 {}", by.value, own.value)
        })
    }

    fn two_subjects(&self, (first, by): (i64, &Code), (other, code): (i64, &Code)) -> String {
        format!(
            "{} 是“{}”（{first}）的，而 {} 是“{}”（{other}）的：一行说了两个主体：请核对是哪一个，分成两行或改正编码",
            by.value,
            self.name(first),
            code.value,
            self.name(other)
        )
    }

    fn name(&self, subject: i64) -> &str {
        let said = self.said.get(&subject).and_then(|said| said.last());
        said.map_or("本表的另一行", |(_, said)| said.name.as_str())
    }

    fn fault(&mut self, entry: &Entry, column: Option<usize>, what: String) {
        self.faults.push(Fault { line: entry.line, column, what });
    }

    /// A code is the subject's in this span too, and no longer after its end.
    fn hold(&mut self, subject: i64, code: &Code, span: Span) {
        let key = (code.scheme.clone(), code.value.clone());
        let holders = self.codes.entry(key.clone()).or_default();
        let has = |one: &i64, spans: &Vec<Span>| {
            self.roster.root(*one) == subject
                && (code.scheme == USCC || spans.iter().any(|known| known.meets(&span)))
        };
        let holder = holders.iter().find(|(one, spans)| has(one, spans)).map_or(subject, |(one, _)| *one);
        let spans = holders.entry(holder).or_default();
        let cut = |known: Span| if span.ends() { Span { to: known.to.min(span.to), ..known } } else { known };
        let kept = spans.iter().map(|known| cut(*known)).filter(|known| known.from < known.to);
        *spans = joined(kept.chain([span]).collect());
        if code.scheme == USCC {
            self.credit.entry(holder).or_default().push(code.value.clone());
        }
        self.touched.insert(key);
    }

    /// A line's properties take the place of those before, in its span; what it leaves empty stays.
    fn state(&mut self, subject: i64, entry: &Entry) {
        let parent = entry.parent.as_ref().and_then(|(value, _)| self.parent(value));
        if let Some((value, column)) = entry.parent.as_ref().filter(|_| parent.is_none()) {
            let what = format!("名册和本表里都没有信用代码是 {value} 的企业");
            return self.fault(entry, Some(*column), what);
        }
        let stated = self.said.get(&subject).map(Vec::as_slice).unwrap_or_default();
        let before = stated.iter().find(|(span, _)| span.covers(entry.span.from)).or(stated.last());
        let said = filled(&Said { parent, ..entry.said.clone() }, before.map(|(_, said)| said));
        let own = self.own.entry(subject).or_default();
        if let Some((_, other)) = own.iter().find(|(span, other)| span.meets(&entry.span) && *other != said) {
            let what = format!("同一天另有一行说的不同（{}）", difference(other, &said));
            return self.fault(entry, None, what);
        }
        own.push((entry.span, said.clone()));
        let stated = self.said.entry(subject).or_default();
        let kept = stated.iter().flat_map(|(span, known)| {
            span.without(&entry.span).into_iter().map(|left| (left, known.clone()))
        });
        *stated = united(kept.chain([(entry.span, said)]).collect());
    }

    fn parent(&self, value: &str) -> Option<i64> {
        let holders = self.codes.get(&(USCC.to_owned(), value.to_owned()))?;
        holders.keys().next().map(|one| self.roster.root(*one))
    }

    fn close(self, entries: &[&Entry]) -> Plan {
        let mut plan = Plan::default();
        let mut alike: BTreeSet<i64> = self.of_line.values().copied().collect();
        self.close_subjects(&mut plan, &mut alike);
        self.close_codes(&mut plan, &mut alike);
        plan.same = entries
            .iter()
            .filter(|entry| self.of_line.get(&entry.line).is_some_and(|one| alike.contains(one)))
            .count();
        let after = self.roster.after(&plan.change);
        plan.faults.extend(after.contradictions().into_iter().map(|what| Fault {
            line: 0,
            column: None,
            what,
        }));
        plan
    }

    fn close_subjects(&self, plan: &mut Plan, alike: &mut BTreeSet<i64>) {
        for subject in self.own.keys().copied().collect::<BTreeSet<i64>>().into_iter().rev() {
            let wanted = self.said.get(&subject).map(Vec::as_slice).unwrap_or_default();
            let stands = self.stands.subjects.get(&subject).map(Vec::as_slice).unwrap_or_default();
            let has =
                |span: &Span, said: &Said| stands.iter().any(|row| row.span == *span && row.said == *said);
            let new: Vec<&Stated> = wanted.iter().filter(|(span, said)| !has(span, said)).collect();
            let gone = stands.iter().filter(|row| !wanted.contains(&(row.span, row.said.clone())));
            plan.change.ended.extend(gone.map(|row| row.row));
            if new.is_empty() {
                continue;
            }
            alike.remove(&subject);
            if subject < 0 {
                plan.new.insert(subject)
            } else {
                plan.changed.insert(subject)
            };
            plan.change.subjects.extend(new.into_iter().map(|(span, said)| Subject {
                row: 0,
                subject,
                said: said.clone(),
                span: *span,
                source: self.source.to_owned(),
            }));
        }
    }

    fn close_codes(&self, plan: &mut Plan, alike: &mut BTreeSet<i64>) {
        for key @ (scheme, value) in &self.touched {
            for (subject, wanted) in self.codes.get(key).into_iter().flatten() {
                let rows = self.stands.codes.get(&(scheme.as_str(), value.as_str()));
                let stands: Vec<&Identifier> =
                    rows.into_iter().flatten().copied().filter(|row| row.subject == *subject).collect();
                let gone = stands.iter().filter(|row| !wanted.contains(&row.span));
                plan.change.ended.extend(gone.clone().map(|row| row.row));
                let shorter = gone.clone().any(|row| !wanted.iter().any(|span| span.to >= row.span.to));
                let new: Vec<&Span> =
                    wanted.iter().filter(|span| !stands.iter().any(|row| row.span == **span)).collect();
                if new.is_empty() {
                    continue;
                }
                alike.remove(&self.roster.root(*subject));
                let told = if shorter { &mut plan.ended } else { &mut plan.coded };
                told.push((*subject, format!("{scheme}:{value}")));
                plan.change.identifiers.extend(new.into_iter().map(|span| Identifier {
                    row: 0,
                    scheme: scheme.clone(),
                    value: value.clone(),
                    subject: *subject,
                    span: *span,
                    source: self.source.to_owned(),
                }));
            }
        }
    }
}

/// The rows that stand, by whose they are and by code.
struct Standing<'a> {
    subjects: HashMap<i64, Vec<&'a Subject>>,
    codes: HashMap<(&'a str, &'a str), Vec<&'a Identifier>>,
}

impl<'a> Standing<'a> {
    fn of(roster: &'a Roster) -> Self {
        let mut all = Self { subjects: HashMap::new(), codes: HashMap::new() };
        for row in &roster.subjects {
            all.subjects.entry(row.subject).or_default().push(row);
        }
        for row in &roster.identifiers {
            all.codes.entry((row.scheme.as_str(), row.value.as_str())).or_default().push(row);
        }
        all
    }
}

/// What a line says, its empty cells as they were.
fn filled(said: &Said, before: Option<&Said>) -> Said {
    let Some(before) = before else { return said.clone() };
    let or = |new: &String, old: &String| if new.is_empty() { old.clone() } else { new.clone() };
    Said {
        is_site: said.is_site,
        sort: said.sort.clone(),
        name: said.name.clone(),
        region: or(&said.region, &before.region),
        industry: or(&said.industry, &before.industry),
        scale: or(&said.scale, &before.scale),
        state: or(&said.state, &before.state),
        parent: said.parent.or(before.parent),
    }
}

/// Spans that touch and say the same as one.
fn united(mut stated: Vec<Stated>) -> Vec<Stated> {
    stated.sort_by_key(|(span, _)| *span);
    let mut all: Vec<Stated> = Vec::new();
    for (span, said) in stated {
        match all.last_mut() {
            Some((last, known)) if *known == said && span.from <= last.to => last.to = last.to.max(span.to),
            _ => all.push((span, said)),
        }
    }
    all
}

/// The first property in which two differ, in words.
#[must_use]
pub fn difference(one: &Said, other: &Said) -> String {
    let parent = |said: &Said| said.parent.map(|parent| parent.to_string()).unwrap_or_default();
    let pairs = [
        ("名称", one.name.clone(), other.name.clone()),
        ("类型", one.sort.clone(), other.sort.clone()),
        ("行政区划代码", one.region.clone(), other.region.clone()),
        ("行业", one.industry.clone(), other.industry.clone()),
        ("规模", one.scale.clone(), other.scale.clone()),
        ("状态", one.state.clone(), other.state.clone()),
        ("上级", parent(one), parent(other)),
    ];
    let differs = pairs.into_iter().filter(|(_, one, other)| one != other);
    let told: Vec<String> = differs.map(|(word, one, other)| format!("{word} {one}→{other}")).collect();
    told.join("，")
}

#[cfg(test)]
mod tests;
