//! Most changes of a run in one and the same field: `audit` says so, and still holds.

use serde_json::{Value, json};
use tests::{Files, World, http::sample, on_both, rows::id, stage::Stage};

fn plant(n: u32, hour: u32, name: &str, corp: &str) -> Value {
    json!({"id": id(n), "name": name, "corp": corp, "t": format!("2026-11-20T{hour}:{:02}:00+08:00", n % 60)})
}

fn large_pages() -> Files {
    Files::keyset().replacing("sources/park/source.toml", "size = 4", "size = 1000")
}

#[tokio::test]
async fn a_field_that_changed_alone_in_most_is_told_by_source() {
    on_both(async |db| {
        let mut world = World::new(db, &large_pages().source("mine")).await;
        for n in 1..=80 {
            world.park().add("plants", plant(n, 10, "甲", "410900017"));
        }
        world.run().await;
        let told = gateway::pipeline::one_field(&world.context).await.unwrap();
        assert_eq!(told, [], "{}: first versions are no changes", db.name);
        // fifty-five say another owner, ten another name too
        for n in 1..=65 {
            world.park().add("plants", plant(n, 12, if n > 55 { "乙" } else { "甲" }, "410900018"));
        }
        world.run().await;
        let told = gateway::pipeline::one_field(&world.context).await.unwrap();
        let [one] = told.as_slice() else { panic!("{}: {told:?}", db.name) };
        assert_eq!(
            (one.source.as_str(), one.kind.as_str(), one.field.as_str()),
            ("park", "plant", "companyCode")
        );
        assert_eq!((one.alone, one.changed), (55, 65));
        assert_eq!((one.was.as_str(), one.is.as_str()), ("410900017", "410900018"));
        world.audit().await;
        // later ones of all sorts
        for n in 1..=65 {
            let name = format!("丙{n}");
            world.park().add("plants", plant(n, 14, &name, &format!("{}", 410_900_020 + n)));
        }
        world.run().await;
        assert_eq!(gateway::pipeline::one_field(&world.context).await.unwrap(), [], "{}", db.name);
    })
    .await;
}

#[tokio::test]
async fn audit_warns_and_ends_well() {
    on_both(async |db| {
        let stage = Stage::new(&db.url, &sample::files(50)).await;
        stage.family(1).await;
        let measures = |way: &str, at: &str| -> Value {
            let row = |n| sample::with(sample::measure(n, 11), &json!({"dataSrc": way, "updateDate": at}));
            (100..160).map(row).collect::<Vec<Value>>().into()
        };
        for (way, at) in [("1", "20240601080000"), ("2", "20240602080000")] {
            stage.park.post("/rows/control_measure", &measures(way, at)).await;
            for command in [&["pull", "national-park"][..], &["refine"]] {
                assert_eq!(stage.run(command).await.code, Some(0));
            }
        }
        let shown = stage.run(&["audit"]).await.said(0);
        assert!(
            shown.contains("注意：national-park 的安全风险管控措施")
                && shown.contains("60 条（100%）只改了“"),
            "{shown}"
        );
        assert!(shown.contains("例如 1 → 2：可能是对照表或来源系统整体改了口径"), "{shown}");
        let told: Value = serde_json::from_str(&stage.run(&["audit", "--json"]).await.said(0)).unwrap();
        assert_eq!((&told["one_field"][0]["field"], &told["holds"]), (&json!("dataSrc"), &json!(true)));
    })
    .await;
}
