//! Sending: limits, leases and answers that once sent twice, never again, or for ever.

use adapters::{
    AdapterError, Certainty,
    memory::{OnBad, Reply},
};
use chrono::TimeDelta;
use gateway::{
    ledger::Owed,
    pipeline::{Step, StepError},
    store::StoreError,
};
use serde_json::json;
use tests::{
    Db, Files, World,
    http::{Hub, Setup, running::until, sample},
    on_both,
    rows::{plant, wire},
};

use super::{RECEIVER, Told, answer, column, owed, plants_only, refused_credential, take};

const NATIONAL: &str = "destinations/national/destination.toml";

const PAGE: &str = "<html>502 Bad Gateway</html>";

/// Broken JSON with a NUL, and one written as an escape.
const UNREADABLE: &str = "{\"success\": true, \"data\": {\"code\": \"5\\u000000\"}, \"x\0";

async fn judged(db: &Db, files: &Files, count: u32) -> World {
    let world = World::new(db, files).await;
    (1..=count).for_each(|n| world.park().add("plants", plant(n, n, "甲")));
    take(&world).await;
    world
}

/// A hundred seconds between two requests: longer than a lease lasts.
#[tokio::test]
async fn a_destination_slower_than_a_lease_is_sent_to() {
    on_both(async |db| {
        for rate in ["0.02", "0.01"] {
            db.store().await.close().await.unwrap();
            db.wipe().await;
            let files = sample::files(50)
                .replacing(NATIONAL, "requests_per_s = 5.0", &format!("requests_per_s = {rate}"))
                .replacing(NATIONAL, "batch = 20", "batch = 1");
            let hub = Hub::new(db, Setup::empty(files)).await;
            hub.offer("risk_unit", &[sample::unit(1), sample::unit(2)]).await;
            hub.pull().await;
            hub.refine().await;
            let begun = hub.now();
            for _ in 0..12 {
                if let Step::Paced(moment) = hub.forward_step().await.unwrap() {
                    hub.wait_until(moment);
                }
            }
            let sum = hub.audit().await.destinations["national"].sum;
            assert_eq!(sum, Owed { owed: 2, confirmed: 2, ..Owed::default() });
            assert!(hub.now() - begun >= TimeDelta::seconds(100), "{}", hub.now() - begun);
        }
    })
    .await;
}

/// A lease lasts as long as an exchange may: nobody takes over while an answer is still awaited.
#[tokio::test]
async fn nobody_takes_over_while_a_slow_exchange_is_under_way() {
    on_both(async |db| {
        let slow =
            Files::small().replacing(RECEIVER, "type = \"rest\"", "type = \"rest\"\ntimeout_ms = 120000");
        let mut world = judged(db, &slow, 1).await;
        let clock = world.clock.clone();
        let told = Told::new(&world, move |_| {
            clock.advance(TimeDelta::seconds(110));
            Some(Err(AdapterError::remote("没有等到应答", Certainty::Unknown)))
        });
        let begun = world.context.now();
        assert!(matches!(told.forward(&world).await.unwrap(), Step::Failed(_)));
        assert_eq!(world.context.now() - begun, TimeDelta::seconds(110));
        world.context = world.replica("other");
        let step = world.forward("receiver").await.unwrap();
        assert!(matches!(&step, Step::Elsewhere(holder, _) if holder == "hub"), "{step:?}");
    })
    .await;
}

#[tokio::test]
async fn a_holder_that_was_taken_over_does_not_send_its_open_batch() {
    on_both(async |db| {
        let mut world = judged(db, &Files::small(), 1).await;
        world.receiver().set(|mood| mood.next = [Reply::Mumble].into());
        assert!(matches!(world.forward("receiver").await.unwrap(), Step::Failed(_)));
        let restarted = world.replica("hub");
        let first = std::mem::replace(&mut world.context, restarted);
        assert!(matches!(world.forward("receiver").await.unwrap(), Step::Later(_)));
        world.wait(TimeDelta::seconds(10));
        let second = std::mem::replace(&mut world.context, first);
        let lost = world.forward("receiver").await.unwrap_err();
        assert!(matches!(lost, StepError::Store(StoreError::LostLease(_))), "{lost}");
        assert_eq!(world.ledger().arrivals.len(), 1);
        world.context = second;
        assert_eq!(world.forward("receiver").await.unwrap(), Step::Did(1));
        assert_eq!(owed(&world).await, Owed { owed: 1, confirmed: 1, ..Owed::default() });
    })
    .await;
}

#[tokio::test]
async fn a_second_hub_of_a_name_finds_the_first() {
    on_both(async |db| {
        let (one, two) = (db.store().await, db.store().await);
        let first = one.claim(&db.url, "hub").await.unwrap();
        assert!(first.is_some());
        assert!(two.claim(&db.url, "hub").await.unwrap().is_none());
        drop(first);
        one.close().await.unwrap();
        // a server notices in its own time that a session has ended
        until("the name is free", async || two.claim(&db.url, "hub").await.unwrap().is_some()).await;
    })
    .await;
}

/// PostgreSQL stores no NUL, and receivers write what they like.
#[tokio::test]
async fn a_nul_in_the_words_of_a_receiver_stops_nothing() {
    on_both(async |db| {
        let mut world = judged(db, &Files::small(), 3).await;
        let told = Told::new(&world, |_| {
            let error = AdapterError::remote("断\0线", Certainty::Unknown);
            Some(Err(error.with_seen(Some(200), b"a\0b".to_vec())))
        });
        assert!(matches!(told.forward(&world).await.unwrap(), Step::Failed(_)));
        world.wait(TimeDelta::seconds(10));
        let told = Told::new(&world, |_| Some(answer(200, UNREADABLE)));
        assert!(matches!(told.forward(&world).await.unwrap(), Step::Failed(_)));
        world.wait(TimeDelta::minutes(1));
        let busy = r#"{"data": {"code": "500", "msg": "忙\u0000着"}}"#;
        let told = Told::new(&world, |_| Some(answer(200, busy)));
        assert!(matches!(told.forward(&world).await.unwrap(), Step::Failed(_)));
        world.receiver().set(|mood| mood.refuses = [(wire(2), "不\0收".to_owned())].into());
        world.until_idle().await;
        assert_eq!(owed(&world).await, Owed { owed: 3, confirmed: 2, refused: 1, ..Owed::default() });
        let clean = ["不\u{fffd}收"];
        assert_eq!(column(db, "SELECT reason FROM delivery WHERE reason IS NOT NULL").await, clean);
        assert_eq!(column(db, "SELECT reason FROM batch_member WHERE reason IS NOT NULL").await, clean);
        let what = column(db, "SELECT what FROM attempt WHERE what <> '' ORDER BY n").await;
        assert_eq!((what[0].as_str(), what[2].as_str()), ("断\u{fffd}线", "忙\u{fffd}着"), "{what:?}");
    })
    .await;
}

/// Twelve plants of two companies, of which one's credential is refused.
#[tokio::test]
async fn one_companys_refused_credential_costs_the_others_nothing() {
    on_both(async |db| {
        let world = World::new(db, &plants_only("group_by = \"companyCode\"\n")).await;
        for n in 1..=12 {
            let mut row = plant(n, n, "甲");
            row["corp"] = json!(if n % 2 == 0 { "410900017" } else { "410900018" });
            world.park().add("plants", row);
        }
        take(&world).await;
        let told = Told::new(&world, |batch| (batch.group == "410900018").then(refused_credential));
        let begun = world.context.now();
        let step = told.forward_now(&world).await;
        assert!(matches!(step, Step::Later(moment) if moment > begun), "{step:?}");
        assert_eq!(owed(&world).await, Owed { owed: 12, confirmed: 6, pending: 6, ..Owed::default() });
        let of_one = |came: &[super::Came]| {
            let mut ids: Vec<String> =
                came.iter().filter(|came| came.group == "410900018").map(|came| came.id.clone()).collect();
            ids.dedup();
            ids
        };
        assert_eq!(told.came().len(), 3, "one attempt of the one, two batches of the other");
        for _ in 0..6 {
            world.wait(TimeDelta::minutes(6));
            told.forward_now(&world).await;
        }
        let came = told.came();
        assert_eq!(of_one(&came).len(), 1, "no further batch is frozen: {came:?}");
        assert_eq!(came.len(), 3 + 6);

        let mended = Told::new(&world, |_| None);
        world.wait(TimeDelta::minutes(6));
        mended.forward_now(&world).await;
        assert_eq!(owed(&world).await, Owed { owed: 12, confirmed: 12, ..Owed::default() });
        assert_eq!(mended.came().iter().map(|came| came.members.len()).collect::<Vec<_>>(), [3, 3]);
    })
    .await;
}

/// A rule for an answer that nobody understood when the batch was frozen.
const UNDERSTOOD: &str = "[[verdict]]\nstatus = [202]\noutcome = \"taken\"\n\n";

fn understanding() -> Files {
    Files::small().replacing(
        RECEIVER,
        "[[verdict]]\nname = \"对方繁忙\"",
        &format!("{UNDERSTOOD}[[verdict]]\nname = \"对方繁忙\""),
    )
}

#[tokio::test]
async fn an_answer_nobody_understood_is_understood_by_a_rule_added_since() {
    on_both(async |db| {
        let mut world = judged(db, &Files::small(), 3).await;
        let told = Told::new(&world, |_| Some(answer(202, "")));
        assert!(matches!(told.forward(&world).await.unwrap(), Step::Failed(_)));
        assert_eq!(world.store().batch_figures("receiver").await.unwrap().0, 1, "unknown");
        world.activate(&understanding()).await;
        world.wait(TimeDelta::minutes(1));
        let told = Told::new(&world, |_| Some(answer(202, "")));
        told.forward_now(&world).await;
        assert_eq!(owed(&world).await, Owed { owed: 3, confirmed: 3, ..Owed::default() });
        assert_eq!(told.came().len(), 1);
    })
    .await;
}

/// What the rules that froze a batch do say holds, whatever others came since.
#[tokio::test]
async fn an_answer_the_pinned_rules_understand_is_read_by_them() {
    on_both(async |db| {
        let mut world = judged(db, &understanding(), 3).await;
        world.receiver().set(|mood| mood.next = [Reply::Mumble].into());
        world.forward("receiver").await.unwrap();
        let otherwise = understanding().replacing(
            RECEIVER,
            "status = [202]\noutcome = \"taken\"",
            "status = [202]\noutcome = \"busy\"",
        );
        world.activate(&otherwise).await;
        world.wait(TimeDelta::minutes(1));
        let told = Told::new(&world, |_| Some(answer(202, "")));
        assert_eq!(told.forward(&world).await.unwrap(), Step::Did(3));
        assert_eq!(owed(&world).await, Owed { owed: 3, confirmed: 3, ..Owed::default() });
    })
    .await;
}

#[tokio::test]
async fn a_server_that_fails_in_words_nobody_knows_is_left_alone_as_a_whole() {
    on_both(async |db| {
        let world = judged(db, &Files::small(), 30).await;
        let told = Told::new(&world, |_| Some(answer(502, PAGE)));
        let begun = world.context.now();
        assert_eq!(told.forward_now(&world).await, Step::Later(begun + TimeDelta::seconds(10)));
        for _ in 0..3 {
            world.wait(TimeDelta::minutes(6));
            told.forward_now(&world).await;
        }
        let mut batches: Vec<String> = told.came().into_iter().map(|came| came.id).collect();
        let attempts = batches.len();
        batches.sort();
        batches.dedup();
        assert_eq!(attempts, 4, "one attempt each time it may be tried");
        assert!(batches.len() <= 2, "no flood of frozen batches: {batches:?}");
        let well = Told::new(&world, |_| None);
        world.wait(TimeDelta::minutes(6));
        well.forward_now(&world).await;
        assert_eq!(owed(&world).await, Owed { owed: 30, confirmed: 30, ..Owed::default() });
    })
    .await;
}

/// One answer nobody understands may be one batch's fault; several are the receiver's.
#[tokio::test]
async fn a_receiver_that_mumbles_is_left_alone_after_a_few_batches() {
    on_both(async |db| {
        let world = judged(db, &Files::small(), 30).await;
        let told = Told::new(&world, |_| Some(answer(200, "<html>?</html>")));
        assert!(matches!(told.forward_now(&world).await, Step::Later(_)));
        assert_eq!(told.came().len(), 4, "three that are unknown, and the one that made it plain");
        let well = Told::new(&world, |_| None);
        world.wait(TimeDelta::minutes(6));
        well.forward_now(&world).await;
        assert_eq!(owed(&world).await, Owed { owed: 30, confirmed: 30, ..Owed::default() });
    })
    .await;
}

#[tokio::test]
async fn a_batch_of_one_refused_for_its_data_is_refused_once_and_for_all() {
    on_both(async |db| {
        let world = judged(db, &Files::small(), 1).await;
        world.receiver().set(|mood| {
            mood.refuses = [(wire(1), "不收".to_owned())].into();
            (mood.silent, mood.on_bad) = (true, OnBad::RefuseAll);
        });
        world.forward_all("receiver").await;
        assert_eq!(owed(&world).await, Owed { owed: 1, refused: 1, ..Owed::default() });
        assert_eq!(world.ledger().arrivals.len(), 1);
        assert_eq!(column(db, "SELECT reason FROM delivery").await, ["数据校验失败"]);
    })
    .await;
}

/// New rows come with every step; the batch that was tried three times still has its turn.
#[tokio::test]
async fn a_batch_tried_often_has_its_turn_although_new_rows_keep_coming() {
    on_both(async |db| {
        let world = judged(db, &Files::small(), 1).await;
        let told = Told::new(&world, |batch| {
            batch.members.contains(&wire(1)).then(|| answer(200, "<html>?</html>"))
        });
        let tries = |told: &[super::Came]| told.iter().filter(|came| came.members.contains(&wire(1))).count();
        told.forward(&world).await.unwrap();
        for n in 2..40 {
            world.park().add("plants", plant(n, n, "新"));
            take(&world).await;
            told.forward(&world).await.unwrap();
            world.wait(TimeDelta::seconds(40));
        }
        let came = told.came();
        assert!(tries(&came) >= 6, "{} tries in 25 minutes", tries(&came));
        assert!(came.len() - tries(&came) >= 25, "and it does not block the new ones: {}", came.len());
        assert!(matches!(told.forward_now(&world).await, Step::Later(_)));
        assert_eq!(owed(&world).await, Owed { owed: 39, confirmed: 38, pending: 1, ..Owed::default() });
    })
    .await;
}
