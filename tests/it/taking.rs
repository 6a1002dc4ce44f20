//! A mended rejection sheet taken in again: its rows are judged and forwarded like any, once, and stand for what they mend.

use std::{
    os::unix::process::ExitStatusExt as _,
    path::{Path, PathBuf},
};

use adapters::codec::xlsx::{Sheet, read_sheet};
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};
use tests::{
    http::sample,
    on_both,
    rows::{id, wire},
    stage::Stage,
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
    let at = |word: &str| sheet.header.iter().position(|known| known == word).unwrap();
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
    if !said("原文").is_empty() {
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
