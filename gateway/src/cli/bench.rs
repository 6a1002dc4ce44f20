//! `lianwang bench`: what this machine and this database do in a second, phase by phase, and that it still adds up.
//! Leaves the records, the simulators and the configuration to `stage`; docs/performance.md says what each phase holds.

mod report;
mod stage;

use std::time::Instant;

use super::{
    Failure, Outcome,
    arguments::{BenchArguments, Place},
    progress::Progress,
};
use crate::scheduler::once::{self, Done};
use report::{Phase, Report, Teller};
use stage::Stage;

pub(super) async fn bench(place: &Place, arguments: &BenchArguments) -> Outcome {
    let stage = Stage::set(place, arguments).await?;
    let teller = Teller { json: arguments.json };
    teller.note(&format!("账目 {}，{} 条", crate::store::shown(&stage.url), stage.records))?;
    let phases = measure(&stage, &teller).await;
    let store = &stage.node.context.store;
    store.release_leases(stage.node.context.node()).await?;
    let report = Report::of(phases?, stage.records, store.stored_bytes().await?);
    let audit = store.audit().await?;
    teller.report(&report, &audit)?;
    if audit.holds { Ok(()) } else { Err(Failure::Check("等式不成立：这些数字不算数".into())) }
}

/// The first night lands and is judged; the second, the same with one in a hundred changed and every row touched, lands
/// unmeasured and is judged; then the newest of everything is sent.
async fn measure(stage: &Stage, teller: &Teller) -> Result<Vec<Phase>, Failure> {
    let progress = Progress::new();
    let heard = |what: &str, records| progress.say(what, records);
    let (node, source) = (&*stage.node, stage.source.as_str());
    let land = timed("land", teller, once::pull(node, source, false, &heard)).await?;
    let refine = timed("refine", teller, once::refine(node, &heard)).await?;
    done(&once::pull(node, source, false, &heard).await?)?;
    let repush = timed("repush", teller, once::refine(node, &heard)).await?;
    let forward = timed("forward", teller, once::forward(node, stage::DESTINATION, &heard)).await?;
    Ok(vec![land, refine, repush, forward])
}

async fn timed<E: Into<Failure>>(
    name: &'static str,
    teller: &Teller,
    phase: impl Future<Output = Result<Done, E>>,
) -> Result<Phase, Failure> {
    let began = Instant::now();
    let records = done(&phase.await.map_err(Into::into)?)?;
    let phase = Phase::of(name, records, began.elapsed());
    teller.phase(&phase)?;
    Ok(phase)
}

/// How many records were handled; anything that went wrong on the way spoils the figures.
fn done(done: &Done) -> Result<u64, Failure> {
    if done.failures.is_empty() { Ok(done.records) } else { Err(Failure::Remote(done.failures.join("\n"))) }
}

#[cfg(test)]
mod tests;
