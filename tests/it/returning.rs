//! A field that only its sender may change, given back: it stands on the sender's sheet until a newer state comes from there,
//! and the record, its versions and what was sent are as they were.

use adapters::codec::xlsx::read_sheet;
use gateway::store::{
    Result, StoreError,
    returned::{Return, ReturnState},
};
use mappings::{Issue, Level};
use serde_json::{Value, json};
use tests::{
    Db, Files, World, faults::Breaker, http::sample, on_both, process::Ended, rows::id, stage::Stage,
    state::Asked,
};

const WHY: &str = "现场核查为重大隐患";

fn hazard(changes: &Value) -> Value {
    sample::with(sample::hazard(20, 12, 14), changes)
}

/// A family, and a hazard that is good.
async fn staged(db: &Db) -> Stage {
    let stage = Stage::new(&db.url, &sample::files(50)).await;
    stage.family(1).await;
    stage.park.post("/rows/check_task", &json!([sample::task(13, 12)])).await;
    stage.park.post("/rows/check_record", &json!([sample::check(14, 13)])).await;
    stage.park.post("/rows/hazard", &json!([hazard(&json!({}))])).await;
    stage.finish().await;
    stage
}

async fn returning(stage: &Stage, field: &str) -> Ended {
    stage.run(&["return", "hazard", &id(20), field, "--why", WHY, "--by", "李四"]).await
}

async fn read(stage: &Stage, command: &[&str]) -> Value {
    serde_json::from_str(&stage.run(command).await.said(0)).unwrap()
}

async fn sheet(stage: &Stage) -> Vec<Value> {
    let given = read(stage, &["rejections", "--source", "national-park", "--format", "json"]).await;
    given.as_array().unwrap().clone()
}

async fn states(stage: &Stage) -> Vec<String> {
    let all = read(stage, &["return", "--all", "--json"]).await;
    all.as_array().unwrap().iter().map(|own| own["state"].as_str().unwrap().to_owned()).collect()
}

async fn versions(db: &Db) -> i64 {
    let asked = Asked::open(db).await;
    let count = asked.number("SELECT COUNT(*) FROM version").await;
    asked.close().await;
    count
}

#[tokio::test]
async fn a_returned_field_is_on_the_sheet_until_its_sender_says_something_newer() {
    on_both(async |db| {
        let stage = staged(db).await;
        let before = (versions(db).await, read(&stage, &["audit", "--json"]).await);
        assert!(sheet(&stage).await.is_empty());
        assert!(returning(&stage, "dangerLevel").await.said(0).contains("national-park"));

        let rows = sheet(&stage).await;
        let [row] = rows.as_slice() else { panic!("{}: {rows:#?}", db.name) };
        assert_eq!((&row["verdict"], &row["wrong"]), (&json!("accepted"), &json!(["dangerLevel"])));
        assert_eq!(row["record"]["id"], json!(id(20)), "their own row");
        assert_eq!(row["issues"][0]["code"], json!("returned"));
        assert!(row["issues"][0]["message"].as_str().unwrap().contains(WHY));
        let explained = read(&stage, &["explain", "hazard", &id(20), "--json"]).await;
        let own = &explained["returned"][0];
        assert_eq!((&own["state"], &own["who"], &own["why"]), (&json!("open"), &json!("李四"), &json!(WHY)));
        assert_eq!(
            (versions(db).await, read(&stage, &["audit", "--json"]).await),
            before,
            "nothing is touched"
        );

        // the same again every night is no answer
        stage.finish().await;
        assert_eq!((sheet(&stage).await.len(), states(&stage).await), (1, vec!["open".to_owned()]));
        let mended = hazard(&json!({"dangerDesc": "改过", "updateDate": "20240701080000"}));
        stage.park.post("/rows/hazard", &json!([mended])).await;
        stage.finish().await;
        assert!(sheet(&stage).await.is_empty(), "{}: the sender spoke", db.name);
        assert_eq!(states(&stage).await, ["answered"]);
        let told = stage.run(&["explain", "hazard", &id(20)]).await.said(0);
        assert!(told.contains("对方已报来新的内容") && told.contains(WHY), "{told}");
        assert_eq!(read(&stage, &["audit", "--json", "--deep"]).await["holds"], json!(true));
    })
    .await;
}

#[tokio::test]
async fn the_corrected_sheet_taken_in_again_answers_and_is_linked() {
    on_both(async |db| {
        let stage = staged(db).await;
        let _ = returning(&stage, "dangerDesc").await.said(0);
        let mut rows = Value::from(sheet(&stage).await);
        rows[0]["record"]["dangerDesc"] = json!("改过");
        rows[0]["record"]["updateDate"] = json!("20240701080000");
        let path = stage.program.folder().join("改好.json");
        std::fs::write(&path, rows.to_string()).unwrap();
        let take =
            ["take", path.to_str().unwrap(), "--source", "national-park", "--yes", "--why", "企业已改"];
        let told = stage.run(&take).await.said(0);
        assert!(!told.contains("没有什么可改"), "{}: {told}", db.name);
        stage.finish().await;
        assert_eq!((sheet(&stage).await.len(), states(&stage).await), (0, vec!["answered".to_owned()]));
        let explained = read(&stage, &["explain", "hazard", &id(20), "--json"]).await;
        assert_eq!(explained["versions"].as_array().unwrap().len(), 2, "{explained:#}");
        assert!(explained["versions"][1].to_string().contains("改好.json"), "{explained:#}");
        let linked = Asked::open(db).await;
        assert_eq!(linked.number("SELECT COUNT(*) FROM correction").await, 1, "{}", db.name);
        linked.close().await;
        assert_eq!(read(&stage, &["audit", "--json", "--deep"]).await["holds"], json!(true));
    })
    .await;
}

#[tokio::test]
async fn two_fields_of_a_record_are_one_row_and_what_the_hub_made_itself_answers_nothing() {
    on_both(async |db| {
        let stage = staged(db).await;
        for field in ["dangerLevel", "registrant"] {
            let _ = returning(&stage, field).await.said(0);
        }
        let rows = sheet(&stage).await;
        let [row] = rows.as_slice() else { panic!("{}: {rows:#?}", db.name) };
        assert_eq!(row["wrong"].as_array().unwrap().len(), 2, "{row:#}");
        // a version of the hub's own: as a replay writes it
        db.run("INSERT INTO version (seq, record, kind, document, part, place, byte_from, byte_length, revision, content, \
             content_digest, digest_alg, cipher, key_id, parents, inputs, owner_scheme, owner, region, industry, test, as_of, at, again) \
             SELECT v.seq + 1000000, v.record, v.kind, v.document, v.part, v.place, v.byte_from, v.byte_length, v.revision, v.content, \
             v.content_digest, v.digest_alg, v.cipher, v.key_id, v.parents, v.inputs, v.owner_scheme, v.owner, v.region, v.industry, \
             v.test, v.as_of, v.at, 1 FROM version v JOIN record h ON h.head = v.seq WHERE h.kind = 'hazard'").await;
        assert_eq!((sheet(&stage).await.len(), states(&stage).await.len()), (1, 2), "{}", db.name);
    })
    .await;
}

#[tokio::test]
async fn a_rejection_that_came_later_stands_for_the_return() {
    on_both(async |db| {
        let stage = staged(db).await;
        let _ = returning(&stage, "dangerLevel").await.said(0);
        let bad = hazard(&json!({"dangerName": null, "updateDate": "20240701080000"}));
        stage.park.post("/rows/hazard", &json!([bad])).await;
        stage.finish().await;
        let rows = sheet(&stage).await;
        let [row] = rows.as_slice() else { panic!("{}: {rows:#?}", db.name) };
        assert_eq!((&row["verdict"], &row["wrong"]), (&json!("rejected"), &json!(["dangerName"])));
        assert_eq!(states(&stage).await, ["open"], "it was not answered");
    })
    .await;
}

#[tokio::test]
async fn a_return_can_be_taken_back_and_what_makes_no_sense_is_refused() {
    on_both(async |db| {
        let stage = staged(db).await;
        let _ = returning(&stage, "dangerLevel").await.said(0);
        for (command, says) in [
            (vec!["return", "hazard", &id(20), "dangerLevel", "--why", "再来"], "已经退回过"),
            (vec!["return", "hazard", &id(20), "dangerLeve", "--why", "错字"], "没有字段"),
            (vec!["return", "hazard", &id(99), "dangerLevel", "--why", "没有"], "账上没有"),
            (vec!["return", "hazard", &id(20), "dangerLevel", "--why", " "], "--why"),
            (vec!["return", "hazard", &id(20)], "--why"),
            (vec!["return", "undo", "77", "--why", "错号"], "没有第 77 号"),
        ] {
            let said = stage.run(&command).await.complained(2);
            assert!(said.contains(says), "{command:?}: {said}");
        }
        let no = read(&stage, &["return", "--json"]).await[0]["no"].to_string();
        let undo = ["return", "undo", &no, "--why", "核实无误", "--by", "王五"];
        let _ = stage.run(&undo).await.said(0);
        assert!(sheet(&stage).await.is_empty());
        assert!(stage.run(&undo).await.complained(2).contains("已撤回"));
        let told = stage.run(&["return", "--all"]).await.said(0);
        assert!(told.contains("核实无误") && told.contains("王五"), "{told}");
        assert!(stage.run(&["return"]).await.said(0).contains("没有退回给对方"));
        let _ = returning(&stage, "dangerLevel").await.said(0);
        assert_eq!(states(&stage).await, ["undone", "open"], "and given back again");
    })
    .await;
}

/// Gives the name of the first plant back.
async fn given_back(world: &World) -> Result<i64> {
    let issue = Issue {
        code: "returned".into(),
        level: Level::Reject,
        field: "name".into(),
        value: "甲".into(),
        place: "name".into(),
        message: WHY.into(),
        advice: String::new(),
    };
    let (sender, at) = (("park", "plants"), world.context.now());
    let own = Return { record: 1, version: 1, sender, place: (1, 0), issue, why: WHY, who: "李四", at };
    world.store().return_to_sender(&own).await
}

#[tokio::test]
async fn whatever_breaks_while_a_field_is_given_or_taken_back_it_happened_or_did_not() {
    on_both(async |db| {
        let ledger = db.store().await;
        for after in [false, true] {
            db.wipe().await;
            let breaker = Breaker::counting();
            let mut world = World::on(ledger.clone(), breaker.clone(), &Files::keyset()).await;
            let row =
                json!({"id": id(1), "name": "甲", "corp": "410900017", "t": "2026-11-20T10:00:00+08:00"});
            world.park().add("plants", row);
            world.run().await;
            let asked = Asked::open(db).await;
            let record = asked.number("SELECT MAX(no) FROM record").await;
            asked.close().await;
            db.run(&format!("UPDATE record SET no = 1 WHERE no = {record}")).await;

            breaker.arm(1, after);
            let broken = given_back(&world).await;
            assert!(matches!(broken, Err(StoreError::Fault("return"))), "{broken:?}");
            assert_eq!(world.store().returned("park", 0).await.unwrap().len(), usize::from(after));
            if !after {
                let _ = given_back(&world).await.unwrap();
            }
            let no = world.store().returned("park", 1).await.unwrap()[0].no;
            breaker.arm(1, after);
            let undo =
                || async { world.store().undo_return(no, "核实", "王五", world.context.now()).await };
            let broken = undo().await;
            assert!(matches!(broken, Err(StoreError::Fault("return-undo"))), "{broken:?}");
            let again = undo().await;
            assert!(
                if after { matches!(again, Err(StoreError::Moved(_))) } else { again.is_ok() },
                "{again:?}"
            );
            let [own] = world.store().returned("", 0).await.unwrap().try_into().unwrap();
            assert_eq!((own.state, own.undone.unwrap().0), (ReturnState::Undone, "核实".to_owned()));
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_said_again_as_it_was_is_no_answer_and_a_fix_of_the_hubs_is_none() {
    on_both(async |db| {
        let stage = staged(db).await;
        let _ = returning(&stage, "dangerLevel").await.said(0);
        // a state of the hub's own: another field put right here
        let source = hazard(&json!({}))["dangerSrc"].as_str().unwrap().to_owned();
        let other = if source == "2" { "1" } else { "2" };
        let fix = ["fix", "hazard", &id(20), "dangerSrc", other, "--why", "电话核实"];
        let _ = stage.run(&fix).await.said(0);
        let before = versions(db).await;
        let _ = stage.run(&["refine"]).await.said(0);
        assert_eq!(
            (versions(db).await, states(&stage).await),
            (before + 1, vec!["open".to_owned()]),
            "{}",
            db.name
        );
        assert_eq!(sheet(&stage).await.len(), 1);
        let undo = ["fix", "undo", "hazard", &id(20), "dangerSrc", "--why", "不是"];
        let _ = stage.run(&undo).await.said(0);
        let _ = stage.run(&["refine"]).await.said(0);

        for (said, at, state) in [("改过", "20240701080000", "answered"), ("", "20240702080000", "open")] {
            let text = if said.is_empty() { hazard(&json!({}))["dangerDesc"].clone() } else { json!(said) };
            let row = hazard(&json!({"dangerDesc": text, "updateDate": at}));
            stage.park.post("/rows/hazard", &json!([row])).await;
            stage.finish().await;
            assert_eq!(states(&stage).await, [state], "{}: {said}", db.name);
        }
        assert_eq!(sheet(&stage).await.len(), 1, "it is on the sheet again");
        assert_eq!(read(&stage, &["audit", "--json", "--deep"]).await["holds"], json!(true));
    })
    .await;
}

#[tokio::test]
async fn a_clerk_reads_it_in_the_workbook() {
    let stage = Stage::new("sqlite://returning.db", &sample::files(50)).await;
    stage.family(1).await;
    stage.park.post("/rows/check_task", &json!([sample::task(13, 12)])).await;
    stage.park.post("/rows/check_record", &json!([sample::check(14, 13)])).await;
    stage.park.post("/rows/hazard", &json!([hazard(&json!({}))])).await;
    stage.finish().await;
    let _ = returning(&stage, "dangerLevel").await.said(0);
    let path = stage.program.folder().join("退回.xlsx");
    let out = ["rejections", "--source", "national-park", "--out", path.to_str().unwrap()];
    let _ = stage.run(&out).await.said(0);
    let sheet = read_sheet(&std::fs::read(&path).unwrap(), "hazard").unwrap();
    let cells: Vec<&str> =
        sheet.rows.iter().flat_map(|row| row.cells.iter().map(|(_, text, _)| text.as_str())).collect();
    assert!(cells.iter().any(|text| text.contains(WHY)), "{cells:?}");
    assert!(cells.contains(&id(20).as_str()), "their own row: {cells:?}");
}
