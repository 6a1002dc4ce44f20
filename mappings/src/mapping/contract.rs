//! What a mapping makes of values that its source gets wrong: as the rules say, held, or left out. Leaves which fields may be
//! left out to `compile::contracts`.

use super::Mapping;
use crate::{
    issue::{Issue, Level, report},
    kind::Field,
    value::Cell,
};

/// How a source is held to one field, the strictest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum Contract {
    /// As kind and profile say.
    #[default]
    Strict,
    /// What would be rejected is held.
    Hold,
    /// The value is left out, the record taken.
    Warn,
}

impl Contract {
    /// Every contract by the word rule files use.
    pub(crate) const WORDS: [(&'static str, Self); 3] =
        [("strict", Self::Strict), ("hold", Self::Hold), ("warn", Self::Warn)];
}

/// Applies a mapping's contracts to what was found wrong; values that are left out become absent.
pub(super) fn apply(mapping: &Mapping, cells: &mut [Cell], issues: &mut Vec<Issue>) {
    if mapping.contracts.is_empty() {
        return;
    }
    let (mut held, mut left_out) = (Vec::new(), Vec::new());
    for issue in issues.iter_mut().filter(|issue| issue.level > Level::Warn) {
        let (contract, fields) = mapping.contract_of(issue);
        match contract {
            Contract::Strict => {}
            Contract::Hold if issue.level == Level::Hold => {}
            Contract::Hold => {
                issue.level = Level::Hold;
                held.push((issue.field.clone(), issue.code.clone()));
            }
            Contract::Warn => {
                issue.level = Level::Warn;
                issue.advice.push_str("（按约定这个值没有采用，其余照收）");
                left_out.extend(fields);
            }
        }
    }
    for number in left_out {
        if let Some(cell) = cells.get_mut(number) {
            *cell = Cell::Absent;
        }
    }
    for (field, code) in held {
        report(issues, mapping.held_by_contract(&field, &code));
    }
}

impl Mapping {
    /// The contract an issue falls under, and the fields that are left out under it. Of a path that several fields read the
    /// strictest: it is wrong for each of them. Of a rule between fields the weakest: nobody knows which of them is wrong.
    fn contract_of(&self, issue: &Issue) -> (Contract, Vec<usize>) {
        let contract = |number: &usize| self.contracts.get(*number).copied().unwrap_or_default();
        let rules = &self.demands.rules;
        let broken = rules.iter().find(|rule| {
            let field = self.kind.fields().get(rule.field).map(Field::name);
            rule.code == issue.code && field == Some(issue.field.as_str())
        });
        let (found, fields) = match broken {
            Some(rule) => (rule.fields.iter().map(contract).max(), rule.fields.clone()),
            None if issue.code == "repeated-field" => {
                let fields = self.fields_of(&issue.place);
                (fields.iter().map(contract).min(), fields)
            }
            None => {
                let field = self.kind.number(&issue.field);
                (field.as_ref().map(contract), field.into_iter().collect())
            }
        };
        let left_out = fields.into_iter().filter(|number| contract(number) == Contract::Warn);
        (found.unwrap_or_default(), left_out.collect())
    }

    /// The fields that are made of what stands at a path.
    fn fields_of(&self, path: &str) -> Vec<usize> {
        let Some(slot) = self.slots.get(path) else { return Vec::new() };
        self.rules.iter().filter(|rule| rule.slots().contains(slot)).map(|rule| rule.field).collect()
    }

    fn held_by_contract(&self, field: &str, code: &str) -> Issue {
        let label = self.kind.field(field).map_or("", Field::label);
        Issue {
            code: "contract".to_owned(),
            level: Level::Hold,
            field: field.to_owned(),
            value: code.to_owned(),
            place: String::new(),
            message: format!("{label}不合格，按约定不退回，先待定"),
            advice: "请与来源核对后修改映射；映射改了，待定记录会自己放行".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
