//! The steps of one record: gather, read every field, put right what is fixed, run the checks, conclude.
//! Pure: the same record under the same mapping always comes to the same.

use chrono::{DateTime, Utc};

use super::{
    Mapped, Mapping, Trace,
    conclude::{Keyed, conclude, keyed},
    contract,
    field::{FieldRule, Pick, digest_id},
    fixing,
    gather::Gathered,
    joined,
    told::told,
};
use crate::{
    demand::Subject,
    issue::{Issue, Level, report},
    kind::Field,
    mask::mask,
    record::{Form, Record, Value},
    value::{Canonical, Cell, FieldType, Typed},
};

/// Derives a record of which `issues` are known already, telling how if asked.
pub(super) fn run(
    mapping: &Mapping,
    record: &dyn Record,
    mut issues: Vec<Issue>,
    received_at: DateTime<Utc>,
    traces: Option<&mut Vec<Trace>>,
) -> Mapped {
    let run = Run { mapping, gathered: Gathered::of(mapping, record) };
    issues.extend(run.repeats());
    let mut cells = vec![Cell::Absent; mapping.kind.fields().len()];
    for rule in &mapping.rules {
        if let Some(cell) = cells.get_mut(rule.field) {
            *cell = run.cell(rule, &mut issues);
        }
    }
    let written = |number: usize| run.written(number);
    let fixed = fixing::apply(mapping, &mut cells, &mut issues, &written);
    mapping.demands.run(&Subject { kind: &mapping.kind, cells: &cells, written: &written }, &mut issues);
    contract::apply(mapping, &mut cells, &mut issues);
    issues.extend(mapping.unknown_fields(record));
    if let Some(traces) = traces {
        traces.extend(mapping.rules.iter().map(|rule| run.traced(rule, cells.get(rule.field))));
        joined::told(mapping, &cells, traces);
        fixing::traced(&fixed, mapping, traces);
    }
    conclude(mapping, cells, issues, received_at)
}

/// The key alone.
pub(super) fn key(mapping: &Mapping, gathered: Gathered<'_>) -> Result<Keyed, Vec<Issue>> {
    let run = Run { mapping, gathered };
    let id = mapping.kind.0.marks.id;
    let mut issues = Vec::new();
    let cell = match mapping.rules.iter().find(|rule| rule.field == id) {
        Some(rule) => {
            issues.extend(run.repeats().into_iter().filter(|issue| run.reads(rule, &issue.place)));
            run.cell(rule, &mut issues)
        }
        None => Cell::Absent,
    };
    let mut cells = vec![Cell::Absent; mapping.kind.fields().len()];
    if let Some(place) = cells.get_mut(id) {
        *place = cell;
    }
    let written = |number: usize| run.written(number);
    let subject = Subject { kind: &mapping.kind, cells: &cells, written: &written };
    mapping.demands.run_field(id, &subject, &mut issues);
    match cells.get(id).and_then(Cell::good) {
        Some(id) if issues.iter().all(|issue| issue.level != Level::Reject) => Ok(keyed(mapping, id)),
        _ => Err(issues),
    }
}

struct Run<'m, 'r> {
    mapping: &'m Mapping,
    gathered: Gathered<'r>,
}

impl Run<'_, '_> {
    /// Paths written twice with different values: nobody can know which is meant.
    fn repeats(&self) -> Vec<Issue> {
        let of = |(slot, first): &(usize, Value<'_>)| {
            let place = self.path(*slot);
            let rule = self.mapping.rules.iter().find(|rule| rule.slots().contains(slot));
            let field = rule.and_then(|rule| self.field(rule.field));
            let last = self.gathered.get(*slot).map_or("", |value| value.text);
            let personal = field.and_then(Field::personal);
            Issue {
                code: "repeated-field".to_owned(),
                level: Level::Reject,
                field: field.map_or("", Field::name).to_owned(),
                value: format!("{} / {}", mask(personal, first.text), mask(personal, last)),
                message: format!("{place} 在同一条记录里写了两次，值不同"),
                place,
                advice: "请只保留一个".to_owned(),
            }
        };
        self.gathered.clashes.iter().map(of).collect()
    }

    /// Pick, parse, look up; then the default.
    fn cell(&self, rule: &FieldRule, issues: &mut Vec<Issue>) -> Cell {
        let read = match &rule.pick {
            Pick::Const(value) => return Cell::Good(value.clone()),
            Pick::From(slot) => self
                .gathered
                .get(*slot)
                .filter(|value| !value.is_absent())
                .map(|value| rule.parse.read(value)),
            Pick::Digest(slots) => {
                let values: Vec<_> = slots.iter().map(|slot| self.gathered.get(*slot)).collect();
                digest_id(&values).map(|id| rule.parse.read(Value { text: &id, form: Form::Text }))
            }
        };
        match read {
            Some(Ok(value)) => Cell::Good(value),
            Some(Err(unread)) => {
                let field = self.field(rule.field);
                let told = told(unread, &rule.parse, field.map_or("", Field::label));
                report(issues, self.issue(rule.field, told.code, told.level, told.message, told.advice));
                Cell::Bad
            }
            None => rule.default.clone().map_or(Cell::Absent, Cell::Good),
        }
    }

    fn issue(&self, number: usize, code: &str, level: Level, message: String, advice: String) -> Issue {
        let (place, written) = self.written(number);
        let field = self.field(number);
        let value = mask(field.and_then(Field::personal), &written);
        Issue {
            code: code.to_owned(),
            level,
            field: field.map_or("", Field::name).to_owned(),
            value,
            place,
            message,
            advice,
        }
    }

    fn traced(&self, rule: &FieldRule, cell: Option<&Cell>) -> Trace {
        let field = self.field(rule.field);
        let (place, written) = self.written(rule.field);
        let value = cell.and_then(Cell::good);
        let raw = rule.slots().iter().any(|slot| self.gathered.get(*slot).is_some()).then_some(written);
        let is_image = field.is_some_and(|field| field.field_type() == FieldType::Image);
        Trace {
            field: field.map_or("", Field::name).to_owned(),
            place,
            rule: self.rule_shown(rule, value),
            raw: if is_image { raw.map(|raw| mask(Some("image"), &raw)) } else { raw },
            value: value.map(shown),
            personal: field.and_then(Field::personal).map(str::to_owned),
        }
    }

    fn rule_shown(&self, rule: &FieldRule, value: Option<&Canonical>) -> String {
        let said =
            rule.slots().iter().any(|slot| self.gathered.get(*slot).is_some_and(|value| !value.is_absent()));
        match (&rule.pick, &rule.default) {
            (Pick::Const(value), _) => format!("const {}", value.text),
            (Pick::From(_) | Pick::Digest(_), Some(default)) if !said && value.is_some() => {
                format!("default {}", default.text)
            }
            (Pick::Digest(slots), _) => {
                let paths: Vec<String> = slots.iter().map(|slot| self.path(*slot)).collect();
                format!("digest {}", paths.join(","))
            }
            (Pick::From(_), _) => rule.parse.shown(),
        }
    }

    /// Where a field stands in the source record, and what is written there.
    fn written(&self, number: usize) -> (String, String) {
        let Some(rule) = self.mapping.rules.iter().find(|rule| rule.field == number) else {
            return Default::default();
        };
        let slots = rule.slots();
        let places: Vec<String> = slots.iter().map(|slot| self.path(*slot)).collect();
        let texts: Vec<&str> =
            slots.iter().map(|slot| self.gathered.get(*slot).map_or("", |value| value.text)).collect();
        (places.join(","), texts.join(","))
    }

    fn reads(&self, rule: &FieldRule, path: &str) -> bool {
        rule.slots().iter().any(|slot| self.path(*slot) == path)
    }

    fn path(&self, slot: usize) -> String {
        self.mapping.paths.get(slot).map(ToString::to_string).unwrap_or_default()
    }

    fn field(&self, number: usize) -> Option<&Field> {
        self.mapping.kind.fields().get(number)
    }
}

/// A value for people: of an image what it is, not its bytes.
fn shown(value: &Canonical) -> String {
    if let Typed::Image(image) = &value.typed { image.shown() } else { value.text.clone() }
}

impl FieldRule {
    /// The slots it reads.
    pub(crate) fn slots(&self) -> &[usize] {
        match &self.pick {
            Pick::From(slot) => std::slice::from_ref(slot),
            Pick::Digest(slots) => slots,
            Pick::Const(_) => &[],
        }
    }
}

#[cfg(test)]
mod tests;
