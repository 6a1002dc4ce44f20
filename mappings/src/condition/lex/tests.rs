//! Words of a condition and where they stand.

use super::*;

fn tokens(text: &str) -> Vec<(usize, Token)> {
    lex(text).unwrap().into_iter().map(|placed| (placed.at, placed.token)).collect()
}

fn word(text: &str) -> Token {
    Token::Word(text.to_owned())
}

fn told(text: &str) -> (usize, String) {
    let fault = lex(text).unwrap_err();
    (fault.at, fault.message)
}

#[test]
fn every_sort_of_word() {
    assert_eq!(
        tokens("a1 == 'x' and not b_2 in (-1.5,\"y\")"),
        [
            (0, word("a1")),
            (3, Token::Op(Op::Equal)),
            (6, Token::Text("x".to_owned())),
            (10, word("and")),
            (14, word("not")),
            (18, word("b_2")),
            (22, word("in")),
            (25, Token::Open),
            (26, Token::Number("-1.5".to_owned())),
            (30, Token::Comma),
            (31, Token::Text("y".to_owned())),
            (34, Token::Close),
        ]
    );
}

#[test]
fn every_operator() {
    for (text, op) in [
        ("==", Op::Equal),
        ("!=", Op::Unequal),
        ("<", Op::Less),
        ("<=", Op::AtMost),
        (">", Op::Greater),
        (">=", Op::AtLeast),
    ] {
        assert_eq!(tokens(text), [(0, Token::Op(op))]);
        assert_eq!(
            tokens(&format!("a{text}b")),
            [(0, word("a")), (1, Token::Op(op)), (1 + text.len(), word("b"))]
        );
    }
}

#[test]
fn places_are_characters_not_bytes() {
    assert_eq!(tokens("'小时' x"), [(0, Token::Text("小时".to_owned())), (5, word("x"))]);
}

#[test]
fn a_doubled_quote_stands_for_itself() {
    assert_eq!(tokens("'a''b'"), [(0, Token::Text("a'b".to_owned()))]);
    assert_eq!(tokens("\"a\"\"b\" c"), [(0, Token::Text("a\"b".to_owned())), (7, word("c"))]);
    assert_eq!(tokens("''"), [(0, Token::Text(String::new()))]);
}

#[test]
fn what_is_no_word_is_told() {
    assert_eq!(told("a = 1"), (2, "不认识“=”".to_owned()));
    assert_eq!(told("a ! b"), (2, "不认识“!”".to_owned()));
    assert_eq!(told("a == 'b"), (5, "文本没有结束的引号".to_owned()));
    assert_eq!(told("a & b"), (2, "这里不能写“&”".to_owned()));
    assert_eq!(told("a == 1.2.3"), (5, "这不是一个数".to_owned()));
    assert_eq!(told("a == 12x"), (5, "这不是一个数".to_owned()));
    assert_eq!(told("a == -"), (5, "这不是一个数".to_owned()));
    assert_eq!(lex("（a）").unwrap_err().hint.as_deref(), Some("请用半角符号"));
}

#[test]
fn too_long_a_text_is_not_looked_at() {
    assert_eq!(tokens(&" ".repeat(LONGEST)), []);
    assert_eq!(told(&" ".repeat(LONGEST + 1)), (0, "条件太长（超过 4000 字符）".to_owned()));
}
