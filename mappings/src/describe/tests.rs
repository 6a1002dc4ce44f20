//! What is told of the rules, against the rules.

use serde_json::{Value, json};

use crate::{
    RuleFile, Rulebook,
    tests::{compiled, file, small},
};

fn book() -> Rulebook {
    let mut files: Vec<RuleFile> = small();
    files.push(file(
        "profiles/mine.toml",
        "profile = \"mine\"\nlabel = \"非煤矿山\"\n[note.fields]\nday = { required = true }\nname = { pattern = { is = '^甲', level = \"warn\" } }\nperson = { required_if = \"level == '1'\" }\ncount = { range = [1, 9] }\n[[note.rule]]\ncode = \"costly\"\ncheck = \"cost * 2 < 10\"\nmessage = \"太贵\"\nlevel = \"hold\"\n[[note.example]]\nname = \"没有日期\"\nverdict = \"rejected\"\nissues = [\"required day\"]\ninput = { id = \"1\", name = \"甲\" }\n",
    ));
    compiled(&files)
}

#[test]
fn the_page_tells_every_field_rule_and_industry() {
    let page = book().schema_page();
    for part in [
        "| [note](#note) | 便条 | 15 | – |",
        "| folderId | 所属夹 | 引用 [folder](#folder) | 最多 200 字 |",
        "| name | 名称 | 文本 | 必填；最多 10 字 |  |  |",
        "| level | 等级 | 代码 [level](#level) |  |  |  |",
        "| count | 数量 | 整数 | 0 至 99",
        "- `day-before-at` 日期早于时刻：`day >= at`（否则提示）",
        "**非煤矿山**（`mine`）另外要求：\n\n- 必填：日期\n",
        "- 名称：格式 ^甲（否则提示）",
        "- 姓名：当“等级为重大”时必填",
        "- `costly` 太贵：`cost * 2 < 10`（否则待定）",
        "- `mine` 退回：日期不能为空",
        "## 便条（note）",
        "### level\n\n0 一般、1 重大",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
}

#[test]
fn a_schema_demands_what_would_be_refused_and_tells_the_rest() {
    let book = book();
    let plain = book.json_schema("note", None).unwrap();
    assert_eq!(plain["title"], "便条");
    assert_eq!(plain["required"], json!(["id", "name"]));
    assert_eq!(plain["properties"]["name"]["maxLength"], 10);
    assert_eq!(plain["properties"]["count"]["maximum"], 99);
    assert_eq!(
        plain["properties"]["level"]["oneOf"],
        json!([{ "const": "0", "title": "一般" }, { "const": "1", "title": "重大" }])
    );
    let mine = book.json_schema("note", Some("mine")).unwrap();
    assert_eq!(mine["required"], json!(["id", "name", "day"]));
    assert_eq!(mine["properties"]["name"].get("pattern"), None);
    assert_eq!(mine["properties"]["name"]["description"], "格式 ^甲（否则提示）");
    assert_eq!(
        (&mine["properties"]["count"]["minimum"], &mine["properties"]["count"]["maximum"]),
        (&json!(1), &json!(9))
    );
    let then = json!([{ "if": { "properties": { "level": { "enum": ["1"] } }, "required": ["level"] }, "then": { "required": ["person"] } }]);
    assert_eq!((mine["allOf"].clone(), plain.get("allOf")), (then, None));
    assert!(mine["$comment"].as_str().unwrap().contains("太贵：cost * 2 < 10（否则待定）"));
    assert_eq!(book.json_schema("nots", None), None::<Value>);
    assert_eq!(book.json_schema("note", Some("chem")), None);
}

#[test]
fn personal_fields_are_listed_with_what_they_are() {
    let book = book();
    let found: Vec<_> =
        book.personal_fields().map(|(kind, field, mark)| (kind.name(), field.name(), mark)).collect();
    assert_eq!(
        found,
        [("note", "person", "name"), ("note", "photo", "image"), ("note", "touchedBy", "name")]
    );
}
