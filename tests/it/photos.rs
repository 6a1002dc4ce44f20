//! Photographs: out of the record at the door, stored once, back in it byte for byte when it goes; kept as long as a version
//! names them, told when they are none.

use adapters::memory::Ledger;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use gateway::{
    pipeline::{self, explain, recover, restored},
    proof::Folder,
    store::retention::What,
};
use mappings::{Key, Level};
use serde_json::{Value, json};
use tests::{
    Db, Files, World, on_both,
    rows::{tank, wire},
    state::Asked,
    sweep::{Compared, sweep},
};

const KIND: &str = "kinds/tank.toml";
const MAPPING: &str = "sources/park/tank.toml";
const DESTINATION: &str = "destinations/receiver/destination.toml";

/// Tanks have two photographs.
fn files(base: Files) -> Files {
    let photo = |name: &str| {
        format!(
            "{name} = {{ label = \"照片\", type = \"image\", max_kb = 5120, types = [\"jpeg\", \"png\"], personal = \"image\" }}\n"
        )
    };
    let fields = format!("[fields]\n{}{}", photo("front"), photo("back"));
    base.replacing(KIND, "[fields]\n", &fields).replacing(
        MAPPING,
        "name = \"name\"",
        "name = \"name\"\nfront = \"a\"\nback = \"b\"",
    )
}

/// A JPEG of so many bytes, as far as anybody looks; never two the same.
fn jpeg(seed: u8, length: usize) -> Vec<u8> {
    let noise = (0u64..65_536).map(|n| {
        let mixed = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (u64::from(seed) << 29);
        u8::try_from((mixed >> 29) & 0xff).unwrap()
    });
    let noise: Vec<u8> = noise.collect();
    [0xff, 0xd8, 0xff, 0xe0, seed].into_iter().chain(noise.into_iter().cycle().take(length)).collect()
}

fn with(n: u32, minute: u32, a: &str, b: &str) -> Value {
    let mut row = tank(n, minute, 1, "重大");
    row["plant"] = Value::Null;
    (row["a"], row["b"]) = (a.into(), b.into());
    row
}

fn sent(world: &World, n: u32) -> Value {
    arrived(&world.ledger(), n)
}

fn arrived(ledger: &Ledger, n: u32) -> Value {
    let entry = ledger.entry("t_tank", &wire(n));
    entry.map(|entry| serde_json::from_str(&entry.body).unwrap()).unwrap_or_default()
}

async fn number(db: &Db, sql: &str) -> i64 {
    let asked = Asked::open(db).await;
    let found = asked.number(sql).await;
    asked.close().await;
    found
}

const STORED: &str = "SELECT COUNT(*) FROM blob b JOIN blob_bytes p ON p.no = b.no WHERE EXISTS ( \
     SELECT 1 FROM version_image m WHERE m.digest = b.digest)";

#[tokio::test]
async fn a_photograph_arrives_as_it_was_sent_and_is_stored_once() {
    on_both(async |db| {
        let (one, two) = (jpeg(1, 50_000), jpeg(2, 300));
        let mut world = World::new(db, &files(Files::small())).await;
        let prefixed = format!("data:image/jpeg;base64,{}", STANDARD.encode(&one));
        world.park().add("tanks", with(1, 1, &prefixed, &STANDARD.encode(&two)));
        world.park().add("tanks", with(2, 2, &STANDARD.encode(&one), ""));
        world.run().await;
        assert_eq!(sent(&world, 1)["front"], STANDARD.encode(&one));
        assert_eq!(sent(&world, 1)["back"], STANDARD.encode(&two));
        assert_eq!(sent(&world, 2)["front"], STANDARD.encode(&one));
        assert_eq!(sent(&world, 2).get("back"), None);
        assert_eq!(number(db, STORED).await, 2);
        assert_eq!(number(db, "SELECT COUNT(*) FROM version_image").await, 3);
        assert_eq!(number(db, "SELECT COUNT(*) FROM version WHERE length(content) > 1000").await, 0);
        assert_eq!(world.audit().await.sum.accepted, 2);

        // the same photograph in another spelling is no change
        world.park().add("tanks", with(2, 3, &prefixed, ""));
        world.run().await;
        assert_eq!(world.audit().await.sum.accepted, 2);
        let deep = pipeline::deep(&world.context, &|_, _| {}).await.unwrap();
        assert!(deep.differences.is_empty() && deep.damaged.is_empty(), "{deep:#?}");

        let key = Key { kind: "tank".into(), id_space: "uuid".into(), id: wire(1) };
        let record = number(db, "SELECT MIN(record) FROM version").await;
        let explained = explain::explain(&world.context, &key, Some(record)).await.unwrap();
        assert!(explained.derived_again);
        let front = &explained.versions[0].fields["front"];
        assert!(front.value.as_deref().unwrap().starts_with("图片 JPEG 49 KB sha256:"), "{front:?}");
        assert_eq!(front.raw.as_deref(), Some(format!("[图片，{} 字符]", prefixed.len()).as_str()));
    })
    .await;
}

#[tokio::test]
async fn a_receiver_may_want_the_prefix() {
    on_both(async |db| {
        let files =
            files(Files::small()).replacing(DESTINATION, "[wire]\n", "[wire]\nimages = \"data-uri\"\n");
        let mut world = World::new(db, &files).await;
        let plain = STANDARD.encode(jpeg(1, 40));
        world.park().add("tanks", with(1, 1, &plain, ""));
        world.run().await;
        assert_eq!(sent(&world, 1)["front"], format!("data:image/jpeg;base64,{plain}"));
    })
    .await;
}

#[tokio::test]
async fn what_is_no_photograph_is_told_shortly() {
    on_both(async |db| {
        let mut world = World::new(db, &files(Files::small())).await;
        let large = STANDARD.encode(jpeg(1, 5 * 1024 * 1024));
        let rubbish = "不是".repeat(100_000);
        for (n, front) in [(1, "无"), (2, large.as_str()), (3, "R0lGODlhAA=="), (4, rubbish.as_str())] {
            world.park().add("tanks", with(n, n, front, ""));
        }
        world.run().await;
        assert_eq!(world.audit().await.sum.rejected, 4);
        let asked = Asked::open(db).await;
        let told = asked.column::<String>("SELECT issues FROM issue ORDER BY place").await;
        asked.close().await;
        let issues: Vec<mappings::Issue> = told
            .iter()
            .flat_map(|json| serde_json::from_str::<Vec<mappings::Issue>>(json).unwrap())
            .collect();
        let codes: Vec<&str> = issues.iter().map(|issue| issue.code.as_str()).collect();
        assert_eq!(codes, ["bad-image", "image-too-large", "image-type", "bad-image"]);
        assert!(
            issues.iter().all(|issue| issue.value.len() < 100 && issue.level == Level::Reject),
            "{issues:#?}"
        );
        assert_eq!(number(db, "SELECT COUNT(*) FROM version_image").await, 0);
    })
    .await;
}

#[tokio::test]
async fn three_large_photographs_go_through_or_the_limit_is_named() {
    on_both(async |db| {
        let large =
            [jpeg(1, 5 * 1024 * 1024 - 5), jpeg(2, 5 * 1024 * 1024 - 5)].map(|bytes| STANDARD.encode(bytes));
        let mut world = World::new(db, &files(Files::small())).await;
        for n in 1..4 {
            world.park().add("tanks", with(n, n, &large[0], &large[1]));
        }
        world.run().await;
        assert_eq!(
            (&sent(&world, 3)["front"], &sent(&world, 3)["back"]),
            (&json!(large[0]), &json!(large[1]))
        );
        // two of 14 MB are in a batch of 32 MB, not three
        assert_eq!(number(db, "SELECT MAX(size) FROM batch").await, 2);
        assert_eq!(number(db, STORED).await, 2);

        let narrow = files(Files::small()).replacing(DESTINATION, "[send]\n", "[send]\nmax_batch_mb = 8\n");
        world.activate(&narrow).await;
        world.park().add("tanks", with(3, 9, &large[1], &large[0]));
        world.park().add("tanks", with(4, 10, "", ""));
        world.run().await;
        assert_eq!(sent(&world, 4)["name"], "储罐4");
        let refused =
            "SELECT COUNT(*) FROM delivery WHERE state = 'refused' AND reason LIKE '%max_batch_mb%'";
        assert_eq!(number(db, refused).await, 1);
        world.audit().await;
    })
    .await;
}

#[tokio::test]
async fn its_bytes_stay_as_long_as_a_version_that_names_them() {
    on_both(async |db| {
        let mut world = World::new(db, &files(Files::small())).await;
        let photos = [1, 2].map(|seed| STANDARD.encode(jpeg(seed, 900)));
        world.park().add("tanks", with(1, 1, &photos[0], ""));
        world.run().await;
        world.park().add("tanks", with(1, 2, &photos[1], ""));
        world.run().await;
        assert_eq!(number(db, STORED).await, 2);
        let went = world.age().await;
        assert!(went.iter().any(|(what, gone)| *what == What::Versions && gone.rows == 1), "{went:?}");
        world.age().await;
        assert_eq!(number(db, "SELECT COUNT(*) FROM version_image").await, 1);
        assert_eq!(number(db, "SELECT COUNT(*) FROM blob_bytes").await, 1);

        // a destination that comes later gets what stands, from the bytes that stayed
        world.activate(&files(Files::small()).receiver("second", 5)).await;
        world.run().await;
        let second = world.receivers["second"].ledger();
        assert_eq!(arrived(&second, 1)["front"], photos[1]);
        world.audit().await;
    })
    .await;
}

/// The state between the dump and the disaster is lost; what went out of it is in the journal.
#[tokio::test]
async fn a_recovery_has_the_photographs_that_went_out() {
    on_both(async |db| {
        let home = tempfile::tempdir().unwrap();
        let folder = Folder::new(home.path(), &db.url).unwrap();
        let mut world = World::new(db, &files(Files::small())).await;
        world.keep_proof(&folder);
        world.park().add("tanks", with(1, 1, "", ""));
        world.run().await;
        let dump = db.dump().await;
        let photo = STANDARD.encode(jpeg(3, 700));
        world.park().add("tanks", with(2, 2, &photo, ""));
        world.run().await;
        assert_eq!(sent(&world, 2)["front"], photo);

        world.close().await;
        db.restore(&dump).await;
        world.reopen(db).await;
        let lacks = restored(&world.context, &folder).await.unwrap().unwrap();
        recover(&world.context, &lacks, &|_| {}).await.unwrap();
        world.activate(&files(Files::small()).receiver("second", 5)).await;
        world.run().await;
        assert_eq!(arrived(&world.receivers["second"].ledger(), 2)["front"], photo);
        world.audit().await;
    })
    .await;
}

/// Of a register each source's photograph is kept: that of who is outweighed today may stand tomorrow.
#[tokio::test]
async fn a_photograph_of_the_other_source_is_kept_with_its_word() {
    on_both(async |db| {
        let mut files = files(Files::small())
            .replacing(KIND, "label = \"储罐\"", "label = \"储罐\"\nregistry = true")
            .source("quarry");
        for (name, priority) in [("park", 2), ("quarry", 1)] {
            let path = format!("sources/{name}/source.toml");
            files = files.replacing(&path, "title = ", &format!("priority = {priority}\ntitle = "));
        }
        let mut world = World::new(db, &files).await;
        let [own, others, back] = [1, 2, 3].map(|seed| STANDARD.encode(jpeg(seed, 600)));
        let offer = |world: &World, source: &str, row: Value| {
            world.sources[source].change("tanks", |shelf| *shelf = vec![row]);
        };
        offer(&world, "park", with(1, 1, &own, ""));
        world.run().await;
        offer(&world, "quarry", with(1, 2, &others, &back));
        world.run().await;
        assert_eq!((&sent(&world, 1)["front"], &sent(&world, 1)["back"]), (&json!(own), &json!(back)));
        for _ in 0..2 {
            world.age().await;
        }
        // nothing names it but what the other source says
        offer(&world, "park", with(1, 3, "", ""));
        world.run().await;
        assert_eq!((&sent(&world, 1)["front"], &sent(&world, 1)["back"]), (&json!(others), &json!(back)));
        assert_eq!(number(db, "SELECT COUNT(*) FROM contribution_image").await, 2);
        world.audit().await;
    })
    .await;
}

#[tokio::test]
async fn whatever_breaks_once_the_photographs_are_there() {
    on_both(async |db| {
        let files = files(Files::keyset());
        let swept = sweep(db, &files, Compared { counts: true }, async |world: &mut World| {
            let photo = STANDARD.encode(jpeg(7, 2_000));
            world.park().add("tanks", with(1, 1, &photo, &photo));
            world.park().add("tanks", with(2, 2, "无", ""));
            world.run().await;
            assert_eq!(sent(world, 1)["front"], photo);
        })
        .await;
        assert!(swept > 10, "{swept}");
    })
    .await;
}
