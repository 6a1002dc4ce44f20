//! The README's walk: land, judge, forward, with exact figures.

use gateway::ledger::{Found, Owed};
use tests::{
    Files, World, on_both,
    rows::{alarm, plant, tank, wire},
};

fn small(world: &World) {
    let park = world.park();
    for (n, name) in [(1, "一号"), (2, "二号")] {
        park.add("plants", plant(n, n, name));
    }
    park.add("tanks", tank(11, 3, 1, "重大"));
    park.add("tanks", tank(12, 4, 2, "特大"));
    park.add("alarms", alarm(21, 11, 7));
    park.add("alarms", alarm(22, 99, 8));
}

#[tokio::test]
async fn what_a_park_has_reaches_the_receiver() {
    on_both(async |db| {
        let world = World::new(db, &Files::small()).await;
        small(&world);
        let landed = world.land_all("park").await;
        assert_eq!((landed.did, landed.failed.len()), (3, 0), "a page of each service");
        assert_eq!(world.audit().await.sum, Found::default(), "nothing is judged yet");

        world.refine_all("park").await;
        let judged = world.audit().await;
        assert_eq!(judged.sum, Found { found: 6, accepted: 5, held: 1, ..Found::default() });
        let owed = judged.destinations["receiver"].sum;
        assert_eq!((owed.owed, owed.pending, owed.confirmed), (5, 5, 0));

        let sent = world.forward_all("receiver").await;
        assert_eq!(sent.failed, Vec::<String>::new());
        let done = world.audit().await.destinations["receiver"].sum;
        assert_eq!(done, Owed { owed: 5, confirmed: 4, pending: 1, waiting: 1, ..Owed::default() });
        let ledger = world.ledger();
        let has = |path: &str, n: u32| ledger.entry(path, &wire(n)).is_some();
        assert!(has("t_plant", 1) && has("t_plant", 2) && has("t_tank", 11) && has("t_alarm", 21));
        assert_eq!(ledger.entries.len(), 4);
    })
    .await;
}
