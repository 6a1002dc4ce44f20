//! A whole park from one seed: enterprises down to hazards, parents before children, each table in its own order.
//! What a row looks like is `tables`'s; what is wrong with some is `dirt`'s.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use uuid::Uuid;

use super::{
    super::dice::Dice,
    columns::{Draft, Node},
    dirt::{self, Spoil},
    row::Row,
    tables,
};

/// One row in so many is sent a second time.
const AGAIN_EVERY: usize = 50;

/// A table as its service serves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) rows: Vec<Row>,
}

/// The park of `seed` with so many enterprises: ten tables, parents first; `clean` without anything wrong, sent twice
/// or late.
pub(super) fn generate(seed: u64, enterprises: u32, clean: bool) -> Vec<Table> {
    let mut park = Park { seed, clean, tables: Vec::new() };
    let firms = park.table("t_qyxx", &gates(seed, enterprises), dirt::NONE, |_| 1, tables::firm);
    park.table("t_cqxx", &firms, dirt::NONE, |_| 1, tables::site);
    let objects = park.objects(&firms);
    let units = park.table("t_fxdy", &objects, dirt::UNIT, |object| 1 + some(object, 2), tables::unit);
    let events = park.events(&units);
    let mut measures = park.table("t_gkcs", &events, dirt::MEASURE, |_| 2, tables::measure);
    for measure in &mut measures {
        measure.measure = measure.id;
    }
    let tasks = park.table(
        "t_pcrw",
        &measures,
        dirt::TASK,
        |measure| 1 + u32::from(some(measure, 4) == 0),
        tables::task,
    );
    let records = park.table("t_pcjl", &tasks, dirt::RECORD, |task| 1 + some(task, 3), tables::record);
    park.table(
        "t_yhzlxx",
        &records,
        dirt::HAZARD,
        |record| u32::from(tables::troubled(record)),
        tables::hazard,
    );
    park.table("t_tyjx", &units, dirt::NONE, |unit| u32::from(some(unit, 6) == 0), tables::outage);
    park.tables
}

struct Park {
    seed: u64,
    clean: bool,
    tables: Vec<Table>,
}

impl Park {
    /// Fills a table with the children of `parents`. Spoilt rows are served and have no children.
    fn table(
        &mut self,
        name: &'static str,
        parents: &[Node],
        dirt: dirt::Dirt,
        count: fn(&Node) -> u32,
        draw: fn(&Node, &Node, Dice) -> Draft,
    ) -> Vec<Node> {
        let mut dice = Dice::of(self.seed, name);
        let (mut rows, mut nodes) = (Vec::new(), Vec::new());
        for parent in parents {
            for _ in 0..count(parent) {
                let own = child(parent, &mut dice);
                let draft = draw(parent, &own, Dice::of(self.seed, &own.id.to_string()));
                if let Some(spoil) = self.spoil_at(dirt, rows.len()) {
                    rows.push(spoil(draft).done(own.born));
                } else {
                    rows.push(draft.done(own.born));
                    nodes.push(own);
                }
            }
        }
        let mut again: Vec<Row> = rows.iter().skip(AGAIN_EVERY / 5).step_by(AGAIN_EVERY).cloned().collect();
        again.retain(|_| !self.clean);
        rows.append(&mut again);
        self.tables.push(Table { name, rows });
        nodes
    }

    /// Risk objects: their codes come from the registration system, numbered within the enterprise.
    fn objects(&mut self, firms: &[Node]) -> Vec<Node> {
        let registered: Vec<Node> = firms.iter().flat_map(|firm| coded(firm, 2 + some(firm, 2))).collect();
        self.table("t_fxdx", &registered, dirt::NONE, |_| 1, tables::object)
    }

    /// Events; those of the first unit come at once though the unit itself is served from the second pass on.
    fn events(&mut self, units: &[Node]) -> Vec<Node> {
        let events = self.table("t_fxsj", units, dirt::EVENT, |unit| 2 + some(unit, 2), tables::event);
        let Some(late) = units.first().filter(|_| !self.clean) else { return events };
        self.hold_back("t_fxdy", late.id);
        events.into_iter().filter(|event| event.parent != late.id).collect()
    }

    fn spoil_at(&self, (every, spoils): dirt::Dirt, place: usize) -> Option<Spoil> {
        let nth = place.checked_sub(3).filter(|nth| nth.is_multiple_of(every) && !self.clean)?;
        spoils.get((nth / every).checked_rem(spoils.len())?).copied()
    }

    fn hold_back(&mut self, table: &str, id: Uuid) {
        let key = id.simple().to_string();
        let rows = self.tables.iter_mut().filter(|held| held.name == table).flat_map(|held| &mut held.rows);
        for row in rows.filter(|row| row.key() == key) {
            *row = row.clone().served_from(2);
        }
    }
}

/// The enterprises' places: above them is nothing, so each is the parent of its own row.
fn gates(seed: u64, enterprises: u32) -> Vec<Node> {
    let mut dice = Dice::of(seed, "gates");
    (1..=enterprises.min(9_999))
        .map(|number| Node {
            id: dice.uuid(),
            parent: Uuid::nil(),
            measure: Uuid::nil(),
            company: format!("4109{:05}", number * 7 + 10),
            hazard: String::new(),
            born: opening() + TimeDelta::minutes(i64::from(number) * 11),
        })
        .collect()
}

fn coded(firm: &Node, count: u32) -> impl Iterator<Item = Node> {
    (1..=count).map(|serial| Node { hazard: format!("{}{serial:03}", firm.company), ..firm.clone() })
}

fn child(parent: &Node, dice: &mut Dice) -> Node {
    Node {
        id: dice.uuid(),
        parent: parent.id,
        measure: parent.measure,
        company: parent.company.clone(),
        hazard: parent.hazard.clone(),
        born: parent.born + TimeDelta::minutes(i64::from(30 + dice.below(600))),
    }
}

/// A number below `limit` that belongs to the record for ever.
fn some(node: &Node, limit: u32) -> u32 {
    u32::try_from(node.id.as_u128() % u128::from(limit.max(1))).unwrap_or(0)
}

/// When the park's first record was made: in the past of every clock this runs on.
fn opening() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2024, 6, 1).unwrap_or_default().and_hms_opt(8, 0, 0).unwrap_or_default()
}

#[cfg(test)]
mod tests;
