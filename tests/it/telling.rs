//! What the rules tell of themselves, and what a file is told before it is sent: `docs` and `inspect`.

use std::path::Path;

use gateway::config::{Revision, compile, embedded};
use rust_xlsxwriter::Workbook;
use serde_json::Value;
use tests::process::Lianwang;

fn lianwang() -> Lianwang {
    Lianwang::new("commands::lianwang_process")
}

#[test]
fn the_page_of_the_schema_is_what_the_rules_say() {
    let (compiled, problems) = compile(Revision::new(embedded::shipped()));
    let made = compiled.unwrap_or_else(|| panic!("{problems:?}")).rulebook.schema_page();
    tests::kept::is_kept("docs/schema.md", &made);
}

#[tokio::test]
async fn the_rules_are_told_for_people_and_programs() {
    let program = lianwang();
    assert!(program.run(&["docs", "schema"]).await.said(0).starts_with("# 省级数据模型"));
    let one = program.run(&["docs", "schema", "safety_day_report"]).await.said(0);
    assert!(one.contains("## 主题安全日活动（safety_day_report）") && !one.contains("（hazard）"), "{one}");
    assert!(program.run(&["docs", "schema", "hazrd"]).await.complained(2).contains("是不是 hazard"));
    let schema: Value = serde_json::from_str(
        &program.run(&["docs", "json-schema", "hazard", "--profile", "chem"]).await.said(0),
    )
    .unwrap();
    assert!(schema["required"].as_array().unwrap().contains(&"dangerLevel".into()));
    let personal = program.run(&["docs", "personal", "hazard"]).await.said(0);
    assert!(personal.contains("hazard\tregistrant\t登记人\tname"), "{personal}");
    assert!(program.run(&["docs", "json-schema", "hazrd"]).await.complained(2).contains("是不是 hazard"));
    let wrong = program.run(&["docs", "template", "hazard", "--profile", "chmm"]).await.complained(2);
    assert!(wrong.contains("没有行业 chmm"), "{wrong}");
}

#[tokio::test]
async fn a_blank_workbook_is_written_once_and_holds_no_record() {
    let program = lianwang();
    let file = program.folder().join("隐患.xlsx");
    let file = file.to_str().unwrap();
    let said = program.run(&["docs", "template", "hazard", "--out", file]).await.said(0);
    assert!(said.contains("lianwang inspect"), "{said}");
    let told = program.run(&["inspect", file, "--kind", "hazard"]).await.said(0);
    assert!(told.contains("共 0 条") && !told.contains("没有用到的列"), "{told}");
    assert!(
        program.run(&["docs", "template", "hazard", "--out", file]).await.complained(2).contains("没有改它")
    );
}

/// A workbook of a clerk: labels for columns and codes, one level nobody knows, one date that is none.
fn workbook(file: &Path) {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("隐患").unwrap();
    let rows = [
        ["主键*", "隐患名称", "隐患等级", "登记时间", "备注说明"],
        ["1", "通道堵塞", "一般隐患", "2024-06-06 08:00:00", ""],
        ["2", "护栏缺失", "特大隐患", "2024-06-31 08:00:00", "x"],
    ];
    for (row, cells) in (0..).zip(rows) {
        for (column, text) in (0..).zip(cells) {
            sheet.write(row, column, text).unwrap();
        }
    }
    book.save(file).unwrap();
}

#[tokio::test]
async fn a_clerk_is_told_which_cell_and_what_to_write() {
    let program = lianwang();
    let file = program.folder().join("自查.xlsx");
    workbook(&file);
    let file = file.to_str().unwrap();
    let said = program.run(&["inspect", file, "--kind", "hazard"]).await.said(1);
    for part in [
        "自查.xlsx:隐患!C3",
        "dangerLevel = 特大隐患",
        "自查.xlsx:隐患!D3",
        "没有用到的列：备注说明",
        "可接收 1，待定 0，退回 1",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let json: Value =
        serde_json::from_str(&program.run(&["inspect", file, "--kind", "hazard", "--json"]).await.said(1))
            .unwrap();
    assert_eq!((&json["found"], &json["faults"][1]["at"]), (&2.into(), &"隐患!D3".into()));
}

#[tokio::test]
async fn a_batch_is_told_line_and_column_in_its_senders_words() {
    let program = lianwang();
    let write = |name: &str, text: &str| {
        let path = program.folder().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let one =
        r#"{"ID":"84e906751d284298bf89a3a79e23bd62","CORP_CODE":"41090001","DANGER_NAME":"阀门\u6cc4漏"}"#;
    let night = write("t_yhzlxx.ndjson", &format!("\u{feff}{one}\n{{\"ID\": broken\n\n{one}\n"));
    let said = program.run(&["inspect", &night, "--source", "demo-park"]).await.said(1);
    for part in [
        "t_yhzlxx.ndjson:1:55\n   | CORP_CODE = 41090001",
        "退回 unreadable",
        "t_yhzlxx.ndjson:2:1",
        "t_yhzlxx.ndjson:4:55",
        "共 3 条",
        "1 条的主键在前面出现过",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let answer =
        write("answer.json", &format!("{{\"code\":0,\"data\":{{\"total\":1,\"records\":[{one}]}}}}"));
    let named = ["inspect", &answer, "--source", "demo-park", "--service", "t_yhzlxx"];
    assert!(program.run(&named).await.said(1).contains("共 1 条"));
    let list = write("list.json", &format!("[{one},{one}]"));
    let named = ["inspect", &list, "--source", "demo-park", "--service", "t_yhzlxx"];
    assert!(program.run(&named).await.said(1).contains("共 2 条"));
}

#[tokio::test]
async fn what_cannot_be_inspected_is_told() {
    let program = lianwang();
    let text = program.folder().join("x.txt");
    std::fs::write(&text, "ID,NAME\n1,2\n").unwrap();
    let text = text.to_str().unwrap();
    let plain = program.run(&["inspect", text, "--kind", "hazard"]).await.complained(1);
    assert!(plain.contains("也不是 .xlsx 工作簿"), "{plain}");
    assert!(program.run(&["inspect", text]).await.complained(2).contains("--source"));
    assert!(
        program
            .run(&["inspect", text, "--source", "demo-prak"])
            .await
            .complained(2)
            .contains("现有：demo-county、demo-mine、demo-park")
    );
    assert!(
        program
            .run(&["inspect", text, "--source", "demo-park"])
            .await
            .complained(2)
            .contains("t_yhzlxx（hazard）")
    );
    let missing = program.run(&["inspect", "nowhere.json", "--kind", "hazard"]).await.complained(2);
    assert!(missing.contains("读不到文件 nowhere.json"), "{missing}");
}
