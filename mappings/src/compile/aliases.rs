//! Reads `aliases.csv`: which ids mean which keys. Every line that cannot be followed is told: what it names does not exist, it
//! leads nowhere, in a circle, or over another line. Leaves looking up to `alias`.

use std::collections::{HashMap, HashSet};

use csv::StringRecord;

use super::{
    lines::{Said, cells, needed, no_space, not_normal},
    reader::RuleText,
};
use crate::{
    alias::{ALIASES, Alias, Aliases},
    kind::Kind,
    problem::Problem,
    rulebook::RuleFile,
    suggest::did_you_mean,
};

const COLUMNS: [&str; 5] = ["kind", "id_space", "id", "to_space", "to_id"];
/// Stands for every id of a space.
const WHOLE: &str = "*";

/// One line and where its cells begin, in bytes.
struct Line {
    alias: Alias,
    at: [usize; 5],
}

type Named<'l> = HashMap<(&'l str, &'l str, Option<&'l str>), &'l Line>;

/// All aliases; none where there is no such file.
pub(super) fn read(files: &[RuleFile], kinds: &[Kind], problems: &mut Vec<Problem>) -> Aliases {
    let Some(file) = files.iter().find(|file| file.path == ALIASES) else { return Aliases::default() };
    let text = RuleText { path: &file.path, text: &file.text };
    let lines: Vec<Line> = cells(&text, COLUMNS, problems)
        .into_iter()
        .filter_map(|(cells, at)| line(&text, &cells, at, kinds, problems))
        .collect();
    let mut named: Named<'_> = HashMap::new();
    for own in &lines {
        let of = &own.alias;
        if named.insert((&of.kind, &of.id_space, of.id.as_deref()), own).is_some() {
            let what = format!("{} {}/{} 写了两行", of.kind, of.id_space, shown(of.id.as_deref()));
            problems.push(text.error(own.at[0], what, Some("请只留一行".to_owned())));
        }
    }
    problems.extend(lines.iter().filter_map(|own| astray(&text, own, &named)));
    Aliases::of(lines.into_iter().map(|line| line.alias).collect())
}

fn line(
    text: &RuleText<'_>,
    cells: &StringRecord,
    at: [usize; 5],
    kinds: &[Kind],
    problems: &mut Vec<Problem>,
) -> Option<Line> {
    let before = problems.len();
    let [kind, id_space, id, to_space, to_id] = [0, 1, 2, 3, 4].map(|n| cells.get(n).unwrap_or_default());
    if [kind, id_space, id, to_space, to_id].contains(&"") {
        problems.push(needed(text, at[0], &COLUMNS));
        return None;
    }
    problems.extend(no_kind(kind, kinds).map(|(what, hint)| text.error(at[0], what, hint)));
    for (space, at) in [(id_space, at[1]), (to_space, at[3])] {
        problems.extend(no_space(space).map(|(what, hint)| text.error(at, what, hint)));
    }
    if (id == WHOLE) != (to_id == WHOLE) {
        let at = if id == WHOLE { at[4] } else { at[2] };
        let hint = "整个空间并到另一个空间时，两边都写 *".to_owned();
        problems.push(text.error(at, "只有一边是 *", Some(hint)));
    } else if id != WHOLE && problems.len() == before {
        let ids = [(id_space, id, at[2]), (to_space, to_id, at[4])];
        let bad = |(space, id, at)| not_normal(space, id).map(|(what, hint)| text.error(at, what, hint));
        problems.extend(ids.into_iter().filter_map(bad));
    }
    if (id_space, id) == (to_space, to_id) {
        problems.push(text.error(at[3], "别名指向自己", None));
    }
    let named = |id: &str| (id != WHOLE).then(|| id.to_owned());
    let alias = Alias {
        kind: kind.to_owned(),
        id_space: id_space.to_owned(),
        id: named(id),
        to_space: to_space.to_owned(),
        to_id: named(to_id),
        note: cells.get(5).unwrap_or_default().to_owned(),
    };
    (problems.len() == before).then_some(Line { alias, at })
}

fn no_kind(name: &str, kinds: &[Kind]) -> Option<Said> {
    let Some(kind) = kinds.iter().find(|kind| kind.name() == name) else {
        return Some((format!("没有种类 {name}"), did_you_mean(name, kinds.iter().map(Kind::name))));
    };
    kind.gone().is_none().then(|| {
        let hint =
            "并过去之后，原来的那条要告诉接收方删除：先在种类里写明哪个字段的哪个代码表示已删除（gone）";
        (format!("种类 {name} 没有表示已删除的字段，不能用别名"), Some(hint.to_owned()))
    })
}

/// Whether what a line leads to leads on: nobody should have to follow two lines to know where a record stands.
fn astray(text: &RuleText<'_>, line: &Line, named: &Named<'_>) -> Option<Problem> {
    let of = &line.alias;
    let next = |to: &'_ Line| -> Option<&Line> {
        let (kind, space) = (of.kind.as_str(), to.alias.to_space.as_str());
        let by_name = to.alias.to_id.as_deref().and_then(|id| named.get(&(kind, space, Some(id))));
        by_name.or_else(|| named.get(&(kind, space, None))).copied()
    };
    let first = next(line)?;
    let (mut at, mut seen) = (Some(first), HashSet::new());
    while let Some(link) = at.filter(|link| seen.insert(link.at)) {
        at = next(link);
    }
    let place = if of.to_id.is_some() { line.at[4] } else { line.at[3] };
    let to = format!("{}/{}", of.to_space, shown(of.to_id.as_deref()));
    if seen.contains(&line.at) {
        return Some(text.error(place, format!("{to} 又绕回这一行，成了圈"), None));
    }
    let end = &first.alias;
    let hint = format!("请直接写最后那个：{}/{}", end.to_space, shown(end.to_id.as_deref()));
    Some(text.error(place, format!("{to} 自己又是别名"), Some(hint)))
}

fn shown(id: Option<&str>) -> &str {
    id.unwrap_or(WHOLE)
}

#[cfg(test)]
mod tests;
