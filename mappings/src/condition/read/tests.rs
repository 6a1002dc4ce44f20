//! Expressions as written.

use super::*;

fn name(at: usize, name: &str) -> Name {
    Name { at, name: name.to_owned() }
}

fn present(at: usize, field: &str) -> Expression {
    Expression::Present(name(at, field))
}

#[test]
fn and_binds_tighter_than_or() {
    let expression = read("a present or b present and c present").unwrap();
    let both = Expression::All(vec![present(13, "b"), present(27, "c")]);
    assert_eq!(expression, Expression::Any(vec![present(0, "a"), both]));
}

#[test]
fn parentheses_bind_tightest() {
    let expression = read("(a present or b present) and c present").unwrap();
    let either = Expression::Any(vec![present(1, "a"), present(14, "b")]);
    assert_eq!(expression, Expression::All(vec![either, present(29, "c")]));
}

#[test]
fn not_takes_the_next_check_only() {
    let expression = read("not a present and b absent").unwrap();
    let not = Expression::Not(Box::new(present(4, "a")));
    assert_eq!(expression, Expression::All(vec![not, Expression::Absent(name(18, "b"))]));
    let twice = Expression::Not(Box::new(Expression::Not(Box::new(present(8, "a")))));
    assert_eq!(read("not not a present").unwrap(), twice);
}

#[test]
fn every_check() {
    let a = || name(0, "a");
    let text = |at| Side::Text(at, "x".to_owned());
    for (written, expression) in [
        ("a == 'x'", Expression::Compare(a(), Op::Equal, text(5))),
        ("a < 1", Expression::Compare(a(), Op::Less, Side::Number(4, "1".to_owned()))),
        ("a >= b", Expression::Compare(a(), Op::AtLeast, Side::Field(name(5, "b")))),
        ("a starts_with 'x'", Expression::StartsWith(a(), text(14))),
        ("a in ('x', 1)", Expression::OneOf(a(), vec![text(6), Side::Number(11, "1".to_owned())])),
    ] {
        assert_eq!(read(written), Ok(expression), "{written}");
    }
}

#[test]
fn keywords_are_no_fields() {
    for (written, at) in
        [("in present", 0), ("a == not", 5), ("or", 0), ("a in (present)", 6), ("present present", 0)]
    {
        assert_eq!(read(written).unwrap_err().at, at, "{written}");
    }
}

#[test]
fn nesting_has_its_limit() {
    let nested = |depth: usize| format!("{}a present{}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(read(&nested(DEEPEST)), Ok(present(DEEPEST, "a")));
    assert_eq!(read(&nested(DEEPEST + 1)).unwrap_err().message, "括号和 not 嵌套太深");
    assert!(read(&format!("{}a present", "not ".repeat(DEEPEST))).is_ok());
    assert!(read(&format!("{}a present", "not ".repeat(500))).is_err());
}
