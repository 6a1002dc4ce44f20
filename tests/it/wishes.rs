//! A running hub keeps its leases for ever, and leaves one to a command that wishes for it: at once, for as long as the
//! command lives, and to one command at a time.

use std::mem::swap;

use chrono::TimeDelta;
use gateway::pipeline::{Context, Step};
use tests::{Files, World, on_both, rows::plant};

/// The hub with a lease of its source and of its destination, six plants to be read, and a command beside it.
async fn beside(db: &tests::Db) -> (World, Context) {
    let world = World::new(db, &Files::small()).await;
    (1..=6).for_each(|n| world.park().add("plants", plant(n, n, "甲")));
    world.ask("park").await.unwrap();
    assert!(matches!(world.pull("park").await.unwrap(), Step::Did(4)));
    assert!(!matches!(world.forward("receiver").await.unwrap(), Step::Elsewhere(..)));
    let command = world.replica("hub/7");
    (world, command)
}

/// A step of the command's pull, by the world's hands.
async fn pulled(world: &mut World, command: &mut Context) -> Step {
    swap(&mut world.context, command);
    let step = world.context.wishing("pull:park", Box::pin(world.pull("park"))).await.unwrap();
    swap(&mut world.context, command);
    step
}

/// A step of the command's forward.
async fn forwarded(world: &mut World, command: &mut Context) -> Step {
    swap(&mut world.context, command);
    let step = world.context.wishing("forward:receiver", Box::pin(world.forward("receiver"))).await.unwrap();
    swap(&mut world.context, command);
    step
}

#[tokio::test]
async fn a_source_is_left_to_the_command_and_taken_up_again_after_it() {
    on_both(async |db| {
        let (mut world, mut command) = beside(db).await;
        let soon = world.context.now() + TimeDelta::seconds(2);
        assert_eq!(pulled(&mut world, &mut command).await, Step::Elsewhere("hub".into(), soon));
        assert_eq!(world.store().wished_for(world.context.now()).await.unwrap(), ["pull:park"]);
        for left in [2, 0] {
            assert_eq!(world.pull("park").await.unwrap(), Step::Elsewhere("hub/7".into(), soon));
            assert_eq!(world.ask("park").await.unwrap(), Step::Elsewhere("hub/7".into(), soon));
            assert_eq!(pulled(&mut world, &mut command).await, Step::Did(left));
        }
        let second = world.replica("hub/8");
        let waits = second.wishing("pull:park", async { panic!("one at a time") }).await.unwrap();
        assert!(matches!(waits, Step::Elsewhere(holder, _) if holder == "hub/7"));

        world.store().release_leases("hub/7").await.unwrap();
        assert_eq!(world.store().wished_for(world.context.now()).await.unwrap(), Vec::<String>::new());
        world.until_idle().await;
        assert_eq!(world.audit().await.kinds["plant"].accepted, 6);
    })
    .await;
}

#[tokio::test]
async fn a_destination_is_left_to_the_command_and_everything_goes_once() {
    on_both(async |db| {
        let (mut world, mut command) = beside(db).await;
        world.land_all("park").await;
        world.refine_all("park").await;
        assert!(matches!(forwarded(&mut world, &mut command).await, Step::Elsewhere(holder, _) if holder == "hub"));
        assert!(
            matches!(world.forward("receiver").await.unwrap(), Step::Elsewhere(holder, _) if holder == "hub/7")
        );
        assert!(matches!(forwarded(&mut world, &mut command).await, Step::Did(_)));
        world.store().release_leases("hub/7").await.unwrap();
        world.until_idle().await;
        assert_eq!(world.audit().await.destinations["receiver"].sum.confirmed, 6);
    })
    .await;
}

#[tokio::test]
async fn a_dead_command_s_wish_runs_out_and_no_wish_is_a_share_of_the_work() {
    on_both(async |db| {
        let (mut world, mut command) = beside(db).await;
        let before = world.store().share("hub", world.context.now()).await.unwrap();
        let _ = pulled(&mut world, &mut command).await;
        let after = world.store().share("hub", world.context.now()).await.unwrap();
        assert_eq!((after.leases, after.mine), (before.leases, before.mine));
        assert!(matches!(world.pull("park").await.unwrap(), Step::Elsewhere(..)));
        // it died with its wish
        world.wait(TimeDelta::minutes(2));
        assert!(matches!(world.pull("park").await.unwrap(), Step::Did(2)));
        world.until_idle().await;
        assert_eq!(world.audit().await.kinds["plant"].accepted, 6);
    })
    .await;
}
