//! Aliases as the commands make, list and undo them.

use serde_json::{Value, json};
use tests::{
    Files, World, on_both,
    process::{Ended, Lianwang},
    rows::{id, plant, tank, wire},
};

use super::{marked, plants, proven, sources::files, there};

const PROGRAM: &str = "commands::lianwang_process";

/// `alias` of the first plant to the second, as people copy ids.
fn join<'a>(from: &'a str, to: &'a str) -> [&'a str; 8] {
    ["alias", "plant", from, to, "--why", "同一个装置，已核实", "--by", "张三"]
}

#[tokio::test]
async fn two_ids_are_joined_listed_explained_and_taken_apart() {
    on_both(async |db| {
        let files = marked(Files::keyset());
        let mut world = World::new(db, &files).await;
        let program = Lianwang::new(PROGRAM);
        let config = program.configure("hub", &files).display().to_string();
        let run = async |command: &[&str]| -> Ended {
            program.run(&[command, &["--config", &config, "--store", &db.url]].concat()).await
        };
        // what ships lies under a directory
        assert!(run(&["apply", "--why", "开始"]).await.code == Some(0));
        for n in 1..=3 {
            world.park().add("plants", plant(n, n, ["甲", "乙", "丙"][n as usize - 1]));
        }
        world.park().add("tanks", tank(11, 1, 1, "重大"));
        world.run().await;
        assert!(run(&["alias"]).await.said(0).contains("没有别名"));
        let (from, to) = (format!("uuid/{}", id(1).to_uppercase()), format!("uuid/{}", id(2)));
        let said = run(&join(&from, &to)).await.said(0);
        let moved = format!("plant uuid/{} → uuid/{}", wire(1), wire(2));
        assert!(said.contains(&moved) && said.contains("1 条记录（park 1 条）归过去"), "{said}");
        let text = std::fs::read_to_string(format!("{config}/aliases.csv")).unwrap();
        assert!(text.starts_with("kind,id_space,id,to_space,to_id,note\n"), "{text}");
        assert!(
            text.ends_with(&format!(
                "plant,uuid,{},uuid,{},2026-11-23 张三 同一个装置，已核实\n",
                wire(1),
                wire(2)
            )) || text.contains("张三 同一个装置，已核实\n"),
            "{text}"
        );
        world.until_idle().await;
        assert_eq!(plants(&world), (there(&[(2, "乙"), (3, "丙")]), vec![wire(1)]), "{}", db.name);

        let listed: Value = serde_json::from_str(&run(&["alias", "--json"]).await.said(0)).unwrap();
        assert_eq!(listed["aliases"][0]["records"], json!(1), "{listed}");
        assert_eq!(listed["aliases"][0]["from"], json!(format!("uuid/{}", wire(1))));
        assert_eq!(listed["stays"], json!([]));
        let shown = run(&["alias"]).await.said(0);
        assert!(shown.contains(&format!("{moved}：1 条；")) && shown.contains("alias undo plant"), "{shown}");
        let gone = run(&["explain", "plant", &wire(1)]).await.said(0);
        assert!(gone.contains("号配置的别名") && gone.contains("一致"), "{gone}");
        let child = run(&["explain", "tank", &wire(11)]).await.said(0);
        assert!(child.contains(&format!("alias uuid/{} → uuid/{}", wire(1), wire(2))), "{child}");
        assert!(child.contains("张三 同一个装置，已核实"), "{child}");
        assert!(run(&["audit", "--deep"]).await.code == Some(0));

        let apart = ["alias", "undo", "plant", &from, "--why", "看错了"];
        let said = run(&apart).await.said(0);
        assert!(said.contains("分开了") && said.contains("1 条记录回到自己的主键之下"), "{said}");
        world.until_idle().await;
        assert_eq!(plants(&world), (there(&[(1, "甲"), (2, "乙"), (3, "丙")]), vec![]));
        assert!(run(&["alias"]).await.said(0).contains("没有别名"));
        assert!(run(&apart).await.complained(2).contains("没有别名"));
        world.pinned = world.context.active().await.unwrap();
        proven(db, &world).await;
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_is_told_and_changes_nothing() {
    on_both(async |db| {
        let files = marked(Files::keyset());
        let _world = World::new(db, &files).await;
        let program = Lianwang::new(PROGRAM);
        let config = program.configure("hub", &files).display().to_string();
        let run = async |command: &[&str]| -> Ended {
            program.run(&[command, &["--config", &config, "--store", &db.url]].concat()).await
        };
        // what ships lies under a directory
        assert!(run(&["apply", "--why", "开始"]).await.code == Some(0));
        let (one, two, three) =
            (format!("uuid/{}", id(1)), format!("uuid/{}", id(2)), format!("uuid/{}", id(3)));
        assert!(run(&join(&one, "17")).await.complained(2).contains("要写成 空间/主键"));
        assert!(run(&join(&one, "uuid/17")).await.complained(1).contains("17 不是 uuid 的主键"));
        assert!(run(&join(&one, "uuid/*")).await.complained(1).contains("只有一边是 *"));
        assert!(run(&join(&one, &id(1).replace("00", "uuid/00"))).await.code != Some(0));
        let kind = ["alias", "tank", &one, &two, "--why", "同一个"];
        assert!(run(&kind).await.complained(1).contains("种类 tank 没有表示已删除的字段"));
        assert!(run(&["alias", "plant", &one, &two, "--why", " "]).await.complained(2).contains("--why"));
        assert!(run(&["alias", "plant", &one]).await.code == Some(2));
        assert!(!std::path::Path::new(&format!("{config}/aliases.csv")).exists(), "nothing was written");
        let none = run(&join(&one, &two)).await.said(0);
        assert!(none.contains("现在没有这样的记录"), "{none}");
        assert!(run(&join(&one, &three)).await.complained(1).contains("写了两行"));
        assert!(run(&join(&two, &three)).await.complained(1).contains("自己又是别名"));
        assert!(run(&join(&two, &one)).await.complained(1).contains("成了圈"));
    })
    .await;
}

#[tokio::test]
async fn who_cannot_be_weighed_yet_is_named_and_what_stays_is_listed() {
    on_both(async |db| {
        let files = files(Some(1), None);
        let mut world = World::new(db, &files).await;
        let program = Lianwang::new(PROGRAM);
        let config = program.configure("hub", &files).display().to_string();
        let run = async |command: &[&str]| -> Ended {
            program.run(&[command, &["--config", &config, "--store", &db.url]].concat()).await
        };
        // what ships lies under a directory
        assert!(run(&["apply", "--why", "开始"]).await.code == Some(0));
        world.sources["park"].add("plants", plant(1, 1, "甲"));
        world.sources["quarry"].add("plants", plant(2, 2, "乙"));
        world.run().await;
        let said = run(&join(&format!("uuid/{}", id(1)), &format!("uuid/{}", id(2)))).await.said(0);
        assert!(said.contains("来源 quarry 还没有写 priority"), "{said}");
        world.until_idle().await;
        assert_eq!(plants(&world).0, there(&[(1, "甲"), (2, "乙")]));
        let shown = run(&["alias"]).await.said(0);
        assert!(shown.contains("来源 park 的 plant 还有 1 条没有过去"), "{shown}");
    })
    .await;
}
