//! The rejection sheet: a sender gets exactly its own rows back, each once, with what is wrong where; mended, it is good.

use std::path::{Path, PathBuf};

use adapters::codec::xlsx::{Sheet, read_sheet};
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};
use tests::{
    Db,
    http::sample,
    on_both,
    rows::id,
    stage::{Stage, eager},
    state::Asked,
};

const SOURCE: [&str; 3] = ["rejections", "--source", "national-park"];

fn hazard(n: u32, changes: &Value) -> Value {
    sample::with(sample::hazard(n, 12, 14), changes)
}

/// What [`rejected`] says, and a level that nobody knows: held.
async fn dirty(stage: &Stage) {
    stage.park.post("/rows/hazard", &json!([hazard(21, &json!({"dangerLevel": "特大"}))])).await;
    rejected(stage).await;
}

/// Bad hazards: a name that lacks, a date of no day, formulas and long digits, nested fields, no id, no
/// record at all, a name said twice; and a good one.
async fn rejected(stage: &Stage) {
    let rows = json!([
        hazard(20, &json!({})),
        hazard(22, &json!({"dangerName": null, "cost": "=1+1", "dangerDesc": "一\n二"})),
        hazard(
            23,
            &json!({"registTime": "20240631080000", "extra": {"deep": [1], "card": "410101199001011234"}})
        ),
        hazard(24, &json!({"id": null, "dangerName": "没有主键", "registrant": "张三丰"})),
    ]);
    stage.park.post("/rows/hazard", &rows).await;
    stage.park.post_text("/rows/hazard", "[\"就这样\"]").await;
    stage.park.post_text("/rows/hazard", &twice()).await;
}

/// A hazard that says its name twice.
fn twice() -> String {
    let row = hazard(25, &json!({})).to_string();
    format!("[{},\"dangerName\":\"另一个名字\"}}]", row.strip_suffix('}').unwrap())
}

async fn night(stage: &Stage) {
    for command in [&["pull", "national-park"][..], &["refine"]] {
        let ended = stage.run(command).await;
        assert_eq!(ended.code, Some(0), "{command:?}: {ended:?}");
    }
}

async fn given(stage: &Stage, more: &[&str]) -> Vec<Value> {
    let command = [&SOURCE[..], &["--format", "json"], more].concat();
    serde_json::from_str(&stage.run(&command).await.said(0)).unwrap()
}

fn of(rows: &[Value], n: u32) -> &Value {
    rows.iter().find(|row| row["record"]["id"] == json!(id(n))).unwrap_or_else(|| panic!("{n}: {rows:#?}"))
}

async fn audited(stage: &Stage, what: &str) -> u64 {
    let audit: Value = serde_json::from_str(&stage.run(&["audit", "--json"]).await.said(0)).unwrap();
    assert_eq!(audit["holds"], json!(true));
    audit[what].as_u64().unwrap()
}

fn times(rows: &[Value], verdict: &str) -> u64 {
    let of = rows.iter().filter(|row| row["verdict"] == json!(verdict));
    of.map(|row| row["times"].as_u64().unwrap()).sum()
}

async fn workbook(stage: &Stage, name: &str, more: &[&str]) -> (PathBuf, String) {
    let path = stage.program.folder().join(name);
    let said = stage.run(&[&SOURCE[..], &["--out", path.to_str().unwrap()], more].concat()).await.said(0);
    (path, said)
}

fn sheet(path: &Path, title: &str) -> Sheet {
    read_sheet(&std::fs::read(path).unwrap(), title).unwrap()
}

/// The rows of a sheet: word → text.
fn lines(sheet: &Sheet) -> Vec<Value> {
    let line = |row: &adapters::codec::xlsx::Row| {
        let cells =
            row.cells.iter().map(|(at, text, _)| (sheet.header[*at].clone(), Value::from(text.as_str())));
        Value::Object(cells.collect())
    };
    sheet.rows.iter().map(line).collect()
}

#[tokio::test]
async fn each_bad_record_is_given_once_however_often_it_came() {
    on_both(async |db| {
        let stage = Stage::new(&db.url, &sample::files(50)).await;
        dirty(&stage).await;
        for _ in 0..3 {
            night(&stage).await;
        }
        let rejected = given(&stage, &[]).await;
        assert_eq!(rejected.len(), 5, "{rejected:#?}");
        assert!(rejected.iter().all(|row| row["times"] == json!(3) && row["verdict"] == json!("rejected")));
        assert_eq!(times(&rejected, "rejected"), audited(&stage, "rejected").await);
        let all = given(&stage, &["--held"]).await;
        assert_eq!((all.len(), times(&all, "rejected")), (6, 15));
        assert_eq!(times(&all, "held"), audited(&stage, "held").await);
        assert_eq!(of(&all, 21)["wrong"], json!(["dangerLevel"]));

        let nameless = of(&rejected, 22);
        assert_eq!(nameless["wrong"], json!(["dangerName"]));
        let issue = &nameless["issues"][0];
        assert_eq!((&issue["code"], &issue["place"]), (&json!("required"), &json!("dangerName")));
        assert!(issue["clause"].as_str().unwrap().starts_with("国家危化品数据模型 1.8"), "{issue:#}");
        let extra = &of(&rejected, 23)["record"];
        assert_eq!((&extra["extra.deep"], &extra["extra.card"]), (&json!([1]), &json!("410101199001011234")));
        let doubled = of(&rejected, 25);
        assert_eq!(doubled["wrong"], json!(["dangerName", "dangerName（第 2 次）"]));
        assert_eq!(doubled["record"]["dangerName（第 2 次）"], json!("另一个名字"));
        let unread = rejected.iter().find(|row| row.get("raw").is_some()).unwrap();
        assert_eq!((&unread["raw"], &unread["id"]), (&json!("\"就这样\""), &json!("")));
        let keyless = rejected.iter().find(|row| row["record"]["dangerName"] == json!("没有主键")).unwrap();
        assert_eq!((&keyless["id"], &keyless["wrong"]), (&json!(""), &json!(["id"])));
    })
    .await;
}

#[tokio::test]
async fn what_was_mended_is_gone_and_what_is_still_bad_is_not() {
    on_both(async |db| {
        let stage = Stage::new(&db.url, &sample::files(50)).await;
        stage
            .park
            .post("/rows/hazard", &json!([hazard(20, &json!({})), hazard(21, &json!({"dangerName": null}))]))
            .await;
        night(&stage).await;
        assert_eq!(given(&stage, &[]).await.len(), 1);
        // the good one goes bad, the bad one is mended
        let good = hazard(21, &json!({"updateDate": "20240602080000"}));
        stage.park.post("/rows/hazard", &json!([hazard(20, &json!({"dangerName": null})), good])).await;
        night(&stage).await;
        let rows = given(&stage, &[]).await;
        assert_eq!((rows.len(), &of(&rows, 20)["times"]), (1, &json!(1)));
        let said = stage.run(&[&SOURCE[..], &["--format", "csv"]].concat()).await;
        assert!(said.err.contains("另有 1 次退回，同一主键后来另有结论"), "{said:?}");
        // and then it comes again exactly as it was accepted: found unchanged, which leaves no row
        stage.park.post("/rows/hazard", &json!([hazard(20, &json!({}))])).await;
        night(&stage).await;
        assert_eq!(given(&stage, &[]).await, Vec::<Value>::new());
        assert_eq!(audited(&stage, "rejected").await, 2);
        let said = stage.run(&SOURCE).await.said(0);
        assert!(said.contains("没有退回的记录") && said.contains("另有 2 次退回"), "{said}");
        // bad once more, in other words: counted with the times before
        stage.park.post("/rows/hazard", &json!([hazard(20, &json!({"dangerLevel": null}))])).await;
        night(&stage).await;
        let rows = given(&stage, &[]).await;
        assert_eq!((rows.len(), &of(&rows, 20)["times"]), (1, &json!(2)));
    })
    .await;
}

#[tokio::test]
async fn a_word_that_was_decided_takes_its_records_off_the_sheet() {
    on_both(async |db| {
        let files = sample::files(50)
            .replacing(
                "sources/national-park/control_measure.toml",
                "dataSrc = \"dataSrc\"",
                "dataSrc = { from = \"dataSrc\", table = \"park-control-mode\" }",
            )
            .with("tables/park-control-mode.csv", "from,code\n1,1\n2,2\n");
        let stage = Stage::new(&db.url, &files).await;
        stage.family(1).await;
        let mut measure = sample::measure(13, 11);
        measure["dataSrc"] = "人工隐患排查".into();
        stage.park.post("/rows/control_measure", &json!([measure])).await;
        stage.finish().await;
        assert_eq!(given(&stage, &[]).await, Vec::<Value>::new());
        let held = given(&stage, &["--held"]).await;
        assert_eq!(
            (held.len(), &held[0]["verdict"], &held[0]["wrong"]),
            (1, &json!("held"), &json!(["dataSrc"]))
        );
        let map = [
            "codes",
            "map",
            "national-park",
            "park-control-mode",
            "人工隐患排查",
            "2",
            "--why",
            "核实",
            "--by",
            "张三",
        ];
        assert_eq!(stage.run(&map).await.code, Some(0));
        stage.finish().await;
        assert_eq!(given(&stage, &["--held"]).await, Vec::<Value>::new());
    })
    .await;
}

#[tokio::test]
async fn the_same_bytes_under_another_configuration_are_one_row() {
    on_both(async |db| {
        let stage = Stage::new(&db.url, &sample::files(50)).await;
        dirty(&stage).await;
        night(&stage).await;
        let mapping = format!("{}/sources/national-park/hazard.toml", stage.config);
        let text = std::fs::read_to_string(&mapping).unwrap();
        std::fs::write(&mapping, text.replace("checkAcceptComment = \"checkAcceptComment\"\n", "")).unwrap();
        assert_eq!(stage.run(&["apply", &stage.config, "--why", "少读一列"]).await.code, Some(0));
        night(&stage).await;
        let rows = given(&stage, &[]).await;
        assert_eq!(
            (rows.len(), times(&rows, "rejected")),
            (5, audited(&stage, "rejected").await),
            "{rows:#?}"
        );
        assert!(rows.iter().all(|row| row["times"] == json!(2)));
    })
    .await;
}

#[tokio::test]
async fn a_sheet_is_mended_cell_by_cell_and_is_then_good() {
    on_both(async |db| {
        let stage = Stage::new(&db.url, &sample::files(50)).await;
        dirty(&stage).await;
        stage
            .park
            .post("/rows/risk_unit", &json!([sample::with(sample::unit(30), &json!({"riskUnitName": null}))]))
            .await;
        night(&stage).await;
        let (path, said) = workbook(&stage, "退回.xlsx", &["--held"]).await;
        for part in [
            "hazard：退回 5 条（共来过 5 次），待定 1 条",
            "risk_unit：退回 1 条",
            "共 7 条，写进了",
            "截至 ",
            "可能含个人信息",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
        let read = sheet(&path, "hazard");
        assert_eq!(&read.header[..2], ["id", "hazardCode"], "the mapping's words first");
        assert_eq!(read.header.last().map(String::as_str), Some("来源写法"));
        let all = lines(&read);
        assert_eq!(all.len(), 6);
        let row = |n: u32| all.iter().find(|line| line["id"] == json!(id(n))).unwrap();
        assert_eq!((&row(22)["cost"], &row(22)["dangerDesc"]), (&json!("=1+1"), &json!("一\n二")));
        assert_eq!(row(23)["extra.card"], json!("410101199001011234"));
        assert_eq!((&row(21)["判定"], &row(22)["判定"]), (&json!("待定"), &json!("退回")));
        let told = row(23)["问题"].as_str().unwrap();
        assert!(told.contains("registTime 写了“20240631080000”") && told.contains("应当"), "{told}");
        assert!(all.iter().any(|line| line["原文"] == json!("\"就这样\"")));
        assert!(row(22)["来源回执"].as_str().unwrap().split_once('/').is_some());

        let unmended = inspected(&stage, &path).await;
        assert_eq!(
            (unmended["found"].as_u64(), unmended["accepted"].as_u64()),
            (Some(6), Some(0)),
            "{unmended:#}"
        );
        let faults = unmended["faults"].as_array().unwrap();
        assert!(faults.iter().any(|fault| fault["code"] == json!("repeated-field")), "{faults:#?}");
        let unread: Vec<&str> =
            unmended["unread"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
        assert!(!unread.contains(&"判定") && !unread.contains(&"问题"), "{unread:?}");

        let mended = stage.program.folder().join("改好.xlsx");
        mend(&read, &mended);
        let told = inspected(&stage, &mended).await;
        assert_eq!(
            (&told["found"], &told["accepted"], &told["rejected"]),
            (&json!(6), &json!(6), &json!(0)),
            "{told:#}"
        );
    })
    .await;
}

async fn inspected(stage: &Stage, path: &Path) -> Value {
    let file = path.to_str().unwrap();
    let command = [
        "inspect",
        file,
        "--source",
        "national-park",
        "--service",
        "hazard",
        "--json",
        "--config",
        &stage.config,
    ];
    serde_json::from_str(&stage.program.run(&command).await.out).unwrap()
}

/// A clerk's work: every row's bad cells, and nothing of ours, are written over; what cannot be read is written anew.
fn mend(sheet: &Sheet, to: &Path) {
    let at = |word: &str| sheet.header.iter().position(|known| known == word).unwrap();
    let mut book = Workbook::new();
    book.add_worksheet().set_name("别的").unwrap();
    let written = book.add_worksheet().set_name("hazard").unwrap();
    let column = |at: usize| u16::try_from(at).unwrap();
    for (n, word) in sheet.header.iter().enumerate() {
        written.write(0, column(n), word).unwrap();
    }
    for (n, row) in (1_u32..).zip(&sheet.rows) {
        let mut cells: std::collections::BTreeMap<usize, String> =
            row.cells.iter().map(|(at, text, _)| (*at, text.clone())).collect();
        let raw = cells.contains_key(&at("原文"));
        if raw || !cells.contains_key(&at("id")) {
            cells.insert(at("id"), id(40 + n));
        }
        if raw {
            let good = hazard(24, &json!({}));
            for (word, value) in good.as_object().unwrap().iter().filter(|(word, _)| *word != "id") {
                cells.insert(at(word), value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            }
        }
        cells.insert(at("dangerLevel"), "0".to_owned());
        cells.insert(at("dangerName"), "改好的".to_owned());
        cells.remove(&at("dangerName（第 2 次）"));
        cells.insert(at("registTime"), "20240606080000".to_owned());
        cells.insert(at("cost"), "0.5".to_owned());
        for (at, text) in cells {
            written.write(n, column(at), text).unwrap();
        }
    }
    book.save(to).unwrap();
}

#[tokio::test]
async fn text_is_for_one_list_and_harms_no_spreadsheet() {
    let stage = Stage::new("sqlite://sheet.db", &sample::files(50)).await;
    dirty(&stage).await;
    stage
        .park
        .post("/rows/risk_unit", &json!([sample::with(sample::unit(30), &json!({"riskUnitName": null}))]))
        .await;
    night(&stage).await;
    let text = [&SOURCE[..], &["--format", "csv"]].concat();
    let told = stage.run(&text).await.complained(2);
    assert!(told.contains("csv 一次只能写一个服务") && told.contains("hazard、risk_unit"), "{told}");
    let one = stage.run(&[&text[..], &["--service", "hazard"]].concat()).await;
    assert!(one.err.contains("共 5 条；截至"), "{}", one.err);
    let out = one.said(0);
    assert!(out.starts_with("\u{feff}id,hazardCode,"), "{out}");
    for part in
        ["'=1+1", "\"一\n二\"", "'410101199001011234", "dangerName、dangerName（第 2 次）", "'20240631080000"]
    {
        assert!(out.contains(part), "{part}: {out}");
    }
    let file = stage.program.folder().join("unit.csv");
    let to_file = [&text[..], &["--service", "risk_unit", "--out", file.to_str().unwrap()]].concat();
    assert!(stage.run(&to_file).await.said(0).contains("共 1 条，写进了"));
    assert_eq!(std::fs::read_to_string(&file).unwrap().lines().count(), 2);
    assert!(stage.run(&to_file).await.complained(2).contains("没有改它"));
}

#[tokio::test]
async fn persons_can_be_masked() {
    let stage = Stage::new("sqlite://sheet.db", &sample::files(50)).await;
    dirty(&stage).await;
    night(&stage).await;
    let rows = given(&stage, &["--masked"]).await;
    let text = serde_json::to_string(&rows).unwrap();
    for hidden in ["张三丰", "登记人", "责任人", "410101199001011234", "就这样"] {
        assert!(!text.contains(hidden), "{hidden}");
    }
    let keyless = rows.iter().find(|row| row["record"]["dangerName"] == json!("没有主键")).unwrap();
    assert_eq!(keyless["record"]["registrant"], json!("张**"));
    assert_eq!(of(&rows, 23)["record"]["extra.card"], json!("***"), "nobody knows what it is");
    let (path, said) = workbook(&stage, "遮住.xlsx", &["--masked"]).await;
    assert!(!said.contains("可能含个人信息"), "{said}");
    assert!(!serde_json::to_string(&lines(&sheet(&path, "hazard"))).unwrap().contains("张三丰"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600,
            "for its owner alone"
        );
    }
}

/// What age took of it.
async fn aged(db: &Db, stage: &Stage) {
    db.run("UPDATE blob SET used_at = 0").await;
    assert_eq!(stage.run(&["retention"]).await.code, Some(0));
}

#[tokio::test]
async fn what_age_took_the_bytes_of_is_given_with_what_is_known() {
    on_both(async |db| {
        let hub = "node = \"national-park\"\n[retention]\nraw_days = 30\nissue_days = 30\n";
        let stage = Stage::new(&db.url, &eager().with("lianwang.toml", hub)).await;
        rejected(&stage).await;
        night(&stage).await;
        aged(db, &stage).await;
        let rows = given(&stage, &[]).await;
        assert_eq!(rows.len(), 5);
        for row in &rows {
            let why = row["gone"].as_str().unwrap_or_else(|| panic!("{row:#}"));
            assert!(why.contains("已按保留规则（保留 30 天）"), "{why}");
            assert!(!row["issues"].as_array().unwrap().is_empty());
        }
        assert!(
            rows.iter().any(|row| row["id"] == json!(id(22).replace('-', "").to_lowercase())),
            "{rows:#?}"
        );
        let (path, _) = workbook(&stage, "旧.xlsx", &[]).await;
        let all = lines(&sheet(&path, "hazard"));
        assert!(
            all.iter().all(|line| line["问题"].as_str().unwrap().contains("原来的内容拿不到了")),
            "{all:#?}"
        );
        // what was noted is gone, too: it can only be counted
        db.run("UPDATE issue SET at = 0").await;
        db.run("UPDATE document SET received_at = 0").await;
        assert_eq!(stage.run(&["retention"]).await.code, Some(0));
        assert_eq!(given(&stage, &[]).await, Vec::<Value>::new());
        let said = stage.run(&SOURCE).await.said(0);
        assert!(said.contains("另有 5 次退回的说明已按保留规则清除"), "{said}");
    })
    .await;
}

#[tokio::test]
async fn only_what_is_asked_for_is_given_and_what_is_not_there_is_told() {
    on_both(async |db| {
        let stage = Stage::new(&db.url, &sample::files(50)).await;
        stage.family(1).await;
        night(&stage).await;
        let (asked, counted) = (
            Asked::open(db).await,
            "SELECT CAST(SUM(epoch) + (SELECT seq FROM counter) AS BIGINT) FROM lease",
        );
        let nothing = stage.run(&SOURCE).await.said(0);
        assert!(nothing.contains("来源 national-park 没有退回的记录；截至"), "{nothing}");
        assert!(!stage.program.folder().join("退回-national-park.xlsx").exists(), "no row, no file");
        assert!(
            stage.run(&[&SOURCE[..], &["--held"]].concat()).await.said(0).contains("没有退回或待定的记录")
        );
        assert_eq!(stage.run(&[&SOURCE[..], &["--format", "json"]].concat()).await.said(0), "[]\n");
        dirty(&stage).await;
        night(&stage).await;
        for since in ["2001-01-01", "2001-01-01T00:00:00+08:00"] {
            assert_eq!(given(&stage, &["--since", since]).await.len(), 5);
        }
        let before = asked.number(counted).await;
        assert_eq!(given(&stage, &["--since", "2999-01-01"]).await.len(), 0);
        assert_eq!(given(&stage, &["--service", "risk_unit"]).await.len(), 0);
        assert!(stage.run(&SOURCE).await.said(0).contains("写进了 退回-national-park.xlsx"));
        assert!(stage.program.folder().join("退回-national-park.xlsx").exists());
        assert!(stage.run(&SOURCE).await.complained(2).contains("没有改它"));
        for (asked, told) in [
            (
                &["rejections", "--source", "national-prak"][..],
                "没有来源 national-prak；是不是 national-park",
            ),
            (
                &["rejections", "--source", "national-park", "--service", "hazrd"],
                "没有服务 hazrd；是不是 hazard",
            ),
            (&["rejections", "--source", "national-park", "--since", "昨天"], "看不懂时刻“昨天”"),
            (
                &["rejections", "--source", "national-park", "--out", "no/such/folder/x.xlsx"],
                "写不了 no/such/folder/x.xlsx",
            ),
        ] {
            let complained = stage.run(asked).await.complained(2);
            assert!(complained.contains(told), "{told}: {complained}");
        }
        // nothing was written by any of it
        assert_eq!(asked.number(counted).await, before);
        asked.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_landed_and_is_not_judged_is_told_of() {
    let stage = Stage::new("sqlite://sheet.db", &sample::files(50)).await;
    dirty(&stage).await;
    assert_eq!(stage.run(&["pull", "national-park"]).await.code, Some(0));
    let said = stage.run(&SOURCE).await.said(0);
    assert!(said.contains("还没有研判过它的数据") && said.contains("还有 7 条收到了没有研判"), "{said}");
}
