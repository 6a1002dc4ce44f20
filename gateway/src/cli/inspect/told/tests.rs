//! What people read of a file.

use super::*;

fn issue(level: Level) -> Issue {
    Issue {
        code: "unknown-code".into(),
        level,
        field: "dangerLevel".into(),
        value: "特大隐患".into(),
        place: "DANGER_LEVEL".into(),
        message: "隐患等级的值不在代码表里".into(),
        advice: "可用：0 一般隐患、1 重大隐患".into(),
    }
}

fn printed(told: &Told) -> String {
    let mut out = Vec::new();
    told.print(Path::new("夜报.ndjson"), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_fault_is_told_with_place_value_remedy_and_clause() {
    let fault = Fault::of(&issue(Level::Hold), Some("national-model.md 1.8"), &Place::Text(3, 17));
    let told = Told { found: 2, accepted: 1, held: 1, faults: vec![fault], ..Told::default() };
    assert_eq!(
        printed(&told),
        "待定 unknown-code：隐患等级的值不在代码表里\n  --> 夜报.ndjson:3:17\n   | DANGER_LEVEL = 特大隐患\n   = 怎么改：可用：0 一般隐患、1 重大隐患\n   = 依据：国家危化品数据模型 1.8\n\n共 2 条：可接收 1，待定 1，退回 0；问题 1 处\n"
    );
    assert!(!told.is_clean());
}

/// A rule between fields looks at several: each stands on a line of its own.
#[test]
fn what_stands_in_several_places_is_told_place_by_place() {
    let of = |place: &str, value: &str| {
        let issue = Issue { place: place.into(), value: value.into(), ..issue(Level::Warn) };
        let told = Told { faults: vec![Fault::of(&issue, None, &Place::Text(1, 1))], ..Told::default() };
        printed(&told).lines().filter(|line| line.starts_with("   |")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(of("发现途径,所属研判", "5, "), ["   | 发现途径 = 5", "   | 所属研判 = （空）"]);
    assert_eq!(of("NAME", "a, b"), ["   | NAME = a, b"]);
    assert_eq!(of("A,B", "1, 2, 3"), ["   | A,B = 1, 2, 3"]);
    assert_eq!(of("", ""), Vec::<String>::new());
}

#[test]
fn a_file_with_too_much_wrong_is_said_to_be_held_whole() {
    let told = Told { found: 10, rejected: 5, over_limit: Some("record = 3".into()), ..Told::default() };
    assert!(
        printed(&told).contains("超过这个服务的上限（record = 3）：收下后整批待定"),
        "{}",
        printed(&told)
    );
    assert_eq!(serde_json::to_value(&told).unwrap()["over_limit"], "record = 3");
    assert!(!printed(&Told::default()).contains("上限"));
}

#[test]
fn levels_have_words_and_an_absent_value_says_so() {
    for (level, word) in [(Level::Reject, "退回"), (Level::Hold, "待定"), (Level::Warn, "提示")] {
        let issue = Issue { value: String::new(), ..issue(level) };
        let told = Told { faults: vec![Fault::of(&issue, None, &Place::Text(1, 1))], ..Told::default() };
        let printed = printed(&told);
        assert!(printed.starts_with(word) && printed.contains("DANGER_LEVEL = （空）"), "{printed}");
        assert!(!printed.contains("依据"), "{printed}");
    }
}

#[test]
fn a_long_list_ends_and_says_how_to_see_the_rest() {
    let fault = || Fault::unreadable(&Place::Text(1, 1), "读不出来".into());
    let told = Told {
        found: 205,
        rejected: 205,
        repeated: 3,
        unread: vec!["备注".into()],
        faults: (0..205).map(|_| fault()).collect(),
        ..Told::default()
    };
    let printed = printed(&told);
    assert_eq!(printed.matches("退回 unreadable").count(), MOST);
    assert!(printed.contains("还有 5 处，用 --json 看全部"), "{printed}");
    assert!(printed.contains("没有用到的列：备注\n"), "{printed}");
    assert!(printed.ends_with("；3 条的主键在前面出现过\n"), "{printed}");
}

#[test]
fn json_says_it_all() {
    let fault = Fault::of(&issue(Level::Warn), None, &Place::Cell("隐患".into(), "C5".into()));
    let told = Told { found: 1, accepted: 1, faults: vec![fault], ..Told::default() };
    assert!(told.is_clean());
    let json = serde_json::to_value(&told).unwrap();
    assert_eq!(json["accepted"], 1);
    assert_eq!(json["faults"][0]["at"], "隐患!C5");
    assert_eq!(json["faults"][0]["level"], "warn");
    assert_eq!(json["faults"][0]["clause"], serde_json::Value::Null);
}
