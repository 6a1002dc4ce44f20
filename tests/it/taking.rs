//! A mended rejection sheet taken in again: its rows are judged and forwarded like any, once, and stand for what they mend.

use std::{
    os::unix::process::ExitStatusExt as _,
    path::{Path, PathBuf},
};

use adapters::codec::xlsx::{Sheet, read_sheet};
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};
use tests::{
    http::{running::until, sample},
    on_both,
    process::{line_of, terminate},
    rows::{id, wire},
    stage::{Stage, eager},
    state::Asked,
};

const SOURCE: [&str; 2] = ["--source", "national-park"];

fn hazard(n: u32, changes: &Value) -> Value {
    sample::with(sample::hazard(n, 12, 14), changes)
}

/// A family that is good, and hazards: one without a name, one without an id, and one that is no record at all.
async fn dirty(stage: &Stage) {
    stage.family(1).await;
    stage.park.post("/rows/check_task", &json!([sample::task(13, 12)])).await;
    stage.park.post("/rows/check_record", &json!([sample::check(14, 13)])).await;
    let rows = json!([
        hazard(22, &json!({"dangerName": null})),
        hazard(24, &json!({"id": null, "dangerName": "没有主键"})),
    ]);
    stage.park.post("/rows/hazard", &rows).await;
    stage.park.post_text("/rows/hazard", "[\"就这样\"]").await;
    night(stage).await;
}

async fn night(stage: &Stage) {
    for command in [&["pull", "national-park"][..], &["refine"], &["forward"]] {
        let _ = stage.run(command).await.said(0);
    }
}

/// Judged and sent, by the commands.
async fn judged(stage: &Stage) {
    for command in [&["refine"][..], &["forward"]] {
        let _ = stage.run(command).await.said(0);
    }
}

async fn given(stage: &Stage) -> Vec<Value> {
    let command = [&["rejections"], &SOURCE[..], &["--format", "json"]].concat();
    serde_json::from_str(&stage.run(&command).await.said(0)).unwrap()
}

async fn sheet_file(stage: &Stage, name: &str) -> PathBuf {
    let path = stage.program.folder().join(name);
    let command = [&["rejections"], &SOURCE[..], &["--out", path.to_str().unwrap()]].concat();
    let _ = stage.run(&command).await.said(0);
    path
}

async fn take(stage: &Stage, file: &Path, more: &[&str]) -> String {
    let command = [&["take", file.to_str().unwrap()], &SOURCE[..], more].concat();
    stage.run(&command).await.said(0)
}

/// Writes a sheet again, each row's cells as `mend` leaves them.
fn rewritten(sheet: &Sheet, to: &Path, mend: impl Fn(&mut dyn FnMut(&str, &str), &dyn Fn(&str) -> String)) {
    let at = |word: &str| sheet.header.iter().position(|known| known == word).unwrap_or(usize::MAX);
    let mut book = Workbook::new();
    let written = book.add_worksheet().set_name(&sheet.name).unwrap();
    let column = |at: usize| u16::try_from(at).unwrap();
    for (n, word) in sheet.header.iter().enumerate() {
        written.write(0, column(n), word).unwrap();
    }
    for (n, row) in (1_u32..).zip(&sheet.rows) {
        let mut cells: std::collections::BTreeMap<usize, String> =
            row.cells.iter().map(|(at, text, _)| (*at, text.clone())).collect();
        let was = cells.clone();
        let said = |word: &str| was.get(&at(word)).cloned().unwrap_or_default();
        mend(&mut |word, text| drop(cells.insert(at(word), text.to_owned())), &said);
        for (at, text) in cells {
            written.write(n, column(at), text).unwrap();
        }
    }
    book.save(to).unwrap();
}

/// What a clerk writes: a name, an id, and anew what could not be read.
fn clerk(set: &mut dyn FnMut(&str, &str), said: &dyn Fn(&str) -> String) {
    if said("hazardCode").is_empty() {
        for (word, value) in hazard(26, &json!({})).as_object().unwrap() {
            set(word, &value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        }
    }
    if said("dangerName") == "没有主键" {
        set("id", &id(24));
    }
    set("dangerName", "改好的");
}

async fn mended(stage: &Stage) -> PathBuf {
    let path = sheet_file(stage, "退回.xlsx").await;
    let sheet = read_sheet(&std::fs::read(&path).unwrap(), "hazard").unwrap();
    let to = stage.program.folder().join("改好.xlsx");
    rewritten(&sheet, &to, clerk);
    to
}

async fn audited(stage: &Stage) {
    let audit: Value =
        serde_json::from_str(&stage.run(&["audit", "--json", "--deep"]).await.said(0)).unwrap();
    assert_eq!(audit["holds"], json!(true), "{audit:#}");
}

#[tokio::test]
async fn a_mended_sheet_is_taken_and_empties_the_sheet() {
    on_both(async |db| {
        let stage = Stage::new(&db.url, &sample::files(50)).await;
        dirty(&stage).await;
        assert_eq!(given(&stage).await.len(), 3);
        let file = mended(&stage).await;
        let looked = take(&stage, &file, &["--dry-run"]).await;
        assert!(looked.contains("共 3 条：可接收 3") && looked.contains("什么都没有写"), "{looked}");
        let said = take(&stage, &file, &["--yes", "--by", "张三", "--why", "企业改好了"]).await;
        assert!(said.contains("收下 3 条") && said.contains("3 条和原来退回的那条接上了"), "{said}");
        assert_eq!(given(&stage).await.len(), 3, "not judged yet: nobody knows what they come to");
        judged(&stage).await;
        assert_eq!(given(&stage).await, Vec::<Value>::new());
        let theirs = stage.province.ledger().await;
        for n in [22, 24, 26] {
            assert_eq!(theirs["last"][wire(n)]["seen"], json!(1), "{n}: {theirs:#}");
        }
        audited(&stage).await;
        // nothing of it goes twice
        let said = take(&stage, &file, &["--yes"]).await;
        assert!(said.contains("收过了") && said.contains("张三"), "{said}");
        judged(&stage).await;
        let asked = Asked::open(db).await;
        assert_eq!(asked.number("SELECT COUNT(*) FROM taken_file").await, 1);
        assert_eq!(asked.number("SELECT COUNT(*) FROM correction").await, 3);
        asked.close().await;
    })
    .await;
}

#[tokio::test]
async fn killed_while_it_lands_it_lands_once() {
    on_both(async |db| {
        let stage = Stage::new(&db.url, &sample::files(50)).await;
        dirty(&stage).await;
        let file = mended(&stage).await;
        let command = [&["take", file.to_str().unwrap(), "--yes"], &SOURCE[..]].concat();
        for (order, landed) in [("take:1:before", 0), ("take:1:after", 1)] {
            let child = stage.program.start_with(&stage.arguments(&command), &[("LIANWANG_KILL_AT", order)]);
            let ended = child.wait_with_output().await.unwrap();
            assert_eq!(ended.status.signal(), Some(9), "{order}: {ended:?}");
            let asked = Asked::open(db).await;
            assert_eq!(asked.number("SELECT COUNT(*) FROM taken_file").await, landed, "{order}");
            assert_eq!(asked.number("SELECT COUNT(*) FROM correction").await, 3 * landed, "{order}");
            asked.close().await;
        }
        let said = stage.run(&command).await.said(0);
        assert!(said.contains("收过了"), "{said}");
        judged(&stage).await;
        assert_eq!(given(&stage).await, Vec::<Value>::new());
        audited(&stage).await;
    })
    .await;
}

/// What a service is given back as text.
async fn given_as(stage: &Stage, format: &str) -> String {
    let command = [&["rejections"], &SOURCE[..], &["--service", "hazard", "--format", format]].concat();
    stage.run(&command).await.said(0)
}

fn written(stage: &Stage, name: &str, text: &str) -> PathBuf {
    let path = stage.program.folder().join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn receipts(rows: &[Value]) -> Vec<i64> {
    let mut documents: Vec<i64> =
        rows.iter().map(|row| row["receipt"]["document"].as_i64().unwrap()).collect();
    documents.dedup();
    documents
}

#[tokio::test]
async fn what_is_still_bad_takes_the_place_of_what_it_was() {
    on_both(async |db| {
        let stage = Stage::new(&db.url, &sample::files(50)).await;
        dirty(&stage).await;
        let before = given(&stage).await;
        let path = sheet_file(&stage, "退回.xlsx").await;
        let sheet = read_sheet(&std::fs::read(&path).unwrap(), "hazard").unwrap();
        // one of three is mended; the others come back as they went, in other words
        let half = stage.program.folder().join("一半.xlsx");
        rewritten(&sheet, &half, |set, said| {
            set("dangerDesc", "现场又看了一遍，需整改");
            if said("dangerName") == "没有主键" {
                set("id", &id(24));
            }
        });
        let said = take(&stage, &half, &["--yes"]).await;
        assert!(said.contains("可接收 1"), "{said}");
        judged(&stage).await;
        let after = given(&stage).await;
        assert_eq!((before.len(), after.len()), (3, 2), "{after:#?}");
        let [document] = receipts(&after)[..] else { panic!("{after:#?}") };
        assert!(!receipts(&before).contains(&document), "the newer ones are listed: {after:#?}");
        let listed = stage.run(&[&["rejections"], &SOURCE[..], &["--format", "json"]].concat()).await;
        assert!(listed.err.contains("不再列出"), "{listed:?}");
        // and these are mended from their own sheet
        let path = sheet_file(&stage, "再退回.xlsx").await;
        let sheet = read_sheet(&std::fs::read(&path).unwrap(), "hazard").unwrap();
        let good = stage.program.folder().join("都改好.xlsx");
        rewritten(&sheet, &good, clerk);
        let said = take(&stage, &good, &["--yes"]).await;
        assert!(said.contains("2 条和原来退回的那条接上了"), "{said}");
        judged(&stage).await;
        assert_eq!(given(&stage).await, Vec::<Value>::new());
        // what its sender sends again as it was is not mended there
        let rows = json!([hazard(24, &json!({"id": null, "dangerName": "没有主键"}))]);
        stage.park.post("/rows/hazard", &rows).await;
        night(&stage).await;
        assert!(!given(&stage).await.is_empty());
        audited(&stage).await;
    })
    .await;
}

#[tokio::test]
async fn text_and_json_come_back_like_workbooks() {
    on_both(async |db| {
        let stage = Stage::new(&db.url, &sample::files(50)).await;
        dirty(&stage).await;
        let csv = given_as(&stage, "csv").await;
        let header = csv.lines().next().unwrap().trim_start_matches('\u{feff}').to_owned();
        let name = header.split(',').position(|word| word == "dangerName").unwrap();
        let lines: Vec<String> = csv.split("\r\n").map(str::to_owned).collect();
        let nameless = lines.iter().position(|line| line.contains(&id(22))).unwrap();
        let mut cells: Vec<String> = lines[nameless].split(',').map(str::to_owned).collect();
        cells[name] = "'=1+1 改好的".to_owned();
        let mended = [&lines[..1], &[cells.join(",")]].concat().join("\r\n");
        let file = written(&stage, "退回.csv", &mended);
        let said = take(&stage, &file, &["--service", "hazard", "--yes"]).await;
        assert!(said.contains("收下 1 条") && said.contains("1 条和原来"), "{said}");
        judged(&stage).await;

        let mut rows: Vec<Value> = serde_json::from_str(&given_as(&stage, "json").await).unwrap();
        assert_eq!(rows.len(), 2, "{rows:#?}");
        for row in &mut rows {
            let is_read = row.get("raw").is_none();
            row["record"] = if is_read { row["record"].clone() } else { hazard(26, &json!({})) };
            row["record"]["id"] = json!(if is_read { id(24) } else { id(26) });
            row["record"]["hazardCategory"] = json!(0);
        }
        let file = written(&stage, "退回.json", &serde_json::to_string(&rows).unwrap());
        let said = take(&stage, &file, &["--yes"]).await;
        assert!(said.contains("收下 2 条") && said.contains("2 条和原来"), "{said}");
        judged(&stage).await;
        assert_eq!(given(&stage).await, Vec::<Value>::new());
        audited(&stage).await;

        let explained = stage.run(&["explain", "hazard", &id(22)]).await.said(0);
        assert!(
            explained.contains("=1+1 改好的") && explained.contains("取自文件 退回.csv（CSV!第 2 行）"),
            "{explained}"
        );
        assert!(explained.contains("更正自 第 ") && explained.contains("已由 第 "), "{explained}");
        let explained = stage.run(&["explain", "hazard", &id(26), "--json"]).await.said(0);
        let explained: Value = serde_json::from_str(&explained).unwrap();
        let version = &explained["versions"][0];
        assert_eq!(version["file"]["name"], json!("退回.json"), "{explained:#}");
        assert!(version["corrects"]["document"].as_i64().is_some(), "{explained:#}");
    })
    .await;
}

#[tokio::test]
async fn receipts_that_lead_nowhere_are_told_and_their_rows_are_plain_rows() {
    on_both(async |db| {
        let stage = Stage::new(&db.url, &sample::files(50)).await;
        dirty(&stage).await;
        let asked = Asked::open(db).await;
        let unit = asked.number("SELECT document FROM version WHERE kind = 'risk_unit'").await;
        asked.close().await;
        let mut rows: Vec<Value> = serde_json::from_str(&given_as(&stage, "json").await).unwrap();
        let own = rows[0]["receipt"]["document"].as_i64().unwrap();
        for (n, (row, document)) in (30_u32..).zip(rows.iter_mut().zip([999_999, unit, own])) {
            row["receipt"] = json!({"document": document, "place": 77});
            row["record"] = hazard(n, &json!({}));
            row.as_object_mut().unwrap().remove("raw");
        }
        let file = written(&stage, "别处.json", &serde_json::to_string(&rows).unwrap());
        let said = take(&stage, &file, &["--yes"]).await;
        for part in [
            "收下 3 条",
            "0 条和原来",
            "999999/77：账上没有这份文档",
            "是服务 risk_unit 的",
            "那份文档里没有这一条",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
        judged(&stage).await;
        assert_eq!(given(&stage).await.len(), 3, "nothing was mended");
        for n in [30, 31, 32] {
            let _ = stage.run(&["explain", "hazard", &id(n)]).await.said(0);
        }
        audited(&stage).await;
    })
    .await;
}

#[tokio::test]
async fn any_list_is_taken_and_a_file_that_was_changed_is_found_out() {
    on_both(async |db| {
        let stage = Stage::new(&db.url, &sample::files(50)).await;
        dirty(&stage).await;
        let lines = [hazard(40, &json!({})), hazard(41, &json!({})), hazard(42, &json!({}))];
        let text = format!("{}\n{}\n{{\"id\":\n{}\n", lines[0], lines[1], lines[2]);
        let file = written(&stage, "hazard.ndjson", &text);
        let said = take(&stage, &file, &["--yes"]).await;
        assert!(said.contains("收下 4 条") && said.contains("可接收 3"), "{said}");
        judged(&stage).await;
        for n in [40, 41, 42] {
            let _ = stage.run(&["explain", "hazard", &id(n)]).await.said(0);
        }
        audited(&stage).await;
        let said = stage.run(&[&["take", file.to_str().unwrap()], &SOURCE[..]].concat()).await;
        assert!(said.code == Some(2) && said.err.contains("--yes"), "{said:?}");
        let empty = written(&stage, "hazard.json", "[]");
        let said = stage.run(&[&["take", empty.to_str().unwrap(), "--yes"], &SOURCE[..]].concat()).await;
        assert!(said.code == Some(1) && said.err.contains("一条记录都没有"), "{said:?}");

        for (format, name) in [("xlsx", "遮住.xlsx"), ("json", "遮住.json")] {
            let path = stage.program.folder().join(name);
            let (asked, shown) =
                (["--service", "hazard", "--masked", "--format", format], path.to_str().unwrap());
            let command = [&["rejections"], &SOURCE[..], &asked[..], &["--out", shown]].concat();
            let _ = stage.run(&command).await.said(0);
            let command = [&["take", shown, "--service", "hazard", "--yes"], &SOURCE[..]].concat();
            assert!(stage.run(&command).await.complained(1).contains("遮住了个人信息"), "{name}");
        }

        let mended = mended(&stage).await;
        let _ = take(&stage, &mended, &["--yes"]).await;
        judged(&stage).await;
        audited(&stage).await;
        let other = "(SELECT digest FROM taken_file WHERE name = 'hazard.ndjson')";
        db.run(&format!(
            "UPDATE taken_file SET digest = {other}, service = 'other' WHERE name = '改好.xlsx'"
        ))
        .await;
        let audit = stage.run(&["audit", "--deep"]).await;
        assert!(audit.code == Some(1) && audit.out.contains("改好.xlsx"), "{audit:?}");
    })
    .await;
}

#[tokio::test]
async fn a_service_at_work_judges_and_sends_what_is_taken_beside_it() {
    on_both(async |db| {
        let stage = Stage::new(&db.url, &eager()).await;
        stage.family(1).await;
        let mut service = stage.program.start(&stage.arguments(&["run", "--listen", "127.0.0.1:0"]));
        line_of(&mut service, "状态页 ").await;
        let asked = Asked::open(db).await;
        let confirmed = "SELECT COUNT(*) FROM delivery WHERE state = 'confirmed'";
        until("the family is there", async || asked.number(confirmed).await == 3).await;
        let lines = format!("{}\n{}\n", sample::unit(50), sample::unit(51));
        let file = written(&stage, "risk_unit.ndjson", &lines);
        let said = take(&stage, &file, &["--yes"]).await;
        assert!(said.contains("收下 2 条"), "{said}");
        until("all are sent", async || asked.number(confirmed).await == 5).await;
        asked.close().await;
        assert_eq!(terminate(service).await.code, Some(0), "{}", db.name);
        audited(&stage).await;
    })
    .await;
}
