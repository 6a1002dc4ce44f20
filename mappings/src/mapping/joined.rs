//! What an alias made of an id or a reference, told as one more step of its field. Leaves making it to `conclude`.

use super::{Mapping, Trace};
use crate::{alias::written, kind::Field, value::Cell};

/// Adds to the traces of the id and of each reference what it was joined to, by whom and why.
pub(super) fn told(mapping: &Mapping, cells: &[Cell], traces: &mut [Trace]) {
    let Some(bearing) = &mapping.aliases else { return };
    let own = [(mapping.kind.0.marks.id, mapping.kind.name(), mapping.id_space.as_str())];
    let references =
        mapping.references.iter().map(|(number, kind, space)| (*number, kind.as_str(), space.as_str()));
    for (number, kind, space) in own.into_iter().chain(references) {
        let id = cells.get(number).and_then(Cell::good).map(|value| value.text.as_str());
        let joined = id.and_then(|id| Some((id, bearing.aliases.joined(kind, space, id)?)));
        let name = mapping.kind.fields().get(number).map(Field::name);
        let trace = traces.iter_mut().find(|trace| Some(trace.field.as_str()) == name);
        if let Some(((id, joined), trace)) = joined.zip(trace) {
            let (said, meant) = (written(space, id), written(joined.id_space, &joined.id));
            let rule = format!("{}; alias {said} → {meant} {}", trace.rule, joined.note);
            rule.trim_end().clone_into(&mut trace.rule);
            trace.value = Some(joined.id.into_owned());
        }
    }
}
