//! Typed views for reports: the newest state, personal fields masked, full ones closed.

use serde_json::Value;
use tests::{http::sample, on_both, stage::Stage, state::Asked};

async fn told(stage: &Stage) -> String {
    stage.run(&["views"]).await.said(0)
}

#[tokio::test]
async fn a_view_shows_the_newest_state_in_types_and_masks_persons() {
    on_both(async |db| {
        let stage = Stage::new(&db.url, &sample::files(50)).await;
        stage.family(1).await;
        stage.finish().await;
        assert!(told(&stage).await.contains("个视图"));
        let asked = Asked::open(db).await;
        assert_eq!(asked.number("SELECT COUNT(*) FROM v_risk_unit").await, 1, "{}", db.name);
        let shown: Vec<String> = asked.column("SELECT \"hazardLiablePerson\" FROM v_risk_unit").await;
        assert_eq!(shown, ["负**"]);
        let full: Vec<String> = asked.column("SELECT \"hazardLiablePerson\" FROM v_risk_unit_full").await;
        assert_eq!(full, ["负责人"]);
        let owner: Vec<String> =
            asked.column("SELECT \"_owner_scheme\" || ':' || \"_owner\" FROM v_risk_unit").await;
        assert_eq!(owner, ["chem:410900017"]);
        assert_eq!(asked.number("SELECT COUNT(*) FROM v_small_firm_check").await, 0, "every kind has one");
        asked.close().await;

        let mut unit = sample::unit(10);
        unit["riskUnitName"] = "改了名的".into();
        unit["updateDate"] = "20240701080000".into();
        stage.park.post("/rows/risk_unit", &Value::from(vec![unit])).await;
        stage.finish().await;
        let asked = Asked::open(db).await;
        let names: Vec<String> = asked.column("SELECT \"riskUnitName\" FROM v_risk_unit").await;
        assert_eq!(names, ["改了名的"], "{}", db.name);
        let moments = if db.name == "SQLite" {
            "SELECT COUNT(*) FROM v_risk_unit WHERE \"updateDate\" = '2024-07-01T08:00:00+08:00'"
        } else {
            "SELECT COUNT(*) FROM v_risk_unit WHERE \"updateDate\" = timestamptz '2024-07-01 00:00:00Z'"
        };
        assert_eq!(asked.number(moments).await, 1, "{}", db.name);
        asked.close().await;
        // again: made anew, nothing else changes
        assert!(told(&stage).await.contains("个视图"));
        let audit: Value = serde_json::from_str(&stage.run(&["audit", "--json"]).await.said(0)).unwrap();
        assert_eq!(audit["holds"], Value::Bool(true));
    })
    .await;
}

#[tokio::test]
async fn a_report_that_stands_on_a_view_is_told_of_and_nothing_changes() {
    on_both(async |db| {
        if db.name == "SQLite" {
            return;
        }
        let stage = Stage::new(&db.url, &sample::files(50)).await;
        stage.family(1).await;
        stage.finish().await;
        let _ = told(&stage).await;
        db.run("CREATE VIEW report AS SELECT \"riskUnitName\" FROM v_risk_unit").await;
        let complained = stage.run(&["views"]).await.complained(3);
        assert!(complained.contains("v_risk_unit"), "{complained}");
        let asked = Asked::open(db).await;
        assert_eq!(asked.number("SELECT COUNT(*) FROM report").await, 1);
        asked.close().await;
    })
    .await;
}

#[tokio::test]
async fn who_was_given_a_view_has_it_still_when_it_is_made_anew() {
    on_both(async |db| {
        if db.name == "SQLite" {
            return;
        }
        let stage = Stage::new(&db.url, &sample::files(50)).await;
        stage.finish().await;
        let _ = told(&stage).await;
        // roles are the server's: a name of its own, gone again at the end
        let clerk = format!("clerk_{}", std::process::id());
        db.run(&format!("CREATE ROLE {clerk}")).await;
        for view in ["v_risk_unit", "v_risk_unit_full", "v_attribution"] {
            db.run(&format!("GRANT SELECT ON {view} TO {clerk}")).await;
        }
        let _ = told(&stage).await;
        let asked = Asked::open(db).await;
        let sees = async |view: &str| {
            let has = format!("has_table_privilege('{clerk}', '{view}', 'SELECT')");
            asked.number(&format!("SELECT CAST(CASE WHEN {has} THEN 1 ELSE 0 END AS BIGINT)")).await
        };
        let mut may = Vec::new();
        for view in ["v_risk_unit", "v_risk_unit_full", "v_attribution", "v_risk_event_full"] {
            may.push(sees(view).await);
        }
        asked.close().await;
        db.run(&format!("DROP OWNED BY {clerk}")).await;
        db.run(&format!("DROP ROLE {clerk}")).await;
        assert_eq!(may, [1, 1, 1, 0], "and nobody has what was not given");
    })
    .await;
}
