//! A disk that fills: nothing more is taken in, what is here goes on, and reading resumes by itself.

use adapters::Environment;
use gateway::{
    pipeline::Step,
    scheduler::{node::Node, once},
};
use tests::{
    Files, World, on_both,
    rows::{plant, tank},
};

#[tokio::test]
async fn below_a_tenth_free_nothing_is_read_and_all_else_goes_on() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::small()).await;
        world.park().add("plants", plant(1, 1, "甲"));
        world.land_all("park").await;
        world.disk.leave(9);
        world.park().add("tanks", tank(11, 2, 1, "一般"));
        world.ask("park").await.unwrap();
        let asked = world.park().asked();
        assert!(matches!(world.pull("park").await.unwrap(), Step::Later(at) if at > world.context.now()));
        world.refine_all("park").await;
        world.forward_all("receiver").await;
        assert_eq!(world.park().asked(), asked, "nothing was asked of the source");
        assert_eq!(world.audit().await.destinations["receiver"].sum.confirmed, 1);
        world.disk.leave(10);
        world.until_idle().await;
        assert_eq!(world.audit().await.destinations["receiver"].sum.confirmed, 2);
    })
    .await;
}

/// The source's address leads nowhere: it is not even tried.
#[tokio::test]
async fn the_command_says_that_the_disk_is_full() {
    let db = tests::Db::sqlite();
    let world = World::new(&db, &Files::small()).await;
    world.disk.leave(3);
    let node = Node::new(world.replica("command"), Environment::default());
    let done = once::pull(&node, "park", false, &|_, _| {}).await.unwrap();
    assert_eq!(done.records, 0);
    let [said] = done.failures.as_slice() else { panic!("{done:?}") };
    assert!(said.starts_with("磁盘只剩 3%") && said.contains("转发照常"), "{said}");
    db.close().await;
}
