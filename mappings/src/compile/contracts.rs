//! Reads the contracts of a mapping and refuses those that would let go what a record stands on. Leaves applying them to
//! `mapping::contract`.

use super::reader::{Section, Text};
use crate::{kind::Kind, mapping::contract::Contract, problem::Problem, suggest::did_you_mean};

/// Contracts by field number; none where all are strict. What must not be left out stays strict under a contract that is
/// said of the whole mapping.
pub(super) fn compile(
    root: Section<'_>,
    own: &[(usize, Contract)],
    kind: &Kind,
    problems: &mut Vec<Problem>,
) -> Vec<Contract> {
    let usual = root.text("contract", problems).and_then(|text| word(text, problems)).unwrap_or_default();
    let of = |number: usize| {
        let said = own.iter().find(|(field, _)| *field == number).map(|(_, contract)| *contract);
        said.unwrap_or_else(|| if bar(kind, number, usual).is_some() { Contract::Strict } else { usual })
    };
    let contracts: Vec<Contract> = (0..kind.fields().len()).map(of).collect();
    if contracts.iter().all(|contract| *contract == Contract::Strict) { Vec::new() } else { contracts }
}

/// The contract that a field says of itself.
pub(super) fn own(
    section: Section<'_>,
    kind: &Kind,
    number: usize,
    problems: &mut Vec<Problem>,
) -> Option<Contract> {
    let text = section.text("contract", problems)?;
    let contract = word(text, problems)?;
    if let Some(why) = bar(kind, number, contract) {
        let hint = if number == kind.0.marks.id { "只能写 strict" } else { "写 strict 或 hold" };
        problems
            .push(text.error(format!("contract = \"{}\" 不行：{why}", text.value), Some(hint.to_owned())));
        return None;
    }
    Some(contract)
}

fn word(text: Text<'_>, problems: &mut Vec<Problem>) -> Option<Contract> {
    let known = Contract::WORDS.iter().find(|(word, _)| *word == text.value).map(|(_, contract)| *contract);
    if known.is_none() {
        let words = Contract::WORDS.map(|(word, _)| word);
        let hint = did_you_mean(text.value, words).or_else(|| Some(format!("可用：{}", words.join("、"))));
        problems.push(text.error(format!("不认识的 contract {}", text.value), hint));
    }
    known
}

/// Why a field cannot have a contract, if so: it says which record this is, whose, how old, what it belongs to, or where it
/// goes; a record without that is another record.
fn bar(kind: &Kind, number: usize, contract: Contract) -> Option<&'static str> {
    let (marks, field) = (&kind.0.marks, kind.fields().get(number)?);
    if number == marks.id {
        return (contract != Contract::Strict).then_some("没有主键的记录无从待定，也无从接收");
    }
    let facets = [marks.test, marks.region, marks.industry];
    let why = [
        (marks.owners.iter().any(|(_, owner)| *owner == number), "它说明记录归谁"),
        (marks.as_of == Some(number), "它说明记录是什么时候的，去掉了会让旧数据盖住新数据"),
        (marks.gone == Some(number), "它说明记录是否已删除"),
        (field.parent().is_some(), "它指向上级，去掉了这条记录就没有着落"),
        (facets.contains(&Some(number)), "它决定记录上报给谁"),
    ];
    let found = why.into_iter().find(|(holds, _)| *holds).map(|(_, why)| why);
    found.filter(|_| contract == Contract::Warn)
}

#[cfg(test)]
mod tests;
