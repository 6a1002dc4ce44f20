//! Sweeps as commands and the status page tell them, and how a person lets one go.

use std::sync::Arc;

use gateway::{
    pipeline::InForce,
    server::{self, gather},
};
use serde_json::{Value, json};
use tests::{
    World,
    http::Peer,
    on_both,
    process::{Ended, Lianwang},
    rows::wire,
};

use super::{at_receiver, night, snapshot, take_away, ten, wires};

const PROGRAM: &str = "commands::lianwang_process";

#[tokio::test]
async fn the_commands_name_it_and_let_it_go() {
    on_both(async |db| {
        let files = snapshot(20);
        let mut world = World::new(db, &files).await;
        let program = Lianwang::new(PROGRAM);
        let config = program.configure("hub", &files).display().to_string();
        let run = async |command: &[&str]| -> Ended {
            program.run(&[command, &["--config", &config, "--store", &db.url]].concat()).await
        };
        ten(&world);
        night(&mut world).await;
        take_away(&world, &[11, 12, 13]);
        night(&mut world).await;
        let told: Value = serde_json::from_str(&run(&["sweep", "--json"]).await.said(0)).unwrap();
        assert_eq!((&told[0]["state"], &told[1]["state"]), (&json!("held"), &json!("done")), "{told}");
        let held: Value = serde_json::from_str(&run(&["held", "--json"]).await.said(0)).unwrap();
        assert_eq!(held["sweeps"][0], told[0]);
        assert_eq!(
            (&told[0]["standing"], &told[0]["missing"], &told[0]["cap_percent"]),
            (&json!(10), &json!(3), &json!(20))
        );
        let shown = run(&["held"]).await.said(0);
        let line =
            "在册 10 条，缺 3 条，超过百分之 20，等人放行：lianwang sweep release park tanks --why 理由";
        assert!(shown.contains(line), "{shown}");
        let nobody = run(&["sweep", "release", "park", "plants", "--why", "看过"]).await.complained(2);
        assert!(nobody.contains("park · plants 最近的一遍没有等人放行"), "{nobody}");
        assert!(
            run(&["sweep", "release", "park", "tanks", "--why", " "]).await.complained(2).contains("--why")
        );
        let said =
            run(&["sweep", "release", "park", "tanks", "--why", "园区停产", "--by", "张三"]).await.said(0);
        assert!(said.contains("3 条没有再报的记录将标记为已删除"), "{said}");
        let twice = run(&["sweep", "release", "park", "tanks", "--why", "再来"]).await.complained(2);
        assert!(twice.contains("没有等人放行"), "{twice}");
        world.until_idle().await;
        assert_eq!(at_receiver(&world).0, wires([11, 12, 13]), "{}", db.name);
        let listed = run(&["sweep"]).await.said(0);
        assert!(listed.contains("缺 3 条，已标记删除（张三放行：园区停产）"), "{listed}");
        let explained = run(&["explain", "tank", &wire(11)]).await.said(0);
        for words in [
            "本中心代为删除（第 ",
            "park/tanks 从头读完的一遍里没有它",
            "由张三放行：园区停产",
            "［sweep:",
            "一致",
        ] {
            assert!(explained.contains(words), "{words}: {explained}");
        }
        let machine: Value =
            serde_json::from_str(&run(&["explain", "tank", &wire(11), "--json"]).await.said(0)).unwrap();
        let retired = &machine["versions"][1]["retired"];
        assert_eq!(
            (&retired["service"], &retired["who"]),
            (&json!("park/tanks"), &json!("张三")),
            "{machine}"
        );
        assert!(machine["versions"][0]["retired"].is_null());
        let audit: Value = serde_json::from_str(&run(&["audit", "--deep", "--json"]).await.said(0)).unwrap();
        assert_eq!(audit["holds"], json!(true), "{audit}");
    })
    .await;
}

#[tokio::test]
async fn the_page_shows_what_waits_for_a_person() {
    on_both(async |db| {
        let mut world = World::new(db, &snapshot(20)).await;
        ten(&world);
        night(&mut world).await;
        take_away(&world, &[11, 12, 13]);
        night(&mut world).await;
        let in_force = InForce::of(Arc::clone(&world.pinned));
        let clock = Arc::new(world.clock.clone());
        let figures = gather::figures(world.store().clone(), in_force, "hub", clock);
        let page = Peer::serve(server::router(figures)).await;
        let status = page.json("/status.json").await;
        let line = &status["sources"][0]["held_sweeps"][0];
        assert_eq!(
            (&line["service"], &line["standing"], &line["missing"], &line["cap_percent"]),
            (&json!("tanks"), &json!(10), &json!(3), &json!(20)),
            "{}",
            db.name
        );
        assert_eq!(status["source_states"][0]["text"], "3 条没有再报，等人放行");
    })
    .await;
}
