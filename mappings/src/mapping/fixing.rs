//! Puts the fixes of a record into its cells, before anything is demanded of them, and tells what came of each. Leaves which
//! fields may be put right to `compile::fixes`.

use super::{Mapping, Trace, conclude};
use crate::{
    fix::Fix,
    issue::{Issue, Level, report},
    kind::Field,
    record::trimmed,
    value::{Canonical, Cell},
};

/// What is said of a value that could not be read; nothing of it holds once the value is put right.
const UNREAD: [&str; 3] = ["unknown-code", "wrong-type", "unstorable-text"];

/// Where a field stands in the source record, and what is written there.
type Written<'w> = &'w dyn Fn(usize) -> (String, String);

/// Applies what fits, and says which did.
pub(super) fn apply<'m>(
    mapping: &'m Mapping,
    cells: &mut [Cell],
    issues: &mut Vec<Issue>,
    written: Written<'_>,
) -> Vec<&'m Fix> {
    let mut applied = Vec::new();
    for (number, field, lines) in due(mapping, cells) {
        let Some(cell) = cells.get_mut(number) else { continue };
        let (place, raw) = written(number);
        let stands = stands(cell, &raw);
        let put_right = lines.iter().find(|fix| fix.was == stands);
        let is_right = cell.good().is_some_and(|value| lines.iter().any(|fix| fix.is == value.text));
        let Some(last) = lines.last().filter(|_| put_right.is_some() || !is_right) else { continue };
        report(issues, told(field, put_right.ok_or(last), stands, place));
        if let Some(fix) = put_right {
            *cell = Cell::Good(Canonical::text(fix.is.as_str()));
            issues.retain(|issue| issue.field != fix.field || !UNREAD.contains(&issue.code.as_str()));
            applied.push(fix);
        }
    }
    applied
}

/// Tells each fix that was applied as the rule of its value.
pub(super) fn traced(applied: &[&Fix], mapping: &Mapping, traces: &mut Vec<Trace>) {
    for fix in applied {
        let was = if fix.was.is_empty() { "∅" } else { &fix.was };
        let rule = format!("fix {was} → {} {}", fix.is, fix.note).trim_end().to_owned();
        match traces.iter_mut().find(|trace| trace.field == fix.field) {
            Some(trace) => trace.rule = format!("{}; {rule}", trace.rule),
            None => traces.push(Trace {
                field: fix.field.clone(),
                raw: None,
                place: String::new(),
                rule,
                value: Some(fix.is.clone()),
                personal: None,
            }),
        }
    }
    if !applied.is_empty() {
        traces.sort_by_key(|trace| mapping.kind.number(&trace.field));
    }
}

type Due<'m> = (usize, &'m Field, &'m [Fix]);

/// The fixes of the record that stands under the key its cells make.
fn due<'m>(mapping: &'m Mapping, cells: &[Cell]) -> Vec<Due<'m>> {
    let found = mapping.fixes.as_ref().and_then(|fixes| {
        let id = cells.get(mapping.kind.0.marks.id)?.good()?;
        let key = conclude::keyed(mapping, id).key;
        fixes.of_record(&key.id_space, &key.id)
    });
    let numbered = found.into_iter().flatten().filter_map(|(name, lines)| {
        let number = mapping.kind.number(name)?;
        Some((number, mapping.kind.fields().get(number)?, lines.as_slice()))
    });
    numbered.collect()
}

/// The canonical value; where it could not be read, what is written.
fn stands(cell: &Cell, raw: &str) -> String {
    match cell {
        Cell::Absent => String::new(),
        Cell::Bad => trimmed(raw).to_owned(),
        Cell::Good(value) => value.text.clone(),
    }
}

/// What came of a fix: applied, or left since the value is another.
fn told(field: &Field, fix: Result<&Fix, &Fix>, value: String, place: String) -> Issue {
    let (Ok(of) | Err(of)) = fix;
    let shown = |text: &str| if text.is_empty() { "（空）".to_owned() } else { text.to_owned() };
    let (was, is, stands) = (shown(&of.was), shown(&of.is), shown(&value));
    let (code, message, advice) = match fix {
        Ok(_) => (
            "fixed",
            format!("{}由联网从 {was} 订正为 {is}：{}", field.label(), of.note),
            "请来源照此改正；改正后这条订正不再起作用".to_owned(),
        ),
        Err(_) => (
            "fix-outlived",
            format!("{}现在是 {stands}，订正说的是从 {was} 到 {is}，没有用上", field.label()),
            format!(
                "来源已另有说法，不再需要就撤销：lianwang fix undo {} {}/{} {} --why 理由",
                of.kind, of.id_space, of.id, of.field
            ),
        ),
    };
    Issue {
        code: code.to_owned(),
        level: Level::Warn,
        field: of.field.clone(),
        value,
        place,
        message,
        advice,
    }
}

#[cfg(test)]
mod tests;
