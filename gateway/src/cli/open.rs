//! From `--config` and `--store` to a node that can work: the configuration checked and active, the tables up to date.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use adapters::{Environment, SystemClock, os_error};
use mappings::Mapping;

use super::{Failure, arguments::Place};
use crate::{
    config::{self, Compiled, Hub, Revision, environment},
    pipeline::{Context, Older, StepError, activate},
    proof::{Folder, Journal, default_folder},
    scheduler::node::Node,
    store::Store,
};

/// Where the demo keeps its ledger and its simulators theirs.
pub(super) const DEMO_FOLDER: &str = "lianwang-demo";

/// Where the demo's configuration lies once it has run: to be looked at, and changed.
pub(super) const DEMO_CONFIG: &str = "lianwang-demo/config";

/// The configuration directory a command works by: the one named, else `./config`, else that of a demo which ran here, else
/// none: the demo's as it ships.
pub(super) fn directory(place: &Place) -> Option<PathBuf> {
    place.config.clone().or_else(usual_directory)
}

/// Where a configuration is looked for that nobody names.
pub(super) fn usual_directory() -> Option<PathBuf> {
    ["config", DEMO_CONFIG].map(PathBuf::from).into_iter().find(|dir| dir.is_dir())
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
/// All its problems, when one is an error, and `then`: what is not done.
pub(super) fn load(directory: Option<&Path>, then: &str) -> Result<Compiled, Failure> {
    let loaded = config::load(directory).map_err(|error| unreadable(directory, &error))?;
    loaded.compiled.ok_or_else(|| {
        let problems: Vec<String> = loaded.problems.iter().map(ToString::to_string).collect();
        Failure::Check(format!("配置有错，{then}：\n{}", problems.join("\n")))
    })
}

/// The mapping of records in our own words, as a blank workbook has them.
///
/// # Errors
/// When there is no such kind or profile; both say which there are.
pub(super) fn plain(compiled: &Compiled, kind: &str, profile: Option<&str>) -> Result<Mapping, Failure> {
    let book = &compiled.rulebook;
    let missing = |what: &str, wanted: &str, known: Vec<&str>| {
        let hint = config::suggestion(wanted, &known).unwrap_or_else(|| known.join("、"));
        Failure::Usage(format!("没有{what} {wanted}；{hint}"))
    };
    if book.kind(kind).is_none() {
        return Err(missing("对象", kind, book.kinds().iter().map(mappings::Kind::name).collect()));
    }
    book.plain(kind, profile).ok_or_else(|| {
        let known = book.profiles().iter().map(mappings::Profile::name).collect();
        missing("行业", profile.unwrap_or_default(), known)
    })
}

/// The ledger's URL: named, configured, or a file beside.
pub(super) fn url(
    place: &Place,
    hub: &Hub,
    environment: &Environment,
    demo: bool,
) -> Result<String, Failure> {
    if let Some(url) = &place.store {
        return Ok(url.clone());
    }
    let configured = hub.store(environment).map_err(|error| Failure::Usage(error.what))?;
    let folder = if demo { DEMO_FOLDER } else { "data" };
    Ok(configured.unwrap_or_else(|| format!("sqlite://{folder}/lianwang.db")))
}

/// This process's own settings: rules that are wrong must not hide what is in the ledger.
pub(super) fn hub(directory: Option<&Path>) -> Result<Hub, Failure> {
    config::hub_of(directory).map_err(|error| unreadable(directory, &error))
}

fn unreadable(directory: Option<&Path>, error: &std::io::Error) -> Failure {
    Failure::Usage(no_directory(directory.unwrap_or(Path::new("")), error))
}

/// Why a configuration's directory cannot be read, and what to do.
pub(super) fn no_directory(directory: &Path, error: &std::io::Error) -> String {
    let why = match error.kind() {
        std::io::ErrorKind::NotFound => "没有这个目录".to_owned(),
        _ => os_error::said(error),
    };
    format!(
        "读不到配置目录 {}：{why}\n    提示: 用 --config 指出目录；它的样子见 docs/configuration.md，或用 lianwang init 目录 写一份",
        directory.display()
    )
}

/// What `run` and every command that changes the ledger stand on.
pub(super) struct Begun {
    /// The node.
    pub(super) node: Node,
    /// Its ledger's address.
    pub(super) url: String,
    /// Where its page listens, by its directory.
    pub(super) listen: String,
}

/// A node by the directory or, from the first `apply` on, by the ledger: then the directory only says which process this
/// is and where its ledger lies, and a directory that differs, or is broken, is told of and changes nothing.
pub(super) async fn begin(place: &Place, who: &str, is_service: bool) -> Result<Begun, Failure> {
    let directory = directory(place);
    let environment = surroundings(directory.as_deref());
    let compiled = load(directory.as_deref(), "没有运行");
    let hub = hub(directory.as_deref())?;
    let url = url(place, &hub, &environment, directory.is_none())?;
    let listen = hub.listen(&environment).map_err(|error| Failure::Usage(error.what))?;
    let revision = match (compiled, leads(&url).await) {
        (Ok(compiled), Ok(false)) => {
            if is_service {
                resolvable(&compiled, &environment)?;
            }
            Some(compiled.revision)
        }
        (Ok(compiled), Ok(true)) => Some(compiled.revision),
        (Err(_), Ok(true)) => None,
        (Err(problems), _) | (_, Err(problems)) => return Err(problems),
    };
    let node = node(&hub, revision.as_ref(), &url, environment, who).await?;
    if let Some(directory) = &directory {
        tell(&node, directory, revision.as_ref()).await?;
    }
    Ok(Begun { node, url, listen })
}

/// Whether the ledger, not a directory, says what is active. A file that is not there says nothing, and is not made.
async fn leads(url: &str) -> Result<bool, Failure> {
    match crate::store::Place::of(url) {
        Some(crate::store::Place::Sqlite(path)) if !path.exists() => return Ok(false),
        _ => {}
    }
    let store = opened(url).await?;
    let leads = store.leads().await;
    store.close().await?;
    Ok(leads?)
}

/// Opens a ledger; an address nobody understands is a matter of usage.
async fn opened(url: &str) -> Result<Store, Failure> {
    let opened = Store::open(url).await;
    match crate::store::Place::of(url) {
        Some(_) => Ok(opened?),
        None => Err(Failure::Usage(opened.err().map(|error| error.to_string()).unwrap_or_default())),
    }
}

/// A node for a command that changes the ledger: tables up to date, a revision active; `revision`, unless the ledger leads.
pub(super) async fn node(
    hub: &Hub,
    revision: Option<&Revision>,
    url: &str,
    environment: Environment,
    who: &str,
) -> Result<Node, Failure> {
    let context = context(hub, url, &environment, who).await?;
    activate::keep_up(&context).await?;
    if let Some(revision) = revision {
        activate::activate(&context, revision, "启动时的配置").await?;
    }
    Ok(Node::new(context, environment))
}

/// The ledger with its tables up to date, under this process's name; not one that is older than its proof.
pub(super) async fn context(
    hub: &Hub,
    url: &str,
    environment: &Environment,
    who: &str,
) -> Result<Context, Failure> {
    let context = whatever_its_age(hub, url, environment, who).await?;
    up_to_date(&context, url).await?;
    Ok(context)
}

async fn whatever_its_age(
    hub: &Hub,
    url: &str,
    environment: &Environment,
    who: &str,
) -> Result<Context, Failure> {
    let mut store = opened(url).await?;
    if let Some(at) = environment::kill_at(environment).map_err(Failure::Usage)? {
        store = store.dying(at);
    }
    store.migrate().await?;
    let name = hub.node(environment).map_err(|error| Failure::Usage(error.what))?;
    let journal = journal(hub, url, &name)?;
    Ok(Context::new(store, Arc::new(SystemClock), &format!("{name}{who}"))
        .with_journal(Arc::new(journal))
        .with_checkpoints(proof(hub, url)?.checkpoints(&name)))
}

/// Says on standard error that the directory is not what runs.
async fn tell(node: &Node, directory: &Path, revision: Option<&Revision>) -> Result<(), Failure> {
    let Some(active) = node.context.store.active_revision().await? else { return Ok(()) };
    if revision.is_none_or(|revision| revision.hash != active.hash) {
        let (no, dir) = (active.no, directory.display());
        let how = if revision.is_some() { "与账目启用的不同" } else { "有错" };
        writeln!(
            std::io::stderr(),
            "注意：目录 {dir} 的配置{how}，按账目启用的第 {no} 号配置运行。看差别：lianwang diff {dir}；启用它：lianwang apply {dir} --why 理由"
        )?;
    }
    Ok(())
}

/// The folder of the proof: the configured one, else the usual one.
pub(super) fn proof(hub: &Hub, url: &str) -> Result<Folder, Failure> {
    let dir = hub.proof.dir.clone().unwrap_or_else(|| default_folder(url));
    Ok(Folder::new(dir, url).map_err(StepError::from)?)
}

/// The folder of the proof of a command's place.
pub(super) fn folder(place: &Place) -> Result<Folder, Failure> {
    let (hub, url, _) = located(place)?;
    proof(&hub, &url)
}

/// A context for a command that writes and needs no configuration.
pub(super) async fn current(place: &Place) -> Result<Context, Failure> {
    let (hub, url, environment) = located(place)?;
    there(&url).await?;
    context(&hub, &url, &environment, &command_name()).await
}

/// A context for the command that brings an older ledger forward, and the ledger's address.
pub(super) async fn older(place: &Place) -> Result<(Context, String), Failure> {
    let (hub, url, environment) = located(place)?;
    there(&url).await?;
    Ok((whatever_its_age(&hub, &url, &environment, &command_name()).await?, url))
}

/// This process's settings, its ledger's address, its environment.
fn located(place: &Place) -> Result<(Hub, String, Environment), Failure> {
    let directory = directory(place);
    let environment = surroundings(directory.as_deref());
    let hub = hub(directory.as_deref())?;
    let url = url(place, &hub, &environment, directory.is_none())?;
    Ok((hub, url, environment))
}

/// The journal of the node of this name.
pub(super) fn journal(hub: &Hub, url: &str, name: &str) -> Result<Journal, Failure> {
    let folder = proof(hub, url)?.journal(name);
    Ok(Journal::open(&folder, name, hub.proof.journal_days).map_err(StepError::from)?)
}

/// A ledger that lacks what the journal says was sent is not worked on: what is missing would be sent as something else.
async fn up_to_date(context: &Context, url: &str) -> Result<(), Failure> {
    let Some(Older { node, since, batches, answers, documents }) = context.older().await? else {
        return Ok(());
    };
    let since = since.format("%Y-%m-%d %H:%M:%S UTC");
    Err(Failure::Check(format!(
        "账目 {} 比节点 {node} 的接收日志旧：日志从 {since} 起记有账上没有的 {batches} 个已发批次、{answers} 个已收应答、{documents} 个已落库文档。\n\
         数据库多半是从备份还原的；直接运行会把发过的当成没发过。先停下所有节点，运行 lianwang recover 补账（docs/proof.md）",
        crate::store::shown(url)
    )))
}

/// That the ledger is there: a command that works on what is in it makes none, and leaves a file that is none alone.
pub(super) async fn there(url: &str) -> Result<(), Failure> {
    let Some(crate::store::Place::Sqlite(path)) = crate::store::Place::of(url) else { return Ok(()) };
    if !path.exists() {
        return Err(Failure::Usage(format!(
            "没有账目文件 {}：账目在别处时用 --config 目录 或 --store 地址指出；还没有账目时，先运行 lianwang demo 或 lianwang run",
            path.display()
        )));
    }
    crate::store::looked_into(&path).await.map_err(|error| Failure::Usage(error.to_string()))
}

/// A node for a command that works on what is in the ledger.
pub(super) async fn node_there(place: &Place) -> Result<Node, Failure> {
    there(&located(place)?.1).await?;
    node_for_command(place).await
}

/// A node for one command: its own name, so that it waits for a running hub instead of taking its leases. Only with a
/// directory of its own it makes a ledger: the demo's configuration reads nothing that is there without the demo.
pub(super) async fn node_for_command(place: &Place) -> Result<Node, Failure> {
    if directory(place).is_none() {
        there(&located(place)?.1).await?;
    }
    Ok(begin(place, &command_name(), false).await?.node)
}

/// What a command adds to its hub's name.
pub(super) fn command_name() -> String {
    format!("/{}", std::process::id())
}

/// A context for a command that only reads.
///
/// # Errors
/// When the ledger is not there or not up to date.
pub(super) async fn reading(place: &Place) -> Result<Context, Failure> {
    let (_, url, _) = located(place)?;
    there(&url).await?;
    let store = Store::open(&url).await?;
    let pending = store.pending_migrations().await?;
    if pending > 0 {
        return Err(Failure::Usage(format!("数据库还差 {pending} 个迁移：请运行 lianwang migrate")));
    }
    Ok(Context::new(store, Arc::new(SystemClock), "reader"))
}
