//! Reads `fixes.csv`: values of single records that are put right here. Every line that cannot be followed is told, one above all
//! that would speak in the sender's name. Leaves applying them to `mapping::fixing`.

use std::collections::HashSet;

use csv::StringRecord;

use super::{
    lines::{Said, cells, needed, no_space, not_normal},
    reader::RuleText,
};
use crate::{
    alias::Aliases,
    fix::{FIXES, Fix, Fixes},
    kind::{Field, Kind},
    problem::{Problem, Severity},
    rulebook::RuleFile,
    suggest::did_you_mean,
    value::FieldType,
};

const COLUMNS: [&str; 6] = ["kind", "id_space", "id", "field", "was", "is"];

/// One line and where its cells begin, in bytes.
struct Line {
    fix: Fix,
    at: [usize; 6],
}

/// All fixes; none where there is no such file.
pub(super) fn read(
    files: &[RuleFile],
    kinds: &[Kind],
    aliases: &Aliases,
    problems: &mut Vec<Problem>,
) -> Fixes {
    let Some(file) = files.iter().find(|file| file.path == FIXES) else { return Fixes::default() };
    let text = RuleText { path: &file.path, text: &file.text };
    let lines: Vec<Line> = cells(&text, COLUMNS, problems)
        .into_iter()
        .filter_map(|(cells, at)| line(&text, &cells, at, kinds, problems))
        .collect();
    problems.extend(lines.iter().filter_map(|line| elsewhere(&text, line, aliases)));
    at_odds(&text, &lines, problems);
    Fixes::of(lines.into_iter().map(|line| line.fix).collect())
}

fn line(
    text: &RuleText<'_>,
    cells: &StringRecord,
    at: [usize; 6],
    kinds: &[Kind],
    problems: &mut Vec<Problem>,
) -> Option<Line> {
    let before = problems.len();
    let [kind, id_space, id, field, was, is] =
        [0, 1, 2, 3, 4, 5].map(|n| cells.get(n).unwrap_or_default().to_owned());
    if [&kind, &id_space, &id, &field, &is].iter().any(|cell| cell.is_empty()) {
        problems.push(needed(text, at[0], &["kind", "id_space", "id", "field", "is"]));
        return None;
    }
    let own = kinds.iter().find(|own| own.name() == kind);
    if own.is_none() {
        let hint = did_you_mean(&kind, kinds.iter().map(Kind::name));
        problems.push(text.error(at[0], format!("没有种类 {kind}"), hint));
    }
    let amiss = no_space(&id_space).map(|said| (said, at[1]));
    let amiss = amiss.or_else(|| not_normal(&id_space, &id).map(|said| (said, at[2])));
    problems.extend(amiss.map(|((what, hint), at)| text.error(at, what, hint)));
    if let Some(own) = own {
        let key = format!("{id_space}/{id}");
        let amiss = not_ours(own, &field, &key).map(|said| (said, at[3]));
        let amiss = amiss.or_else(|| unreadable(own.field(&field)?, &is).map(|said| (said, at[5])));
        problems.extend(amiss.map(|((what, hint), at)| text.error(at, what, hint)));
    }
    if was == is {
        problems.push(text.error(at[5], format!("was 和 is 都是 {is}，什么都没有改"), None));
    }
    let line = text.text.get(..at[0]).unwrap_or_default().matches('\n').count() + 1;
    let note = cells.get(6).unwrap_or_default().to_owned();
    let fix = Fix { kind, id_space, id, field, was, is, note, line };
    (problems.len() == before).then_some(Line { fix, at })
}

/// A field that there is not, or that only its sender may put right.
fn not_ours(kind: &Kind, name: &str, key: &str) -> Option<Said> {
    let Some(field) = kind.field(name) else {
        let hint = did_you_mean(name, kind.fields().iter().map(Field::name));
        return Some((format!("种类 {} 没有字段 {name}", kind.name()), hint));
    };
    let why = field.unfixable()?;
    let hint = format!("请退回来源改正：lianwang return {} {key} {name} --why 理由", kind.name());
    Some((format!("{}（{name}）{why}，联网不能改", field.label()), Some(hint)))
}

/// A text that is no canonical value of its field.
fn unreadable(field: &Field, is: &str) -> Option<Said> {
    if is.chars().count() > field.max() || is.chars().any(char::is_control) {
        return Some((format!("{}最多 {} 个字符，不能有控制字符", field.label(), field.max()), None));
    }
    if let Some(table) = field.table().filter(|table| field.field_type() == FieldType::Code && !table.has(is))
    {
        let hint = match table.code(is) {
            Some(code) => format!("请写代码 {code}"),
            None => format!("可用：{}", table.shown()),
        };
        return Some((format!("代码表 {} 里没有 {is}", table.name()), Some(hint)));
    }
    let notation = field.notation()?;
    let normal = notation.normal(is);
    match notation.fault(&normal) {
        Some(fault) => Some((format!("{is} {fault}"), None)),
        None => (normal != is).then(|| (format!("{is} 不是规范写法"), Some(format!("请写 {normal}")))),
    }
}

/// A fix of an id that means another key: nothing stands under it.
fn elsewhere(text: &RuleText<'_>, line: &Line, aliases: &Aliases) -> Option<Problem> {
    let of = &line.fix;
    let joined = aliases.joined(&of.kind, &of.id_space, &of.id)?;
    let what = format!("{}/{} 是别名，这一行不起作用", of.id_space, of.id);
    let hint = format!("请写它并到的那个：{}/{}", joined.id_space, joined.id);
    Some(text.problem(Severity::Warning, line.at[2], what, Some(hint)))
}

/// Two lines for one value, and lines that lead on: what is made of a value must not depend on their order.
fn at_odds(text: &RuleText<'_>, lines: &[Line], problems: &mut Vec<Problem>) {
    let of = |fix: &'_ Fix, value: &'_ str| {
        [&fix.kind, &fix.id_space, &fix.id, &fix.field]
            .map(ToOwned::to_owned)
            .into_iter()
            .chain([value.to_owned()])
    };
    let mut known: HashSet<Vec<String>> = HashSet::new();
    for Line { fix, at } in lines {
        if !known.insert(of(fix, &fix.was).collect()) {
            let what =
                format!("{} {}/{} 的 {} 写了两行，was 相同", fix.kind, fix.id_space, fix.id, fix.field);
            problems.push(text.error(at[0], what, Some("请只留一行".to_owned())));
        }
    }
    for Line { fix, at } in lines {
        if known.contains(&of(fix, &fix.is).collect::<Vec<_>>()) {
            let hint = "请直接写最后的值：改掉或撤销先前的那一行（lianwang fix undo）".to_owned();
            problems.push(text.error(at[5], format!("{} 又被另一行改成别的", fix.is), Some(hint)));
        }
    }
}

#[cfg(test)]
mod tests;
