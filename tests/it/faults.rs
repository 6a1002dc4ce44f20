//! The sweep over every commit and every request, on both databases: a story with a bad row, a held one, a late parent,
//! a refused row and a changed one ends the same whatever broke once.

use tests::{
    Files, World, on_both,
    rows::{alarm, plant, tank, wire},
    sweep::{Compared, sweep},
};

/// Monday: two plants, one without a name; three tanks, one of an unknown level, one of a plant not heard of yet, one
/// the receiver refuses; a plant changed within the page.
fn monday(world: &World) {
    let park = world.park();
    for row in [plant(1, 1, "一号"), plant(2, 2, "二号"), plant(3, 3, ""), plant(1, 4, "一号改")] {
        park.add("plants", row);
    }
    for row in [
        tank(11, 5, 1, "重大"),
        tank(12, 6, 1, "特大"),
        tank(13, 7, 4, "一般"),
        tank(14, 8, 2, "一般"),
        tank(15, 9, 2, "较大"),
    ] {
        park.add("tanks", row);
    }
    park.add("alarms", alarm(21, 11, 7));
    park.add("alarms", alarm(22, 13, 8));
    world.receiver().set(|mood| {
        mood.refuses.insert(wire(14), "储罐已报废".to_owned());
    });
}

/// Tuesday: the late plant, and a tank that changed.
fn tuesday(world: &World) {
    world.park().add("plants", plant(4, 30, "四号"));
    world.park().add("tanks", tank(11, 31, 1, "一般"));
}

fn story(files: Files) -> impl AsyncFn(&mut World) {
    let mended = files.replacing("tables/park-level.csv", "一般,3\n", "一般,3\n特大,1\n");
    async move |world| {
        monday(world);
        world.run().await;
        tuesday(world);
        world.run().await;
        world.activate(&mended).await;
        world.until_idle().await;
    }
}

#[tokio::test]
async fn whatever_breaks_once_the_end_is_the_same() {
    on_both(async |db| {
        let swept = sweep(db, &Files::keyset(), Compared { counts: true }, story(Files::keyset())).await;
        assert!(swept > 40, "{swept}");
    })
    .await;
}

#[tokio::test]
async fn whatever_breaks_once_pages_by_number_end_the_same() {
    on_both(async |db| {
        let swept = sweep(db, &Files::paged(), Compared { counts: false }, story(Files::paged())).await;
        assert!(swept > 40, "{swept}");
    })
    .await;
}

#[tokio::test]
async fn whatever_breaks_once_pages_by_place_end_the_same() {
    on_both(async |db| {
        let swept = sweep(db, &Files::by_place(), Compared { counts: false }, story(Files::by_place())).await;
        assert!(swept > 40, "{swept}");
    })
    .await;
}

#[tokio::test]
async fn whatever_breaks_once_pages_by_token_end_the_same() {
    on_both(async |db| {
        let swept = sweep(db, &Files::by_token(), Compared { counts: false }, story(Files::by_token())).await;
        assert!(swept > 40, "{swept}");
    })
    .await;
}
