//! From `--config` and `--store` to a node that can work: the configuration checked and active, the tables up to date.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use adapters::{Environment, SystemClock};

use super::{Failure, arguments::Place};
use crate::{
    config::{self, Compiled, Hub, environment},
    pipeline::{Context, Older, StepError, activate},
    proof::{Folder, Journal, default_folder},
    scheduler::node::Node,
    store::Store,
};

/// Where the demo keeps its ledger and its simulators theirs.
pub(super) const DEMO_FOLDER: &str = "lianwang-demo";

/// The configuration directory a command works by: the one named, else `./config`, else none: the demo's.
pub(super) fn directory(place: &Place) -> Option<PathBuf> {
    place.config.clone().or_else(|| Some(PathBuf::from("config")).filter(|dir| dir.is_dir()))
}

/// The process's environment; `file:` references are found from the configuration's directory.
pub(super) fn surroundings(directory: Option<&Path>) -> Environment {
    let environment = environment::from_process();
    match directory {
        Some(directory) => environment.based(directory),
        None => environment,
    }
}

/// All references that lead nowhere, at once: a hub that can reach nobody must not start and look well.
pub(super) fn resolvable(compiled: &Compiled, environment: &Environment) -> Result<(), Failure> {
    let references = compiled.references().into_iter();
    let wrong = references.filter_map(|(place, reference)| {
        environment.resolve(&reference).err().map(|error| format!("  {place}：{}", error.what))
    });
    let wrong: Vec<String> = wrong.collect();
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Failure::Usage(format!("配置还不能运行：\n{}", wrong.join("\n"))))
    }
}

/// Loads and checks a configuration.
///
/// # Errors
/// All its problems, when one is an error.
pub(super) fn load(directory: Option<&Path>) -> Result<Compiled, Failure> {
    let loaded = config::load(directory).map_err(|error| unreadable(directory, &error))?;
    loaded.compiled.ok_or_else(|| {
        let problems: Vec<String> = loaded.problems.iter().map(ToString::to_string).collect();
        Failure::Check(format!("配置有错，没有启用：\n{}", problems.join("\n")))
    })
}

/// The ledger's URL: named, configured, or a file beside.
pub(super) fn url(
    place: &Place,
    compiled: &Compiled,
    environment: &Environment,
    demo: bool,
) -> Result<String, Failure> {
    if let Some(url) = &place.store {
        return Ok(url.clone());
    }
    let configured = compiled.hub.store(environment).map_err(|error| Failure::Usage(error.what))?;
    let folder = if demo { DEMO_FOLDER } else { "data" };
    Ok(configured.unwrap_or_else(|| format!("sqlite://{folder}/lianwang.db")))
}

/// The ledger's URL for reading: rules that are wrong must not hide what is in the ledger.
fn configured_url(directory: Option<&Path>, environment: &Environment) -> Result<String, Failure> {
    let hub = config::hub_of(directory).map_err(|error| unreadable(directory, &error))?;
    let configured = hub.store(environment).map_err(|error| Failure::Usage(error.what))?;
    let folder = if directory.is_none() { DEMO_FOLDER } else { "data" };
    Ok(configured.unwrap_or_else(|| format!("sqlite://{folder}/lianwang.db")))
}

fn unreadable(directory: Option<&Path>, error: &std::io::Error) -> Failure {
    Failure::Usage(format!("读不到配置目录 {}：{error}", directory.unwrap_or(Path::new("")).display()))
}

/// A node for a command that changes the ledger: tables up to date, `compiled` active.
pub(super) async fn node(
    compiled: &Compiled,
    url: &str,
    environment: Environment,
    who: &str,
) -> Result<Node, Failure> {
    if crate::store::Place::of(url).is_none() {
        return Err(Failure::Usage(
            Store::open(url).await.err().map(|error| error.to_string()).unwrap_or_default(),
        ));
    }
    let mut store = Store::open(url).await?;
    if let Some(at) = environment::kill_at(&environment).map_err(Failure::Usage)? {
        store = store.dying(at);
    }
    store.migrate().await?;
    let name = compiled.hub.node(&environment).map_err(|error| Failure::Usage(error.what))?;
    let journal = journal(&compiled.hub, url, &name)?;
    let context =
        Context::new(store, Arc::new(SystemClock), &format!("{name}{who}")).with_journal(Arc::new(journal));
    current(&context, url).await?;
    activate::activate(&context, &compiled.revision, "启动时的配置").await?;
    Ok(Node::new(context, environment))
}

/// The folder of the proof: the configured one, else the usual one.
pub(super) fn proof(hub: &Hub, url: &str) -> Result<Folder, Failure> {
    let dir = hub.proof.dir.clone().unwrap_or_else(|| default_folder(url));
    Ok(Folder::new(dir, url).map_err(StepError::from)?)
}

/// The journal of the node of this name.
pub(super) fn journal(hub: &Hub, url: &str, name: &str) -> Result<Journal, Failure> {
    let folder = proof(hub, url)?.journal(name);
    Ok(Journal::open(&folder, name, hub.proof.journal_days).map_err(StepError::from)?)
}

/// A ledger that lacks what the journal says was sent is not worked on: what is missing would be sent as something else.
async fn current(context: &Context, url: &str) -> Result<(), Failure> {
    let Some(Older { node, since, batches, answers, documents }) = context.older().await? else {
        return Ok(());
    };
    let since = since.format("%Y-%m-%d %H:%M:%S UTC");
    Err(Failure::Check(format!(
        "账目 {} 比节点 {node} 的接收日志旧：日志从 {since} 起记有账上没有的 {batches} 个已发批次、{answers} 个已收应答、{documents} 个已落库文档。\n\
         数据库多半是从备份还原的；直接运行会把发过的当成没发过。请先运行 lianwang recover，把账目补到日志所记",
        crate::store::shown(url)
    )))
}

/// A node for one command: its own name, so that it waits for a running hub instead of taking its leases.
pub(super) async fn node_for_command(place: &Place) -> Result<Node, Failure> {
    let directory = directory(place);
    let compiled = load(directory.as_deref())?;
    let environment = surroundings(directory.as_deref());
    let url = url(place, &compiled, &environment, directory.is_none())?;
    node(&compiled, &url, environment, &format!("/{}", std::process::id())).await
}

/// A context for a command that only reads.
///
/// # Errors
/// When the ledger is not there or not up to date.
pub(super) async fn reading(place: &Place) -> Result<Context, Failure> {
    let directory = directory(place);
    let environment = surroundings(directory.as_deref());
    let url = match &place.store {
        Some(url) => url.clone(),
        None => configured_url(directory.as_deref(), &environment)?,
    };
    if let Some(crate::store::Place::Sqlite(path)) = crate::store::Place::of(&url)
        && !path.exists()
    {
        return Err(Failure::Usage(format!(
            "没有账目文件 {}：先运行 lianwang demo 或 lianwang run",
            path.display()
        )));
    }
    let store = Store::open(&url).await?;
    let pending = store.pending_migrations().await?;
    if pending > 0 {
        return Err(Failure::Usage(format!("数据库还差 {pending} 个迁移：请运行 lianwang migrate")));
    }
    Ok(Context::new(store, Arc::new(SystemClock), "reader"))
}
