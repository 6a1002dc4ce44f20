//! `check`, `pull`, `refine`, `forward`, `migrate`: one step repeated until it finds nothing to do now.

mod forwarded;
pub(super) mod waiting;

use std::{
    io::{self, Write as _},
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use adapters::{Clock, SystemClock};

use super::{Failure, Outcome, arguments::Place, check as checking, open, progress::Progress};
use crate::{
    config::environment,
    scheduler::{
        node::Node,
        once::{self, Done},
    },
    store::Store,
};

pub(super) fn check(directory: Option<&Path>) -> Outcome {
    let usual = open::usual_directory();
    let directory = directory.or(usual.as_deref());
    let environment = environment::from_process();
    match checking::check(directory, environment, SystemClock.now(), &mut io::stdout().lock())? {
        checking::HOLDS => Ok(()),
        checking::FAILS => Err(Failure::Check(String::new())),
        _ => Err(Failure::Usage(String::new())),
    }
}

pub(super) async fn pull(place: &Place, source: &str, full: bool) -> Outcome {
    let node = open::node_for_command(place).await?;
    waiting::say(&node, &format!("pull:{source}"), &format!("读取 {source}")).await?;
    let progress = Progress::new();
    let pages = AtomicU64::new(0);
    let heard = |what: &str, records| {
        pages.fetch_add(1, Ordering::Relaxed);
        progress.say(what, records);
    };
    let done = ended(&node, once::pull(&node, source, full, &heard).await).await;
    drop(progress);
    let done = done?;
    let pages = pages.load(Ordering::Relaxed);
    writeln!(io::stdout(), "读取 {source}：{pages} 页，{} 条", done.records)?;
    failing(&done)
}

pub(super) async fn refine(place: &Place) -> Outcome {
    let node = open::node_for_command(place).await?;
    for source in once::to_refine(&node).await? {
        waiting::say(&node, &format!("refine:{source}"), &format!("研判 {source}")).await?;
    }
    let progress = Progress::new();
    let done = refined(&node, &progress).await;
    drop(progress);
    let (done, compared) = ended(&node, done).await?;
    writeln!(io::stdout(), "研判：{} 条", done.records)?;
    failing(&done)?;
    failing(&compared)
}

/// Judges everything, and compares what was judged.
async fn refined(node: &Node, progress: &Progress) -> Result<(Done, Done), Failure> {
    let heard = |what: &str, records| progress.say(what, records);
    let judged = once::refine(node, &heard).await?;
    Ok((judged, once::look_alikes(node, &heard).await?))
}

pub(super) async fn forward(place: &Place, destination: Option<&str>) -> Outcome {
    let node = open::node_for_command(place).await?;
    let pinned = node.context.active().await?;
    let names: Vec<String> = match destination {
        Some(name) => vec![name.to_owned()],
        None => pinned.rules.destinations.iter().map(|file| file.name.clone()).collect(),
    };
    let before = node.context.store.audit().await?;
    let progress = Progress::new();
    let done = forward_all(&node, &names, &progress).await;
    drop(progress);
    let done = ended(&node, done).await?;
    for line in forwarded::lines(&node, &names, &before, pinned.rules.hub.zone).await? {
        writeln!(io::stdout(), "{line}")?;
    }
    failing(&done)
}

async fn forward_all(node: &Node, names: &[String], progress: &Progress) -> Result<Done, Failure> {
    let mut done = Done::default();
    for name in names {
        waiting::say(node, &format!("forward:{name}"), &format!("转发 {name}")).await?;
        let batches = AtomicU64::new(0);
        let heard = |what: &str, _records| {
            progress.batches(what, batches.fetch_add(1, Ordering::Relaxed) + 1);
        };
        done.add(once::forward(node, name, &heard).await?);
    }
    Ok(done)
}

/// Leases go back however it ended, so that nobody waits for them to run out.
async fn ended<T, E: Into<Failure>>(node: &Node, done: Result<T, E>) -> Result<T, Failure> {
    node.context.store.release_leases(node.context.node()).await?;
    done.map_err(Into::into)
}

fn failing(done: &Done) -> Outcome {
    if done.failures.is_empty() { Ok(()) } else { Err(Failure::Remote(done.failures.join("\n"))) }
}

pub(super) async fn migrate(place: &Place) -> Outcome {
    let directory = open::directory(place);
    let url = if let Some(url) = &place.store {
        url.clone()
    } else {
        let environment = open::surroundings(directory.as_deref());
        open::url(place, &open::hub(directory.as_deref())?, &environment, directory.is_none())?
    };
    let steps = Store::open(&url).await?.migrate().await?;
    writeln!(io::stdout(), "{}", migrated(steps))?;
    Ok(())
}

fn migrated(steps: usize) -> String {
    let ran = if steps == 0 { String::new() } else { format!("执行了 {steps} 步，") };
    format!("{ran}表结构已是最新")
}

#[cfg(test)]
mod tests;
