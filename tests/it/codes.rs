//! A word no table knows: listed, decided once by a person, and the records that waited for it let go by themselves.

use serde_json::{Value, json};
use tests::{
    Files,
    http::{running::until, sample},
    on_both,
    process::{line_of, terminate},
    stage::{DESTINATION_FILE, Stage, eager},
    state::Asked,
};

const MAPPING: &str = "sources/national-park/control_measure.toml";
const TABLE: &str = "tables/park-control-mode.csv";

/// The park writes words of its own for the way of control; two of them are known.
fn files(base: Files) -> Files {
    base.replacing(
        MAPPING,
        "dataSrc = \"dataSrc\"",
        "dataSrc = { from = \"dataSrc\", table = \"park-control-mode\" }",
    )
    .with(TABLE, "# 园区的管控方式\nfrom,code\n1,1\n2,2\n")
}

/// A family, and two measures of its event whose way of control is a word of the park's.
async fn seen(stage: &Stage, word: &str) {
    stage.family(1).await;
    for n in [13, 14] {
        let mut measure = sample::measure(n, 11);
        measure["dataSrc"] = word.into();
        stage.park.post("/rows/control_measure", &json!([measure])).await;
    }
}

async fn inbox(stage: &Stage) -> Vec<Value> {
    serde_json::from_str(&stage.run(&["codes", "--json"]).await.said(0)).unwrap()
}

/// `codes map` of the park's table, by a person with a reason.
fn map<'a>(value: &'a str, code: &'a str) -> [&'a str; 10] {
    ["codes", "map", "national-park", "park-control-mode", value, code, "--why", "与园区核实", "--by", "张三"]
}

#[tokio::test]
async fn a_word_is_decided_once_and_lets_go_what_waited() {
    on_both(async |db| {
        let stage = Stage::new(&db.url, &files(sample::files(50))).await;
        assert!(stage.run(&["pull", "national-park"]).await.code == Some(0));
        assert_eq!(inbox(&stage).await, Vec::<Value>::new());
        assert!(stage.run(&["codes"]).await.said(0).contains("没有待定的代码"));
        seen(&stage, "人工隐患排查").await;
        stage.finish().await;

        let waiting = inbox(&stage).await;
        assert_eq!(waiting.len(), 1);
        let word = &waiting[0];
        assert_eq!((&word["value"], &word["count"]), (&json!("人工隐患排查"), &json!(2)));
        assert_eq!((&word["table"], &word["field"]), (&json!("park-control-mode"), &json!("dataSrc")));
        assert_eq!(word["guesses"][0], json!(["2", "隐患排查"]));
        assert_eq!(word["samples"].as_array().unwrap().len(), 2);
        let shown = stage.run(&["codes"]).await.said(0);
        assert!(
            shown.contains("2 条待定") && shown.contains("codes map national-park park-control-mode"),
            "{shown}"
        );

        let said = stage.run(&map("人工隐患排查", "隐患排查")).await.said(0);
        assert!(said.contains("→ 2") && said.contains("2 条待定记录"), "{said}");
        let table = std::fs::read_to_string(format!("{}/{TABLE}", stage.config)).unwrap();
        assert!(table.starts_with("# 园区的管控方式\nfrom,code\n1,1\n2,2\n人工隐患排查,2,"), "{table}");
        assert!(table.ends_with(" 张三 与园区核实\n"), "{table}");
        stage.finish().await;

        assert_eq!(inbox(&stage).await, Vec::<Value>::new());
        let audit: Value = serde_json::from_str(&stage.run(&["audit", "--json"]).await.said(0)).unwrap();
        assert_eq!(audit["holds"], json!(true));
        let asked = Asked::open(db).await;
        assert_eq!(
            asked.number("SELECT COUNT(*) FROM delivery WHERE state = 'confirmed'").await,
            5,
            "{}",
            db.name
        );
        asked.close().await;
        let history = stage.run(&["revisions"]).await.said(0);
        assert!(history.contains("与园区核实") && history.contains("张三"), "{history}");
    })
    .await;
}

#[tokio::test]
async fn a_service_at_work_lets_go_by_itself() {
    on_both(async |db| {
        let stage = Stage::new(&db.url, &files(eager())).await;
        let mut service = stage.program.start(&stage.arguments(&["run", "--listen", "127.0.0.1:0"]));
        line_of(&mut service, "状态页 ").await;
        seen(&stage, "人工隐患排查").await;
        let asked = Asked::open(db).await;
        let held = "SELECT COUNT(*) FROM held WHERE state = 'held'";
        until("two are held", async || asked.number(held).await == 2).await;
        assert!(stage.run(&map("人工隐患排查", "2")).await.said(0).contains("已启用"));
        let confirmed = "SELECT COUNT(*) FROM delivery WHERE state = 'confirmed'";
        until("all are sent", async || asked.number(confirmed).await == 5).await;
        assert_eq!(asked.number(held).await, 0);
        asked.close().await;
        assert_eq!(terminate(service).await.code, Some(0));
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_decided_changes_nothing() {
    let stage = Stage::new("sqlite://codes.db", &files(sample::files(50))).await;
    seen(&stage, "人工").await;
    stage.finish().await;
    let table = format!("{}/{TABLE}", stage.config);
    let before = std::fs::read_to_string(&table).unwrap();
    for (asked, told) in [
        (map("人工", "9"), "代码表 control-mode 里没有 9"),
        (map("1", "2"), "“1”已在对照表里：1,1"),
        (
            ["codes", "map", "national-prak", "park-control-mode", "人工", "2", "--why", "x", "--by", "y"],
            "没有来源 national-prak",
        ),
        (
            ["codes", "map", "national-park", "park-mode", "人工", "2", "--why", "x", "--by", "y"],
            "没有用到对照表 park-mode",
        ),
        (
            ["codes", "map", "national-park", "park-control-mode", "人工", "2", "--why", " ", "--by", "y"],
            "--why 不能是空的",
        ),
    ] {
        let complained = stage.run(&asked).await.complained(2);
        assert!(complained.contains(told), "{told}: {complained}");
    }
    let built_in =
        stage.program.run(&["codes", "map", "demo-park", "x", "y", "z", "--why", "x"]).await.complained(2);
    assert!(built_in.contains("演示配置不能改"), "{built_in}");
    assert_eq!(std::fs::read_to_string(&table).unwrap(), before);
}

#[tokio::test]
async fn other_changes_of_the_directory_are_not_activated_by_the_way() {
    let stage = Stage::new("sqlite://codes.db", &files(sample::files(50))).await;
    seen(&stage, "人工").await;
    stage.finish().await;
    let changed = format!("{}/{DESTINATION_FILE}", stage.config);
    let text = std::fs::read_to_string(&changed).unwrap();
    std::fs::write(&changed, text.replace("batch = 20", "batch = 5")).unwrap();
    let told = stage.run(&map("人工", "2")).await.complained(1);
    assert!(told.contains("与现行配置有") && told.contains("lianwang diff"), "{told}");
    assert_eq!(inbox(&stage).await.len(), 1);
    // an example that expects the word to be unknown must change together with the table
    std::fs::write(&changed, text).unwrap();
    let mapping = format!("{}/{MAPPING}", stage.config);
    let example = "\n[[example]]\nname = \"人工\"\nissues = [\"unknown-code dataSrc\"]\ninput = { id = \"84e906751d284298bf89a3a79e23bd62\", dataSrc = \"人工\" }\n";
    std::fs::write(&mapping, std::fs::read_to_string(&mapping).unwrap() + example).unwrap();
    assert!(stage.run(&["apply", &stage.config, "--why", "加一个示例"]).await.said(0).contains("已启用"));
    let told = stage.run(&map("人工", "2")).await.complained(1);
    assert!(told.contains("什么都没有动") && told.contains("示例"), "{told}");
}

#[tokio::test]
async fn words_of_several_sources_are_counted_apart_and_those_without_a_table_say_what_to_do() {
    on_both(async |db| {
        let both = files(sample::files(50)).copied("national-park", "second");
        let stage = Stage::new(&db.url, &both).await;
        seen(&stage, "人工").await;
        let mut measure = sample::measure(15, 11);
        measure["classify1"] = "其他".into();
        stage.park.post("/rows/control_measure", &json!([measure])).await;
        for source in ["national-park", "second"] {
            assert_eq!(stage.run(&["pull", source]).await.code, Some(0));
        }
        assert_eq!(stage.run(&["refine"]).await.code, Some(0));
        let waiting = inbox(&stage).await;
        let told: Vec<(&str, &str, u64, bool)> = waiting
            .iter()
            .map(|word| {
                let text = |key: &str| word[key].as_str().unwrap();
                (text("source"), text("value"), word["count"].as_u64().unwrap(), word["table"].is_null())
            })
            .collect();
        // the second source's records under keys that the first holds too wait as well, each source for its own words
        assert!(told.contains(&("national-park", "人工", 2, false)), "{told:?}");
        assert!(told.contains(&("second", "人工", 2, false)), "{told:?}");
        assert!(told.contains(&("national-park", "其他", 1, true)), "{told:?}");
        let shown = stage.run(&["codes"]).await.said(0);
        assert!(shown.contains("这个字段没有对照表：在映射里为 classify1 写上 table"), "{shown}");
        let decided = stage.run(&map("人工", "2")).await.said(0);
        assert!(decided.contains("2 条待定记录"), "{decided}");
        assert_eq!(stage.run(&["refine"]).await.code, Some(0));
        let left: Vec<String> = inbox(&stage).await.iter().map(|word| word["value"].to_string()).collect();
        assert!(
            left.iter().all(|value| value == "\"其他\""),
            "one table for both sources lets go both: {left:?}"
        );
    })
    .await;
}
