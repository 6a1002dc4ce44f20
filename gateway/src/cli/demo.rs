//! `lianwang demo`: the main job in one command on a bare machine, with simulators as child processes.

use std::{
    io::{self, Write as _},
    path::PathBuf,
    sync::Arc,
};

use adapters::{Environment, os_error, sim::peek};

use super::{
    Failure, Outcome, arguments::Place, audit, children::Child, open, progress::Progress, run, sim::DEMO_KEY,
};
use crate::scheduler::{
    node::Node,
    once::{self, Done},
};

/// Nights the demo lives through at once: the second brings touched rows and the late parent.
const NIGHTS: u32 = 2;
/// Enough to see everything, little enough to wait for at the province's five requests a second.
const ENTERPRISES: &str = "6";

struct Stage {
    node: Arc<Node>,
    url: String,
    province: Child,
    // kept: the park ends when its standard input closes
    _park: Child,
}

pub(super) async fn demo(place: &Place, once: bool, listen: Option<&str>) -> Outcome {
    if once {
        return nights(&set(place).await?).await;
    }
    // before anything is made, and anybody told that it runs
    let bound = run::bound(listen.unwrap_or("127.0.0.1:0")).await?;
    let stage = set(place).await?;
    writeln!(io::stdout(), "模拟园区和模拟省平台已在本机运行，按 Ctrl-C 结束。")?;
    run::serve(Arc::clone(&stage.node), &stage.url, run::Page::Bound(bound)).await
}

async fn set(place: &Place) -> Result<Stage, Failure> {
    let compiled = open::load(place.config.as_deref(), "没有运行")?;
    let url = open::url(place, &compiled.hub, &open::surroundings(place.config.as_deref()), true)?;
    let ledger = province_ledger(&url)?;
    let ledger = ledger.display().to_string();
    let province = Child::start(&["sim", "province", "--with-parent", "--ledger", &ledger]).await?;
    let park = Child::start(&["sim", "park", "--with-parent", "--enterprises", ENTERPRISES]).await?;
    let node =
        open::node(&compiled.hub, Some(&compiled.revision), &url, surroundings(place, &park, &province), "")
            .await?;
    writeln!(io::stdout(), "账目 {}", crate::store::shown(&url))?;
    Ok(Stage { node: Arc::new(node), url, province, _park: park })
}

/// The simulated province remembers what it took from this ledger: one file for each.
fn province_ledger(url: &str) -> Result<PathBuf, Failure> {
    std::fs::create_dir_all(open::DEMO_FOLDER).map_err(|error| {
        Failure::Remote(format!("建不了目录 {}：{}", open::DEMO_FOLDER, os_error::said(&error)))
    })?;
    let digest = crate::store::digest(url.as_bytes());
    let name = digest.get(..8).unwrap_or_default();
    Ok(PathBuf::from(open::DEMO_FOLDER).join(format!("province-{name}.ndjson")))
}

fn surroundings(place: &Place, park: &Child, province: &Child) -> Environment {
    open::surroundings(place.config.as_deref())
        .with("LIANWANG_DEMO_PARK_URL", &park.url)
        .with("LIANWANG_NATIONAL_URL", &province.url)
        .with("LIANWANG_NATIONAL_KEY", DEMO_KEY)
        .with("LIANWANG_NATIONAL_IV", DEMO_KEY)
        .with("LIANWANG_NATIONAL_PASSWORD", "demo")
}

async fn nights(stage: &Stage) -> Outcome {
    let _alone = run::alone(&stage.node, &stage.url).await?;
    let progress = Progress::new();
    let mut done = Done::default();
    for _ in 0..NIGHTS {
        done.add(night(&stage.node, &progress).await?);
    }
    drop(progress);
    stage.node.context.store.release_leases(stage.node.context.node()).await?;
    report(stage, &done).await
}

async fn night(node: &Node, progress: &Progress) -> Result<Done, Failure> {
    let heard = |what: &str, records| progress.say(what, records);
    let pinned = node.context.active().await?;
    let mut done = Done::default();
    for source in &pinned.rules.sources {
        done.add(once::pull(node, &source.name, false, &heard).await?);
    }
    done.add(once::refine(node, &heard).await?);
    for destination in &pinned.rules.destinations {
        done.add(once::forward(node, &destination.name, &heard).await?);
    }
    Ok(done)
}

async fn report(stage: &Stage, done: &Done) -> Outcome {
    let store = &stage.node.context.store;
    let figures = store.audit().await?;
    audit::print(&figures, &mut io::stdout().lock())?;
    for destination in figures.destinations.keys() {
        for (kind, id, parent) in store.waiting(destination, 20).await? {
            writeln!(io::stdout(), "等待上级：{destination} {kind} {id} 等 {parent}")?;
        }
    }
    let theirs = peek::ledger(&stage.province.url).await.map_err(|error| Failure::Remote(error.what))?;
    let (theirs, ours) = (
        theirs.get("distinct").and_then(serde_json::Value::as_i64).unwrap_or(-1),
        store.confirmed_records().await?,
    );
    writeln!(io::stdout(), "省平台自己的账：{theirs} 条不同的记录；我们的账：已确认 {ours} 条。")?;
    let due: i64 = figures.destinations.values().map(|audit| audit.sum.pending - audit.sum.waiting).sum();
    match () {
        () if !done.failures.is_empty() => Err(Failure::Remote(done.failures.join("\n"))),
        () if !figures.holds => Err(Failure::Check("等式不成立".into())),
        () if theirs != ours => Err(Failure::Check("两本账对不上".into())),
        () if due != 0 => Err(Failure::Check(format!("还有 {due} 条没有送出"))),
        () => Ok(()),
    }
}
