//! The sweep: a story is told once without a fault, then again and again with one boundary broken, the first, the
//! second, … until there is none left to break. Each time it must end in the same state. It ends by itself.

use std::io::Write;

use crate::{Db, Files, World, faults::Breaker, state::final_state};

/// More boundaries than any story here has.
const LIMIT: u64 = 2_000;

/// How a story's end is compared.
#[derive(Debug, Clone, Copy)]
pub struct Compared {
    /// Whether counts of verdicts must be the same; not for sources read by page number, which begin again.
    pub counts: bool,
}

/// Tells `story` with every boundary broken in turn, each before and after it happened, each gone on from in the same
/// process and from a new start. Returns how many boundaries there were.
pub async fn sweep(db: &Db, files: &Files, compared: Compared, story: impl AsyncFn(&mut World)) -> u64 {
    let ledger = db.store().await;
    let tell = async |breaker: &Breaker, restarts: bool| {
        db.wipe().await;
        let mut world = World::on(ledger.clone(), breaker.clone(), files).await;
        world.restarts = restarts;
        story(&mut world).await;
        final_state(db, &world, compared.counts).await
    };
    let whole = Breaker::counting();
    let wanted = tell(&whole, false).await;
    let mut swept = 0;
    for n in 1..LIMIT {
        let mut reached = false;
        for after in [false, true] {
            let breaker = Breaker::counting();
            breaker.arm(n, after);
            let restarts = (n % 2 == 0) != after;
            let state = tell(&breaker, restarts).await;
            let told =
                format!("{} boundary {n} {:?} after={after} restarts={restarts}", db.name, breaker.broken());
            assert_same(&wanted, &state, &told);
            reached |= breaker.broken().is_some();
        }
        if !reached {
            break;
        }
        swept = n;
    }
    assert!(swept >= whole.passed(), "{} of {} boundaries", swept, whole.passed());
    assert!(swept < LIMIT - 1, "the sweep did not end by itself");
    let _told = writeln!(std::io::stderr(), "{}: swept {swept} boundaries, before and after", db.name);
    swept
}

fn assert_same(wanted: &[String], state: &[String], told: &str) {
    let missing: Vec<_> = wanted.iter().filter(|line| !state.contains(line)).collect();
    let more: Vec<_> = state.iter().filter(|line| !wanted.contains(line)).collect();
    assert!(wanted == state, "{told}:\nmissing {missing:#?}\nmore {more:#?}");
}
