//! Lines of a roster, good and bad.

use adapters::Form;

use super::*;

const ZONE: Tz = chrono_tz::Asia::Shanghai;

fn sheet(header: &[&str], lines: &[&[&str]]) -> Sheet {
    let row = |(number, cells): (u32, &&[&str])| {
        let cells = cells.iter().enumerate().filter(|(_, text)| !text.is_empty());
        Row { number, cells: cells.map(|(at, text)| (at, (*text).to_owned(), Form::Text)).collect() }
    };
    Sheet {
        name: "名册".to_owned(),
        header: header.iter().map(|word| (*word).to_owned()).collect(),
        rows: (2..).zip(lines).map(row).collect(),
    }
}

const HEADER: [&str; 8] = [
    "名称",
    "类型",
    "统一社会信用代码",
    "化学品登记编码（9位）",
    "平台代码：park",
    "行政区划代码",
    "起",
    "止",
];
/// Its check digits are right.
const CODE: &str = "91410900758355688L";

fn faults(line: &[&str]) -> Vec<(Option<usize>, String)> {
    let reading = read(&sheet(&HEADER, &[line]), ZONE).unwrap();
    assert!(reading.entries.is_empty() != reading.faults.is_empty(), "{reading:?}");
    reading.faults.into_iter().map(|fault| (fault.column, fault.what)).collect()
}

#[test]
fn a_good_line_is_read_in_normal_form() {
    let line = [
        "甲化工",
        "企业",
        "９１410900758355688l",
        "410900017",
        "p-1",
        "410928",
        "2024/1/5",
        "2024年12月31日",
    ];
    let reading = read(&sheet(&HEADER, &[&line]), ZONE).unwrap();
    assert_eq!(reading.faults, []);
    let [entry] = reading.entries.as_slice() else { panic!("{reading:?}") };
    let codes: Vec<(&str, &str)> =
        entry.codes.iter().map(|code| (code.scheme.as_str(), code.value.as_str())).collect();
    assert_eq!(codes, [("uscc", CODE), ("chem", "410900017"), ("platform:park", "p-1")]);
    assert_eq!((entry.line, entry.said.region.as_str(), entry.said.is_site), (2, "410928", false));
    assert_eq!(entry.span.shown(ZONE), "2024-01-05 至 2024-12-31");
}

#[test]
fn each_bad_cell_is_told_with_its_column() {
    let told = |line: [&str; 8], column: usize, word: &str| {
        let faults = faults(&line);
        assert!(
            faults.iter().any(|(at, what)| *at == Some(column) && what.contains(word)),
            "{word}: {faults:?}"
        );
    };
    told(["", "企业", CODE, "", "", "", "", ""], 0, "没有名称");
    told(["甲", "公司", CODE, "", "", "", "", ""], 1, "不认识的类型“公司”");
    told(["甲", "企业", "9141", "", "", "", "", ""], 2, "不是统一社会信用代码");
    told(["甲", "厂区", CODE, "", "", "", "", ""], 2, "场所没有自己的信用代码");
    told(["甲", "企业", "", "41090001", "", "", "", ""], 3, "不是 9 位数字");
    told(["甲", "企业", CODE, "", "", "4109", "", ""], 5, "行政区划代码");
    told(["甲", "企业", CODE, "", "", "", "去年", ""], 6, "不是日期");
    told(["甲", "企业", CODE, "", "", "", "2024-02-30", ""], 6, "不是日期");
    told(["甲", "企业", CODE, "", "", "", "2024-01-02", "2024-01-01"], 7, "早于");
    let none = faults(&["甲", "企业", "", "", "", "", "", ""]);
    assert_eq!(none, [(None, "一个编码也没有，无从认出它的记录".to_owned())]);
    let all = faults(&["", "公司", "9141", "x", "", "4109", "x", "x"]);
    assert_eq!(all.len(), 7, "all that is wrong at once: {all:?}");
}

#[test]
fn a_check_digit_and_a_strange_column_are_noticed_and_stop_nothing() {
    let header = ["名称", "类型", "统一社会信用代码", "备注"];
    let line = ["甲", "企业", "91410900758355688M", "x"];
    let reading = read(&sheet(&header, &[&line]), ZONE).unwrap();
    assert_eq!(reading.entries.len(), 1);
    assert_eq!(reading.notices.len(), 2, "{:?}", reading.notices);
    assert!(reading.notices[0].contains("备注") && reading.notices[1].contains("第 2 行"));
}

#[test]
fn a_sheet_that_is_no_roster_says_what_it_lacks() {
    let told = |header: &[&str]| read(&sheet(header, &[]), ZONE).unwrap_err();
    assert!(told(&["名称"]).contains("没有“类型”这一列"));
    assert!(told(&["编码", "类型"]).contains("没有“名称”这一列"));
    assert!(told(&["名称", "类型", "起", "企业名称"]).contains("两列都是“企业名称”"));
}

#[test]
fn a_blank_roster_has_only_columns_that_are_read() {
    for (word, _) in COLUMNS {
        assert!(Column::of(word).is_some(), "{word}");
    }
    assert_eq!(Column::of("标识: 排污许可"), Some(Column::Code("排污许可".to_owned())));
    assert_eq!(Column::of("平台代码:"), None);
}
