//! The words for people: order, labels, zone, Chinese for every verdict and state; and why a command ends badly.

use std::collections::BTreeMap;

use mappings::{Issue, Level};

use super::{text::Speech, *};
use crate::pipeline::explain::{
    ExplainedDelivery, ExplainedField, ExplainedVersion, FromDocument, FromFile, Links, Other, Owned,
    Receipt, ReturnTold, SourceSays,
};

fn issue(code: &str, field: &str) -> Issue {
    Issue {
        code: code.into(),
        level: Level::Hold,
        field: field.into(),
        value: "特大".into(),
        place: "level".into(),
        message: "代码表里没有".into(),
        advice: "补上这个词".into(),
    }
}

fn labels() -> Vec<(String, String)> {
    [("id", "主键"), ("name", "名称"), ("level", "等级")]
        .map(|(name, label)| (name.into(), label.into()))
        .into()
}

fn delivery(destination: &str, state: &str, batch: Option<&str>, answer: Option<&str>) -> ExplainedDelivery {
    let (batch, answer) = (batch.map(str::to_owned), answer.map(str::to_owned));
    ExplainedDelivery { destination: destination.into(), state: state.into(), batch, answer }
}

fn version() -> ExplainedVersion {
    let field = |raw: Option<&str>, place: &str, rule: &str, value: Option<&str>| ExplainedField {
        raw: raw.map(str::to_owned),
        place: place.into(),
        rule: rule.into(),
        value: value.map(str::to_owned),
    };
    let fields = [
        ("id", field(Some("A-1"), "id", "id uuid", Some("a1"))),
        ("level", field(Some("较大"), "lv", "table park-level", Some("2"))),
        ("name", field(None, "name", "text", None)),
        ("source", field(None, "", "const 1", Some("1"))),
    ];
    ExplainedVersion {
        seq: 17,
        document: FromDocument {
            digest: "00ff".into(),
            received_at: "2026-11-23T00:00:05+00:00".into(),
            service: "park/tanks".into(),
        },
        place: 2,
        revision: "abcd".into(),
        fields: fields.map(|(name, field)| (name.to_owned(), field)).into(),
        retired: None,
        owner: None,
        issues: vec![issue("odd-level", "level")],
        deliveries: vec![
            delivery("national", "confirmed", Some("national-3"), Some("{\"ok\":\n  true}")),
            delivery("city", "waiting", None, Some("plant/uuid/b2")),
            delivery("town", "excluded", None, None),
        ],
        same: true,
        damaged: None,
        dropped: None,
        labels: labels(),
        links: Links::default(),
    }
}

fn other(verdict: &str, state: Option<&str>) -> Other {
    Other {
        document: 9,
        place: 0,
        verdict: verdict.into(),
        state: state.map(str::to_owned),
        at: "2026-11-22T16:30:00+00:00".into(),
        issues: vec![issue("unknown-code", "level")],
        damaged: None,
        dropped: None,
        links: Links::default(),
    }
}

fn explained(versions: Vec<ExplainedVersion>, others: Vec<Other>) -> Explained {
    let key = "tank/uuid/a1".into();
    Explained {
        returned: Vec::new(),
        key,
        versions,
        sources: Vec::new(),
        others,
        derived_again: true,
        missing: None,
        dropped: None,
    }
}

fn printed(explained: &Explained) -> String {
    let speech = Speech { kind: "储罐".into(), labels: labels(), zone: chrono_tz::Asia::Shanghai };
    let mut out = Vec::new();
    text::print(explained, &speech, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_records_path_in_words() {
    assert_eq!(
        printed(&explained(vec![version()], vec![other("held", Some("accepted"))])),
        "储罐 tank/uuid/a1

版本 17
  来自 park/tanks，2026-11-23 08:00:05 收到，第 3 条
  原文 sha-256 00ff
  配置 abcd
  主键 id：“a1” ← id “A-1” ［id uuid］
  名称 name：（无） ← name （无） ［text］
  等级 level：“2” ← lv “较大” ［table park-level］
  source：“1” ［const 1］
  注意 odd-level 等级 level“特大”：代码表里没有
  → national 已确认，批次 national-3：{\"ok\": true}
  → city 等上级：plant/uuid/b2
  → town 范围外

未成版本：待定，后来已放行（文档 9 第 1 条，2026-11-23 00:30:00）
  待定 unknown-code 等级 level“特大”：代码表里没有。补上这个词

从原始字节重新推导：一致
"
    );
}

#[test]
fn what_became_of_a_held_one_since() {
    for (verdict, state, said) in [
        ("held", Some("held"), "待定，仍待定（"),
        ("held", Some("accepted"), "待定，后来已放行（"),
        ("held", Some("unchanged"), "待定，后来不再待定：内容未变，或已有更新的一条（"),
        ("held", Some("rejected"), "待定，后来退回（"),
        ("rejected", Some("rejected"), "退回（"),
        ("rejected", None, "退回（"),
        ("unchanged", None, "未变（"),
    ] {
        let text = printed(&explained(Vec::new(), vec![other(verdict, state)]));
        assert!(text.contains(&format!("\n未成版本：{said}")), "{verdict} {state:?}: {text}");
        assert!(text.ends_with("从原始字节重新推导：还没有版本\n"), "{text}");
    }
}

#[test]
fn every_state_has_its_word() {
    let words = ["待发", "等上级", "在途", "已确认", "被拒", "被取代", "放弃", "范围外"];
    let states = ["due", "waiting", "sent", "confirmed", "refused", "superseded", "abandoned", "excluded"];
    for (state, word) in states.into_iter().zip(words) {
        let version = ExplainedVersion { deliveries: vec![delivery("n", state, None, None)], ..version() };
        let text = printed(&explained(vec![version], Vec::new()));
        assert!(text.contains(&format!("\n  → n {word}\n")), "{text}");
    }
}

#[test]
fn whose_it_is_is_said_where_there_is_a_roster() {
    let of = |subject, name: &str| {
        let owner = Owned { identifier: "chem:410900017".into(), subject, name: name.into() };
        printed(&explained(vec![ExplainedVersion { owner: Some(owner), ..version() }], Vec::new()))
    };
    let known = of(Some(7), "甲化工");
    assert!(known.contains("\n  归属：甲化工（名册第 7 号主体，chem:410900017）\n"), "{known}");
    let open = of(None, "");
    assert!(open.contains("\n  归属未定：名册里没有 chem:410900017（lianwang roster unknown）\n"), "{open}");
    let json = serde_json::to_value(version()).unwrap();
    assert!(json.get("owner").is_none(), "without a roster nothing is said: {json}");
}

#[test]
fn a_damaged_original_is_said_beside_the_values_that_are_left() {
    let kept = ExplainedField { value: Some("2".into()), ..ExplainedField::default() };
    let version = ExplainedVersion {
        fields: BTreeMap::from([("level".to_owned(), kept)]),
        damaged: Some("原文 00ff 不在库中".into()),
        same: false,
        ..version()
    };
    let explained = Explained { derived_again: false, ..explained(vec![version], Vec::new()) };
    let text = printed(&explained);
    assert!(
        text.contains("\n  原文损坏：原文 00ff 不在库中；以下是账上的值，来历无从推导\n  等级 level：“2”\n"),
        "{text}"
    );
    assert!(text.ends_with("从原始字节重新推导：原文损坏，无从推导！\n"), "{text}");
    assert_eq!(failing(&explained), "原文损坏，无从重新推导：原文 00ff 不在库中");
}

#[test]
fn a_version_that_is_gone_or_other_is_never_called_the_same() {
    let gone =
        Explained { derived_again: false, missing: Some(18), ..explained(vec![version()], Vec::new()) };
    assert!(
        printed(&gone).ends_with("\n账上缺版本 18：它本应是这条记录的现状\n\n从原始字节重新推导：不一致！\n")
    );
    assert_eq!(failing(&gone), "账上缺版本 18，它本应是这条记录的现状");

    let version = ExplainedVersion { same: false, ..version() };
    let other = Explained { derived_again: false, ..explained(vec![version], Vec::new()) };
    assert!(printed(&other).contains("\n  重新推导与账上不一致！\n"));
    assert_eq!(failing(&other), "从原始字节重新推导，结果与账上不同");
}

#[test]
fn the_json_has_nothing_that_is_only_for_the_words() {
    let json = serde_json::to_value(explained(vec![version()], vec![other("held", Some("held"))])).unwrap();
    let keys = |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&json), ["derived_again", "key", "others", "versions"]);
    assert_eq!(
        keys(&json["versions"][0]),
        ["deliveries", "document", "fields", "issues", "place", "revision", "seq"]
    );
    assert_eq!(keys(&json["others"][0]), ["at", "document", "issues", "place", "state", "verdict"]);
}

fn demo() -> Pinned {
    let loaded = config::load(None).unwrap();
    Pinned { no: 1, rules: loaded.compiled.unwrap() }
}

#[test]
fn an_unknown_kind_is_told_from_an_unknown_key() {
    let demo = demo();
    let said = unknown(Some(&demo), "hazrad", "1");
    assert!(said.starts_with("没有 hazrad 这种对象，是不是 hazard？\n有这些：\n  "), "{said}");
    assert!(said.contains("\n  hazard 隐患信息") && said.contains("\n  risk_unit "), "{said}");
    assert!(unknown(Some(&demo), "xyz", "1").starts_with("没有 xyz 这种对象\n有这些：\n"));
    assert_eq!(unknown(Some(&demo), "hazard", "1"), "账上没有 hazard 1");
    assert_eq!(unknown(None, "hazrad", "1"), "账上没有 hazrad 1");
}

#[test]
fn words_come_from_the_active_rules_or_go_without() {
    let demo = demo();
    let with = speech(Some(&demo), "hazard");
    assert_eq!((with.kind.as_str(), with.zone), ("隐患信息", chrono_tz::Asia::Shanghai));
    assert!(with.labels.contains(&("dangerLevel".to_owned(), "隐患等级".to_owned())));
    let without = speech(None, "hazard");
    assert_eq!((without.kind.as_str(), without.labels.len()), ("", 0));
}

#[test]
fn what_came_in_a_file_says_where_it_stood_and_what_it_mends() {
    let links = Links {
        file: Some(FromFile {
            name: "退回.xlsx".into(),
            digest: "00ff".into(),
            at: "tanks!第 3 行".into(),
            who: "张三".into(),
            why: "企业已改".into(),
        }),
        corrects: Some(Receipt { document: 5, place: 1 }),
        corrected_by: Vec::new(),
    };
    let mended = Links { corrected_by: vec![Receipt { document: 9, place: 0 }], ..Links::default() };
    let text = printed(&explained(
        vec![ExplainedVersion { links, ..version() }],
        vec![Other { links: mended, ..other("rejected", None) }],
    ));
    assert!(
        text.contains(
            "\n  取自文件 退回.xlsx（tanks!第 3 行），张三：企业已改\n  更正自 第 5 号文档第 2 条\n"
        ),
        "{text}"
    );
    assert!(text.contains("\n  已由 第 9 号文档第 1 条 更正\n"), "{text}");
}

#[test]
fn what_each_source_says_is_told_with_what_it_says_otherwise() {
    let says = |service: &str, priority, stands, differs: &[(&str, &str, &str)]| SourceSays {
        service: service.into(),
        said: (service == "park/tanks").then(|| "src:park/17".to_owned()),
        place: (7, 2),
        priority,
        stands,
        differs: differs
            .iter()
            .map(|(field, own, other)| ((*field).to_owned(), ((*own).to_owned(), (*other).to_owned())))
            .collect(),
    };
    let sources = vec![
        says("county/tanks", Some(2), true, &[]),
        says("park/tanks", None, false, &[("level", "3", "2"), ("unheard", "", "x")]),
    ];
    let said = printed(&Explained { sources, ..explained(vec![version()], Vec::new()) });
    assert!(said.contains("\n来源 county/tanks：以它为准（priority 2；文档 7 第 3 条）\n"), "{said}");
    assert!(
        said.contains("\n来源 park/tanks：另存（priority 未定；文档 7 第 3 条，说的是 src:park/17）\n"),
        "{said}"
    );
    assert!(said.contains("  等级 level：它说“3”，现为“2”\n"), "{said}");
    assert!(said.contains("  unheard：它说“”，现为“x”\n"), "{said}");
}

#[test]
fn what_was_given_back_is_told_with_who_and_whether_it_was_answered() {
    use crate::store::returned::ReturnState::{Answered, Gone, Open, Undone};
    let own = |no, state| ReturnTold {
        no,
        field: "f".into(),
        value: "0".into(),
        version: 17,
        source: "park".into(),
        state,
        why: "现场核查".into(),
        who: "李四".into(),
        at: "2026-11-20T00:00:00+00:00".into(),
    };
    let returned = vec![own(1, Open), own(2, Answered), own(3, Undone), own(4, Gone)];
    let said = printed(&Explained { returned, ..explained(vec![version()], Vec::new()) });
    for (no, state) in [(1, "等对方改"), (2, "对方已报来新的内容"), (3, "已撤回"), (4, "记录已删除")]
    {
        assert!(said.contains(&format!("退回第 {no} 号：版本 17 的f“0”退给 park，{state}")), "{said}");
    }
    assert!(said.contains("李四：现场核查"), "{said}");
}
