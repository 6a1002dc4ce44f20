//! Rows laid out: every cell, its mark and its note.

use std::borrow::Cow;

use adapters::Raw;
use mappings::{RuleFile, Rulebook};

use super::*;
use crate::pipeline::rejections::List;

const KIND: &str = r#"
kind = "plant"
label = "装置"
source = "design"
[fields]
id = { label = "主键", type = "id" }
name = { label = "名称", type = "text", max = 4 }
person = { label = "负责人", type = "text", personal = "name" }
phone = { label = "电话", type = "text", personal = "phone" }
"#;

const MAPPING: &str = r#"
kind = "plant"
id_space = "src:park"
select = { service = "plants" }
[fields]
id = "ID"
name = "NAME"
person = "a.PERSON"
phone = "PHONE"
"#;

fn book() -> Rulebook {
    let file = |path: &str, text: &str| RuleFile { path: path.to_owned(), text: text.to_owned() };
    let source = "zone = \"Asia/Shanghai\"\n[[services]]\nname = \"plants\"\n";
    let files = [
        file("kinds/plant.toml", KIND),
        file("sources/park/source.toml", source),
        file("sources/park/plant.toml", MAPPING),
    ];
    let (book, problems) = Rulebook::compile(&files);
    book.unwrap_or_else(|| panic!("{problems:?}"))
}

fn record<'r>(fields: &[(&'r str, &'r str, Form)]) -> SourceRecord<'r> {
    let raw = |text: &'r str, form: Form| Raw { text: Cow::Borrowed(text), form };
    let fields = fields.iter().map(|(path, text, form)| (Cow::Borrowed(*path), raw(text, *form))).collect();
    SourceRecord { place: 3, offset: 0, length: 0, fields }
}

fn columns(words: &[(&str, u32)]) -> List {
    let columns = words.iter().map(|(path, nth)| Column { path: (*path).to_owned(), nth: *nth }).collect();
    List::of("plants", columns)
}

fn issue(level: Level, place: &str, value: &str) -> Issue {
    Issue {
        code: "c".into(),
        level,
        field: "name".into(),
        value: value.into(),
        place: place.into(),
        message: "名称超过 4 个字符".into(),
        advice: "请缩短".into(),
    }
}

fn row<'r>(body: Body<'r>, issues: &'r [Issue]) -> Row<'r> {
    Row {
        verdict: Verdict::Rejected,
        at: (12, 3),
        received_at: "2024-06-10T00:00:00Z".parse().unwrap(),
        times: 2,
        id: "17",
        issues: issues.iter().map(|issue| (issue, Some("附件 2".to_owned()))).collect(),
        body,
    }
}

fn layout(list: &List, masked: bool, as_text: bool) -> Layout {
    let book = book();
    Layout::new(list, book.mapping("park", "plants"), chrono_tz::Asia::Shanghai, masked, as_text)
}

fn texts(line: &Line) -> Vec<&str> {
    line.cells.iter().map(|cell| cell.text.as_str()).collect()
}

const ALL: [(&str, u32); 5] = [("ID", 1), ("NAME", 1), ("a.PERSON", 1), ("PHONE", 1), ("备注", 1)];

#[test]
fn the_senders_cells_come_first_then_what_is_wrong() {
    let list = columns(&ALL);
    let layout = layout(&list, false, false);
    let heads: Vec<(String, bool)> =
        layout.heads().into_iter().map(|head| (head.word, head.hidden)).collect();
    let words = ["判定", "问题", "依据", "次数", "最近一次", "主键"];
    let shown = ALL.iter().map(|(path, _)| *path).chain(words).map(|word| (word.to_owned(), false));
    let hidden = ["来源回执", "来源写法"].map(|word| (word.to_owned(), true));
    assert_eq!(heads, shown.chain(hidden).collect::<Vec<_>>());
    let record = record(&[
        ("NAME", "一二三四五", Form::Text),
        ("备注", "[1]", Form::Nested),
        ("ID", "17", Form::Number),
        ("PHONE", "", Form::Null),
    ]);
    let issues = [issue(Level::Reject, "NAME", "一二三四五")];
    let line = layout.line(&row(Body::Record(&record), &issues));
    let told = "NAME 写了“一二三四五”：名称超过 4 个字符。请缩短";
    assert_eq!(
        texts(&line),
        [
            "17",
            "一二三四五",
            "",
            "",
            "[1]",
            "退回",
            told,
            "附件 2",
            "2",
            "2024-06-10 08:00",
            "17",
            "12/3",
            "备注"
        ]
    );
    let marks: Vec<Mark> = line.cells.iter().map(|cell| cell.mark).take(3).collect();
    assert_eq!(marks, [Mark::Plain, Mark::Wrong, Mark::Plain]);
    assert_eq!(line.cells[1].note, "名称超过 4 个字符\n怎么改：请缩短");
    assert_eq!(line.wrong, ["NAME"]);
}

#[test]
fn one_cell_may_be_wrong_in_several_ways_and_one_way_may_be_of_several_cells() {
    let list = columns(&ALL);
    let issues = [
        issue(Level::Warn, "NAME", ""),
        issue(Level::Reject, "NAME,PHONE", "x,"),
        issue(Level::Hold, "PHONE", "y"),
        issue(Level::Warn, "备注", ""),
        issue(Level::Reject, "", ""),
        issue(Level::Reject, "没有这一列", ""),
    ];
    let record = record(&[("NAME", "x", Form::Text)]);
    let line = layout(&list, false, true).line(&row(Body::Record(&record), &issues));
    let marks: Vec<Mark> = line.cells.iter().map(|cell| cell.mark).take(5).collect();
    assert_eq!(marks, [Mark::Plain, Mark::Wrong, Mark::Plain, Mark::Wrong, Mark::Noticed]);
    assert_eq!(line.cells[1].note.matches("怎么改").count(), 2);
    assert_eq!(line.wrong, ["NAME", "PHONE"], "what is only worth a look is not wrong");
    let texts = texts(&line);
    assert!(texts.contains(&"NAME、PHONE"), "{texts:?}");
    let told: Vec<&str> = texts[6].lines().collect();
    assert_eq!(told.len(), 6);
    assert!(
        told[0].starts_with("1. （提示）NAME 没有写：") && told[2].starts_with("3. （待定）PHONE 写了“y”："),
        "{told:?}"
    );
    assert_eq!(told[4], "5. 名称超过 4 个字符。请缩短");
}

#[test]
fn a_path_said_twice_has_both_its_cells_marked() {
    let list = columns(&[("NAME", 1), ("NAME", 2), ("a,b", 1)]);
    let twice = record(&[("NAME", "甲", Form::Text), ("NAME", "乙", Form::Text)]);
    let issues = [issue(Level::Reject, "NAME", "甲 / 乙"), issue(Level::Reject, "a,b", "")];
    let line = layout(&list, false, true).line(&row(Body::Record(&twice), &issues));
    assert_eq!(line.wrong, ["NAME", "NAME（第 2 次）", "a,b"], "a path may hold a comma");
    let once = record(&[("NAME", "甲", Form::Text)]);
    let line = layout(&list, false, true).line(&row(Body::Record(&once), &issues[..1]));
    assert_eq!(line.wrong, ["NAME"], "of one who says it once there is no second cell to mend");
}

#[test]
fn persons_are_masked_and_so_is_what_nobody_reads() {
    let list = columns(&ALL);
    let said = record(&[
        ("ID", "17", Form::Text),
        ("a.PERSON", "张三丰", Form::Text),
        ("PHONE", "13812345678", Form::Text),
        ("备注", "身份证 410101199001011234", Form::Text),
    ]);
    let masked = layout(&list, true, false);
    let line = masked.line(&row(Body::Record(&said), &[]));
    assert_eq!(&texts(&line)[..5], ["17", "", "张**", "138****5678", "***"]);
    let unreadable = row(Body::Unreadable("{\"PHONE\":\"13812345678".as_bytes()), &[]);
    assert_eq!(masked.raw(&unreadable), "***");
    let whole = layout(&list, false, false);
    assert_eq!(&texts(&whole.line(&row(Body::Record(&said), &[])))[2..4], ["张三丰", "13812345678"]);
}

#[test]
fn what_cannot_be_read_or_is_gone_says_so() {
    let mut list = columns(&[("ID", 1)]);
    (list.has_unreadable, list.has_more) = (true, true);
    let layout = layout(&list, false, false);
    let long = [b"{\"ID\": \xff".as_slice(), &vec![b'x'; 40_000]].concat();
    let line = layout.line(&row(Body::Unreadable(&long), &[issue(Level::Reject, "", "")]));
    let cells = texts(&line);
    assert!(
        cells[1].starts_with("{\"ID\": \u{fffd}xxx") && cells[1].chars().count() < 32_000,
        "{}",
        cells[1].len()
    );
    let record = record(&[("ID", "1", Form::Text), ("X", "多的", Form::Text), ("Y", "", Form::Text)]);
    let line = layout.line(&row(Body::Record(&record), &[]));
    let cells = texts(&line);
    assert_eq!(&cells[..3], ["1", "", "X = 多的\nY = "]);
    assert_eq!(cells[4], "当时的说明已按保留规则清除");
    let gone = [issue(Level::Reject, "NAME", "五个字")];
    let line = layout.line(&row(Body::Gone("原文 ab 已按保留规则（保留 90 天）于 … 清除"), &gone));
    let cells = texts(&line);
    assert!(cells[4].starts_with("1. 原来的内容拿不到了：原文 ab 已按保留规则"), "{}", cells[4]);
    assert!(cells[4].contains("2. NAME 写了“五个字”"), "{}", cells[4]);
    assert_eq!((cells[0], cells[8]), ("", "17"), "what is known of it is its key");
}
