//! Numbers worked out of a record, from the text of a condition to its truth.

use proptest::prelude::*;

use crate::{
    condition::resolve::compile,
    parse::canonical,
    tests::{compiled, small},
    value::Cell,
};

/// The truth of a condition for a note with these figures; an empty text is an absent field.
fn holds(condition: &str, count: &str, cost: &str) -> Option<bool> {
    let kind = compiled(&small()).kind("note").unwrap().clone();
    let mut cells = vec![Cell::Absent; kind.fields().len()];
    for (name, text) in [("count", count), ("cost", cost)] {
        let number = kind.number(name).unwrap();
        let field_type = kind.fields()[number].field_type();
        cells[number] = canonical(field_type, text).map_or(Cell::Absent, Cell::Good);
    }
    compile(condition, kind.fields()).unwrap().holds(&cells)
}

fn faults(condition: &str) -> Vec<(usize, String)> {
    let kind = compiled(&small()).kind("note").unwrap().clone();
    let faults = compile(condition, kind.fields()).unwrap_err();
    faults.into_iter().map(|fault| (fault.at, fault.message)).collect()
}

#[test]
fn sums_products_and_brackets_bind_as_in_school() {
    for (condition, truth) in [
        ("count == 1 + 2 * 3", true),
        ("count == (1 + 2) * 3", false),
        ("count * 2 == cost + 13.5", true),
        ("2 * count == 14", true),
        ("count - 2 - 2 == 3", true),
        ("count-2==5", true),
        ("count - -2 == 9", true),
        ("count / 2 == 3.5", true),
        ("cost < count - 6", true),
        ("count == 100 - (93 + 0) and cost == 0.5", true),
        ("not count + cost == 7.5", false),
    ] {
        assert_eq!(holds(condition, "7", "0.5"), Some(truth), "{condition}");
    }
}

#[test]
fn decimals_are_exact_and_quotients_nearly() {
    assert_eq!(holds("cost * 3 == 0.3", "", "0.1"), Some(true));
    assert_eq!(holds("count / 3 * 3 == count", "1", ""), Some(false));
    assert_eq!(holds("count / 3 * 3 > 0.99 and count / 3 * 3 < 1.01", "1", ""), Some(true));
}

#[test]
fn what_cannot_be_worked_out_is_not_applicable() {
    assert_eq!(holds("count + cost == 1", "1", ""), None);
    assert_eq!(holds("count / cost == 1", "1", "0"), None);
    let most = "79228162514264337593543950335";
    assert_eq!(holds(&format!("count * {most} > 0"), "9", ""), None);
}

#[test]
fn what_is_no_number_takes_no_part() {
    assert_eq!(faults("count + name == 1"), [(8, "字段 name 是 text，不能参加计算".to_owned())]);
    assert_eq!(faults("count + '1' == 1"), [(8, "“1”不是数，不能参加计算".to_owned())]);
    assert_eq!(faults("count + nmae == 1")[0].0, 8);
    assert_eq!(faults("count + 1"), [(9, "算式后面应当是 == != < <= > >= 之一".to_owned())]);
    assert_eq!(faults("count + 1 present")[0].0, 10);
    assert_eq!(faults("count == (1 + 2")[0], (15, "缺少右括号 )".to_owned()));
    assert_eq!(faults("name starts_with 1")[0].0, 17);
    let deep = format!("count == {}1{}", "(".repeat(40), ")".repeat(40));
    assert_eq!(faults(&deep)[0].1, "括号嵌套太深");
}

/// An expression of a few numbers, and what it comes to by another way of counting: a fraction of integers.
fn expression() -> impl Strategy<Value = (String, i128, i128)> {
    let leaf = (-99i128..100).prop_map(|number| (number.to_string(), number, 1i128));
    leaf.prop_recursive(3, 12, 2, |inner| {
        (inner.clone(), inner, 0usize..3).prop_map(|((a, an, ad), (b, bn, bd), which)| match which {
            0 => (format!("({a} + {b})"), an * bd + bn * ad, ad * bd),
            1 => (format!("({a} - {b})"), an * bd - bn * ad, ad * bd),
            _ => (format!("({a} * {b})"), an * bn, ad * bd),
        })
    })
}

proptest! {
    #[test]
    fn sums_come_to_what_they_come_to((written, top, bottom) in expression()) {
        prop_assert_eq!(bottom, 1);
        let (equal, beyond) = (format!("count == {written} + {top} - {written}"), format!("count > {written}"));
        if let Ok(count) = i64::try_from(top) {
            prop_assert_eq!(holds(&equal, &count.to_string(), ""), Some(true), "{}", written);
            prop_assert_eq!(holds(&beyond, &count.to_string(), ""), Some(false));
            prop_assert_eq!(holds(&beyond, &(count + 1).to_string(), ""), Some(true));
        }
    }

    #[test]
    fn any_condition_is_read_or_told(text in "[a-z0-9 ()+*/<=>'-]{0,40}") {
        let kind = compiled(&small()).kind("note").unwrap().clone();
        if let Ok(condition) = compile(&text, kind.fields()) {
            let _ = condition.holds(&vec![Cell::Absent; kind.fields().len()]);
        }
    }
}
