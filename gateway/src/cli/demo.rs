//! `lianwang demo`: the main job in one command on a bare machine, with simulators as child processes.

mod sheet;

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use adapters::{os_error, sim::peek};

use super::{
    Failure, Outcome,
    arguments::Place,
    audit,
    children::Child,
    codes::{self, Decision},
    open,
    progress::Progress,
    run,
    sim::DEMO_KEY,
};
use crate::{
    config::embedded,
    pipeline::inbox,
    scheduler::{
        node::Node,
        once::{self, Done},
    },
};

/// Nights the demo lives through at once: the second brings touched rows and the late parent.
const NIGHTS: u32 = 2;
/// Enough to see everything, little enough to wait for at the province's five requests a second.
const ENTERPRISES: &str = "6";

/// The two platforms beside the park, each served from records that ship: folder, and the variable that says where it is.
const PLATFORMS: [(&str, &str); 2] =
    [("mine", "LIANWANG_DEMO_MINE_URL"), ("county", "LIANWANG_DEMO_COUNTY_URL")];

/// A word of the county's that its table lacks, and what the demo decides that it means.
const DECISION: Decision<'_> = Decision {
    source: "demo-county",
    table: "demo-county-result",
    value: "基本落实",
    code: "部分落实",
    why: "演示：与县局核实，基本落实按部分落实计",
    who: "演示",
};

struct Stage {
    node: Arc<Node>,
    url: String,
    directory: PathBuf,
    province: Child,
    // kept: a simulator ends when its standard input closes
    _sources: Vec<Child>,
}

pub(super) async fn demo(place: &Place, once: bool, listen: Option<&str>) -> Outcome {
    if once {
        return nights(&set(place).await?).await;
    }
    // before anything is made, and anybody told that it runs
    let bound = run::bound(listen.unwrap_or("127.0.0.1:0")).await?;
    let stage = set(place).await?;
    writeln!(io::stdout(), "模拟园区、矿山、县和省平台已在本机运行，按 Ctrl-C 结束。")?;
    let shown = async {
        sheet::after_the_first_night(&stage.node).await?;
        std::future::pending().await
    };
    tokio::select! {
        served = run::serve(Arc::clone(&stage.node), &stage.url, run::Page::Bound(bound)) => served,
        failed = shown => failed,
    }
}

async fn set(place: &Place) -> Result<Stage, Failure> {
    let directory = configured(place)?;
    let compiled = open::load(Some(&directory), "没有运行")?;
    let surroundings = open::surroundings(Some(&directory));
    let url = open::url(place, &compiled.hub, &surroundings, true)?;
    let ledger = province_ledger(&url)?;
    let ledger = ledger.display().to_string();
    let province = Child::start(&["sim", "province", "--with-parent", "--ledger", &ledger]).await?;
    let park = Child::start(&["sim", "park", "--with-parent", "--enterprises", ENTERPRISES]).await?;
    let mut environment = surroundings
        .with("LIANWANG_DEMO_PARK_URL", &park.url)
        .with("LIANWANG_NATIONAL_URL", &province.url)
        .with("LIANWANG_NATIONAL_KEY", DEMO_KEY)
        .with("LIANWANG_NATIONAL_IV", DEMO_KEY)
        .with("LIANWANG_NATIONAL_PASSWORD", "demo");
    let mut sources = vec![park];
    for (platform, variable) in PLATFORMS {
        let records = records(platform)?.display().to_string();
        let child = Child::start(&["sim", "park", "--with-parent", "--records", &records]).await?;
        environment = environment.with(variable, &child.url);
        sources.push(child);
    }
    let node = open::node(&compiled.hub, Some(&compiled.revision), &url, environment, "").await?;
    writeln!(io::stdout(), "账目 {}，配置 {}", crate::store::shown(&url), directory.display())?;
    Ok(Stage { node: Arc::new(node), url, directory, province, _sources: sources })
}

/// The directory named, else the demo's own, written where it is not yet: people may look at it, and change it.
fn configured(place: &Place) -> Result<PathBuf, Failure> {
    if let Some(named) = &place.config {
        return Ok(named.clone());
    }
    let directory = PathBuf::from(open::DEMO_CONFIG);
    if !directory.is_dir() {
        // whole or not at all: half a directory would be taken for somebody's own
        let beside = directory.with_extension("new");
        for file in embedded::demo_directory() {
            put(&beside.join(&file.path), file.text.as_bytes())?;
        }
        std::fs::rename(&beside, &directory).map_err(|error| unwritten(&directory, &error))?;
    }
    Ok(directory)
}

/// The folder of a platform's records, as they ship.
fn records(platform: &str) -> Result<PathBuf, Failure> {
    let folder = PathBuf::from(open::DEMO_FOLDER).join(platform);
    for (name, bytes) in embedded::demo_records(platform) {
        put(&folder.join(name), bytes)?;
    }
    Ok(folder)
}

fn put(file: &Path, bytes: &[u8]) -> Outcome {
    let folder = file.parent().unwrap_or(Path::new("."));
    let put = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(file, bytes));
    put.map_err(|error| unwritten(file, &error))
}

fn unwritten(file: &Path, error: &io::Error) -> Failure {
    Failure::Remote(format!("写不了 {}：{}", file.display(), os_error::said(error)))
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

async fn nights(stage: &Stage) -> Outcome {
    let _alone = run::alone(&stage.node, &stage.url).await?;
    let progress = Progress::new();
    let mut done = Done::default();
    for _ in 0..NIGHTS {
        done.add(night(&stage.node, &progress).await?);
    }
    if decided(stage).await? {
        done.add(night(&stage.node, &progress).await?);
    }
    drop(progress);
    stage.node.context.store.release_leases(stage.node.context.node()).await?;
    report(stage, &done).await
}

/// Shows what waits for a person; decides one word, so that what waited for it goes on. Whether it was to be decided.
async fn decided(stage: &Stage) -> Result<bool, Failure> {
    let context = &stage.node.context;
    let waiting = inbox::unknown_codes(context).await?;
    for word in &waiting {
        writeln!(
            io::stdout(),
            "待定：{} 的“{}”（{}），{} 条在等",
            word.source,
            word.value,
            word.field,
            word.count
        )?;
    }
    if !waiting.iter().any(|word| word.source == DECISION.source && word.value == DECISION.value) {
        return Ok(false);
    }
    let compiled = open::load(Some(&stage.directory), "没有运行")?;
    let told = codes::decide(context, &stage.directory, &compiled, &DECISION).await?;
    writeln!(io::stdout(), "定下一个：{told}现在放行。")?;
    Ok(true)
}

async fn night(node: &Node, progress: &Progress) -> Result<Done, Failure> {
    let heard = |what: &str, records| progress.say(what, records);
    let pinned = node.context.active().await?;
    let mut done = Done::default();
    for source in &pinned.rules.sources {
        done.add(once::pull(node, &source.name, false, &heard).await?);
    }
    done.add(once::refine(node, &heard).await?);
    // what is compared is no further record
    done.add(Done { records: 0, ..once::look_alikes(node, &heard).await? });
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
        for one in store.waiting_for(destination, 20).await? {
            writeln!(io::stdout(), "等待上级：{destination} {} {} 等 {}", one.kind, one.id, one.parent)?;
        }
    }
    sheet::put(&stage.node.context).await?;
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
