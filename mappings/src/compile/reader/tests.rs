//! Places in rule files.

use super::*;

fn with<R>(text: &str, look: impl FnOnce(Section<'_>, &mut Vec<Problem>) -> R) -> (R, Vec<String>) {
    let file = RuleText { path: "f.toml", text };
    let table = DeTable::parse(text).unwrap();
    let mut problems = Vec::new();
    let found = look(Section { file: &file, table: table.get_ref(), at: 0 }, &mut problems);
    let told = problems
        .iter()
        .map(|problem| format!("{}:{} {}", problem.line, problem.column, problem.message))
        .collect();
    (found, told)
}

#[test]
fn places_are_lines_and_characters_from_one() {
    let file = RuleText { path: "f.toml", text: "a = 1\n  隐患 = 2\n" };
    let at = |byte: usize| {
        let problem = file.error(byte, "x", None);
        (problem.line, problem.column, problem.quote)
    };
    assert_eq!(at(0), (1, 1, "a = 1".to_owned()));
    assert_eq!(at(4), (1, 5, "a = 1".to_owned()));
    assert_eq!(at(8), (2, 3, "隐患 = 2".to_owned()));
    assert_eq!(at(15), (2, 6, "隐患 = 2".to_owned()));
    assert_eq!(at(9999).0, 3);
    // inside a character: never a panic
    assert_eq!(at(9).0, 3);
}

#[test]
fn a_byte_order_mark_is_no_column() {
    let file = RuleText { path: "f.toml", text: "\u{feff}a = 1\n" };
    assert_eq!(file.error(3, "x", None).column, 1);
}

#[test]
fn keys_come_as_they_stand() {
    let (keys, _) = with("b = 1\na = 2\n[c]\n", |section, _| {
        section.entries().iter().map(|entry| (entry.key.to_owned(), entry.at)).collect::<Vec<_>>()
    });
    assert_eq!(keys, [("b".to_owned(), 0), ("a".to_owned(), 6), ("c".to_owned(), 13)]);
}

#[test]
fn other_keys_are_told() {
    let ((), told) =
        with("kind = 1\nkindd = 2\nzzz = 3\n", |section, problems| section.only(&["kind"], problems));
    assert_eq!(told, ["2:1 不认识的键 kindd", "3:1 不认识的键 zzz"]);
}

#[test]
fn values_of_the_wrong_type_are_told_at_their_key() {
    let text = "a = 1\nb = \"x\"\nc = [1]\nd = \"t\"\ne = 1\nf = { }\n";
    let ((), told) = with(text, |section, problems| {
        assert!(section.text("a", problems).is_none());
        assert!(section.flag("b", problems).is_none());
        assert!(section.texts("c", problems).is_empty());
        assert!(section.section("d", problems).is_none());
        assert!(section.sections("e", problems).is_empty());
        assert!(section.sections("f", problems).is_empty());
        assert!(section.needed("g", problems).is_none());
    });
    assert_eq!(
        told,
        [
            "1:1 a 应当是文本",
            "2:1 b 应当是 true 或 false",
            "3:6 这里应当是文本",
            "4:1 d 应当是一张表：[d]",
            "5:1 e 应当写作 [[e]]",
            "6:1 f 应当写作 [[f]]",
            "1:1 缺少 g",
        ]
    );
}

#[test]
fn values_of_the_right_type_are_read() {
    let text = "a = \"x\"\nb = true\nc = [\"y\", \"z\"]\nd = \"one\"\n[e]\nf = 1\n[[g]]\n[[g]]\n";
    let ((), told) = with(text, |section, problems| {
        assert_eq!(section.text("a", problems).map(|text| (text.value, text.at)), Some(("x", 4)));
        assert_eq!(section.flag("b", problems), Some(true));
        let texts = |key| {
            section.texts(key, &mut Vec::new()).iter().map(|text| text.value.to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(texts("c"), ["y", "z"]);
        assert_eq!(texts("d"), ["one"]);
        assert_eq!(section.section("e", problems).map(|section| section.entries().len()), Some(1));
        assert_eq!(section.sections("g", problems).len(), 2);
        assert!(section.text("absent", problems).is_none());
    });
    assert_eq!(told, Vec::<String>::new());
}

#[test]
fn scalars_are_texts_as_written() {
    let text = "a = \"x\"\nb = 1_0\nc = 1.50\nd = true\ne = [1]\nf = 0x10\n";
    let (scalars, _) =
        with(text, |section, _| section.entries().iter().map(Entry::scalar).collect::<Vec<_>>());
    let texts: Vec<Option<&str>> = scalars.iter().map(Option::as_deref).collect();
    assert_eq!(texts, [Some("x"), Some("10"), Some("1.50"), Some("true"), None, None]);
}

#[test]
fn a_character_of_a_text_has_its_byte() {
    let (bytes, _) = with("a = \"隐患x\"\nb = 'q\"x'\nc = \"q\\\"x\"\n", |section, problems| {
        let mut byte = |key: &str, character| section.text(key, problems).map(|text| text.byte_of(character));
        [byte("a", 0), byte("a", 2), byte("b", 2), byte("c", 2)]
    });
    assert_eq!(bytes, [Some(5), Some(11), Some(21), Some(28)]);
}
