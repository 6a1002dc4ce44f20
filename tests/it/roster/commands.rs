//! The roster's commands, as people use them: a workbook taken, twice, with bad cells; what waited goes on by itself.

use adapters::codec::xlsx::{Head, Marked, MarkedCell};
use serde_json::Value;
use tests::{
    Files,
    http::{running::until, sample},
    on_both,
    process::{line_of, terminate},
    stage::{Stage, eager},
    state::Asked,
};

pub(super) const HEADER: [&str; 8] = [
    "名称",
    "类型",
    "统一社会信用代码",
    "化学品登记编码(9位)",
    "行政区划代码",
    "上级企业信用代码",
    "起",
    "止",
];
/// A credit code with right check digits.
pub(super) const USCC: &str = "91410900758355688L";

/// Writes a workbook beside the configuration; its path.
pub(super) fn workbook(stage: &Stage, name: &str, lines: &[[&str; 8]]) -> String {
    let mut book = Marked::default();
    let head = |word: &&str| Head { word: (*word).to_owned(), hidden: false, width: 12, note: String::new() };
    book.begin("名册", &HEADER.iter().map(head).collect::<Vec<_>>()).unwrap();
    for line in lines {
        let cell = |text: &&str| MarkedCell { text: (*text).to_owned(), ..MarkedCell::default() };
        book.row(&line.iter().map(cell).collect::<Vec<_>>()).unwrap();
    }
    let path = format!("{}/{name}", stage.config);
    let path = path.replace("/hub/", "/");
    book.finish("说明", &[], std::fs::File::create(&path).unwrap()).unwrap();
    path
}

/// The park's units are taken only of enterprises that the roster knows.
pub(super) fn known(files: Files) -> Files {
    let mapping = "sources/national-park/risk_unit.toml";
    files.replacing(mapping, "id_space = ", "owner = \"known\"\nid_space = ")
}

#[tokio::test]
async fn a_workbook_is_shown_taken_and_taken_twice_for_nothing() {
    on_both(async |db| {
        let stage = Stage::new(&db.url, &known(sample::files(50))).await;
        stage.family(1).await;
        stage.finish().await;
        let held = stage.run(&["held"]).await.said(0);
        assert!(held.contains("unknown-owner 1 条") && held.contains("lianwang roster"), "{held}");
        let line = ["甲化工", "企业", USCC, "410900017", "410928", "", "", ""];
        let file = workbook(&stage, "名册.xlsx", &[line]);
        let take = async |more: &[&str]| stage.run(&[&["roster", "take", &file], more].concat()).await;
        let dry = take(&["--dry-run"]).await.said(0);
        assert!(
            dry.contains("新增 1 个主体、2 个编码") && dry.contains("甲化工") && dry.contains("只是看看"),
            "{dry}"
        );
        let unasked = take(&[]).await.complained(2);
        assert!(unasked.contains("--yes"), "{unasked}");
        let asked = Asked::open(db).await;
        assert_eq!(asked.number("SELECT COUNT(*) FROM subject").await, 0, "{}", db.name);
        let said = take(&["--yes", "--why", "年报", "--by", "张三"]).await.said(0);
        assert!(said.contains("已收下，名册现在是第"), "{said}");
        let again = take(&["--yes"]).await.said(0);
        assert!(again.contains("名册没有变化：1 行都已经是这样"), "{again}");
        let changes: Vec<String> =
            asked.column("SELECT how || ' ' || what || ' ' || why || ' ' || who FROM roster_change").await;
        assert_eq!(changes, ["take 名册.xlsx 年报 张三"]);
        stage.finish().await;
        let confirmed = "SELECT COUNT(*) FROM delivery WHERE state = 'confirmed'";
        assert_eq!(asked.number(confirmed).await, 3, "{}", db.name);
        asked.close().await;
        let audit: Value =
            serde_json::from_str(&stage.run(&["audit", "--deep", "--json"]).await.said(0)).unwrap();
        assert_eq!(audit["holds"], Value::Bool(true), "{audit}");
        let dry = stage.run(&["replay", "--dry-run"]).await.said(0);
        assert!(dry.contains("0 条会有新版本") && !dry.contains("现在会待定"), "{dry}");
    })
    .await;
}

#[tokio::test]
async fn bad_cells_are_told_where_they_stand_and_nothing_is_taken() {
    on_both(async |db| {
        let stage = Stage::new(&db.url, &sample::files(50)).await;
        stage.finish().await;
        let lines = [
            ["甲化工", "企业", USCC, "410900017", "410928", "", "", ""],
            ["", "公司", "123", "4109", "x", "", "2024-13-01", ""],
            ["乙厂区", "厂区", "", "410900018", "", "91410900000000000X", "", ""],
            ["丙", "企业", "", "410900017", "", "", "2024-01-02", "2024-01-01"],
        ];
        let file = workbook(&stage, "名册.xlsx", &lines);
        let bad = stage.run(&["roster", "take", &file, "--yes"]).await;
        let (told, complained) = (&bad.out, &bad.err);
        assert_eq!(bad.code, Some(1), "{bad:?}");
        for place in [
            "名册!A3：",
            "名册!B3：",
            "名册!C3：",
            "名册!D3：",
            "名册!E3：",
            "名册!G3：",
            "名册!F4：",
            "名册!H5：",
        ] {
            assert!(told.contains(place), "{place}: {told}");
        }
        assert!(complained.contains("一行都没有收"), "{complained}");
        let asked = Asked::open(db).await;
        assert_eq!(asked.number("SELECT COUNT(*) FROM identifier").await, 0);
        let good = stage.run(&["roster", "take", &file, "--yes", "--good-only"]).await.said(0);
        assert!(good.contains("新增 1 个主体、2 个编码"), "{good}");
        assert_eq!(asked.number("SELECT COUNT(*) FROM identifier").await, 2, "{}", db.name);
        asked.close().await;
        for (file, told) in [("没有.xlsx", "读不了"), (stage.config.as_str(), "读不了")] {
            let complained = stage.run(&["roster", "take", file, "--yes"]).await.complained(2);
            assert!(complained.contains(told), "{complained}");
        }
        let text = file.replace("名册.xlsx", "名册.txt");
        std::fs::write(&text, "名称,类型").unwrap();
        let complained = stage.run(&["roster", "take", &text, "--yes"]).await.complained(2);
        assert!(complained.contains("不是 .xlsx 工作簿"), "{complained}");
    })
    .await;
}

#[tokio::test]
async fn a_service_at_work_lets_go_what_the_roster_makes_known() {
    on_both(async |db| {
        let stage = Stage::new(&db.url, &known(eager())).await;
        let mut service = stage.program.start(&stage.arguments(&["run", "--listen", "127.0.0.1:0"]));
        line_of(&mut service, "状态页 ").await;
        stage.family(1).await;
        let asked = Asked::open(db).await;
        let held = "SELECT COUNT(*) FROM held WHERE state = 'held'";
        until("it is held", async || asked.number(held).await == 1).await;
        let file = workbook(&stage, "名册.xlsx", &[["甲化工", "企业", USCC, "410900017", "", "", "", ""]]);
        assert!(stage.run(&["roster", "take", &file, "--yes"]).await.said(0).contains("已收下"));
        let confirmed = "SELECT COUNT(*) FROM delivery WHERE state = 'confirmed'";
        until("all are sent", async || asked.number(confirmed).await == 3).await;
        assert_eq!(asked.number(held).await, 0, "{}", db.name);
        asked.close().await;
        assert_eq!(terminate(service).await.code, Some(0));
    })
    .await;
}

#[tokio::test]
async fn a_blank_roster_is_written_and_taken_as_it_is() {
    let stage = Stage::new("sqlite://roster.db", &sample::files(50)).await;
    stage.finish().await;
    let file = format!("{}.xlsx", stage.config);
    let said = stage.run(&["docs", "template", "roster", "--out", &file]).await.said(0);
    assert!(said.contains("lianwang roster take"), "{said}");
    let empty = stage.run(&["roster", "take", &file, "--yes"]).await.said(0);
    assert!(empty.contains("名册没有变化"), "{empty}");
    let there = stage.run(&["docs", "template", "roster", "--out", &file]).await.complained(2);
    assert!(there.contains("已经有文件"), "{there}");
}
