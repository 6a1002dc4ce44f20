//! Truth, falsehood, and what cannot be said.

use super::*;
use crate::parse::canonical;
use crate::value::FieldType;

fn cell(field_type: FieldType, text: &str) -> Cell {
    Cell::Good(canonical(field_type, text).unwrap())
}

fn literal(field_type: FieldType, text: &str) -> Operand {
    Operand::Literal(canonical(field_type, text).unwrap())
}

const YES: Condition = Condition::Present(0);
const NO: Condition = Condition::Absent(0);

/// Not applicable on the cells below.
fn open() -> Condition {
    Condition::Compare(1, Op::Equal, literal(FieldType::Text, "x"))
}

fn holds(condition: &Condition) -> Truth {
    condition.holds(&[cell(FieldType::Text, "a"), Cell::Absent, Cell::Bad])
}

#[test]
fn the_three_truths_join_as_they_should() {
    let all = |parts: &[Condition]| holds(&Condition::All(parts.to_vec()));
    let any = |parts: &[Condition]| holds(&Condition::Any(parts.to_vec()));
    assert_eq!(all(&[YES, YES]), Some(true));
    assert_eq!(all(&[YES, NO]), Some(false));
    assert_eq!(all(&[YES, open()]), None);
    assert_eq!(all(&[open(), NO]), Some(false));
    assert_eq!(any(&[NO, NO]), Some(false));
    assert_eq!(any(&[NO, YES]), Some(true));
    assert_eq!(any(&[NO, open()]), None);
    assert_eq!(any(&[open(), YES]), Some(true));
    assert_eq!(holds(&Condition::Not(Box::new(open()))), None);
    assert_eq!(holds(&Condition::Not(Box::new(YES))), Some(false));
}

#[test]
fn absent_and_unreadable_operands_leave_every_comparison_open() {
    for field in [1, 2, 99] {
        let text = || literal(FieldType::Text, "a");
        for op in [Op::Equal, Op::Unequal] {
            assert_eq!(holds(&Condition::Compare(field, op, text())), None, "{field}");
            assert_eq!(holds(&Condition::Compare(0, op, Operand::Field(field))), None, "{field}");
        }
        assert_eq!(holds(&Condition::StartsWith(field, text())), None, "{field}");
        assert_eq!(holds(&Condition::OneOf(field, Vec::new())), None, "{field}");
    }
    assert_eq!(holds(&Condition::Present(2)), Some(true));
    assert_eq!(holds(&Condition::Present(99)), Some(false));
}

#[test]
fn every_operator_on_every_order() {
    let compare = |op, right: &str| {
        Condition::Compare(0, op, literal(FieldType::Int, right)).holds(&[cell(FieldType::Int, "5")])
    };
    for (op, less, same, more) in [
        (Op::Equal, false, true, false),
        (Op::Unequal, true, false, true),
        (Op::Less, true, false, false),
        (Op::AtMost, true, true, false),
        (Op::Greater, false, false, true),
        (Op::AtLeast, false, true, true),
    ] {
        assert_eq!(
            [compare(op, "6"), compare(op, "5"), compare(op, "4")],
            [Some(less), Some(same), Some(more)],
            "{op:?}"
        );
    }
}

#[test]
fn one_moment_in_two_offsets_is_one_moment() {
    let cells = [
        cell(FieldType::DateTime, "2024-06-06T08:00:00+08:00"),
        cell(FieldType::DateTime, "2024-06-06T00:00:00+00:00"),
    ];
    assert_eq!(Condition::Compare(0, Op::Equal, Operand::Field(1)).holds(&cells), Some(true));
}

#[test]
fn a_day_is_taken_in_the_moments_own_offset() {
    let evening = cell(FieldType::DateTime, "2024-06-06T23:30:00+08:00");
    let morning = cell(FieldType::DateTime, "2024-06-06T15:30:00+00:00");
    let day = |cell: Cell, text: &str| {
        Condition::Compare(0, Op::Equal, literal(FieldType::Date, text)).holds(&[cell])
    };
    assert_eq!(day(evening, "2024-06-06"), Some(true));
    assert_eq!(day(morning, "2024-06-06"), Some(true));
    assert_eq!(day(cell(FieldType::DateTime, "2024-06-07T00:00:00+08:00"), "2024-06-06"), Some(false));
}

#[test]
fn numbers_compare_by_value_not_by_spelling() {
    let cells = [cell(FieldType::Int, "1"), cell(FieldType::Decimal, "1.00")];
    assert_eq!(Condition::Compare(0, Op::Equal, Operand::Field(1)).holds(&cells), Some(true));
    let values = ["2", "1.0"].map(|text| canonical(FieldType::Decimal, text).unwrap()).to_vec();
    assert_eq!(Condition::OneOf(0, values).holds(&cells), Some(true));
}
