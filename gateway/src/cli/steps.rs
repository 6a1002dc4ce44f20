//! `check`, `pull`, `refine`, `forward`, `migrate`: one step repeated until it finds nothing to do now.

use std::{
    io::{self, Write as _},
    path::Path,
};

use adapters::{Clock, SystemClock};

use super::{Failure, Outcome, arguments::Place, check as checking, open, progress::Progress};
use crate::{
    config::environment,
    pipeline,
    scheduler::{
        node::Node,
        once::{self, Done},
    },
    store::Store,
};

pub(super) fn check(directory: Option<&Path>) -> Outcome {
    let standing = Path::new("config");
    let directory = directory.or_else(|| Some(standing).filter(|dir| dir.is_dir()));
    match checking::check(directory, SystemClock.now(), &mut io::stdout().lock())? {
        checking::HOLDS => Ok(()),
        checking::FAILS => Err(Failure::Check(String::new())),
        _ => Err(Failure::Usage(String::new())),
    }
}

pub(super) async fn pull(place: &Place, source: &str, full: bool) -> Outcome {
    let node = open::node_for_command(place).await?;
    let progress = Progress::new();
    let done = once::pull(&node, source, full, &|what, records| progress.say(what, records)).await;
    drop(progress);
    finish(&node, &format!("读取 {source}"), done).await
}

pub(super) async fn refine(place: &Place) -> Outcome {
    let node = open::node_for_command(place).await?;
    let progress = Progress::new();
    let done = once::refine(&node, &|what, records| progress.say(what, records)).await;
    drop(progress);
    finish(&node, "研判", done).await
}

pub(super) async fn forward(place: &Place, destination: Option<&str>) -> Outcome {
    let node = open::node_for_command(place).await?;
    let pinned = node.context.active().await?;
    let names: Vec<String> = match destination {
        Some(name) => vec![name.to_owned()],
        None => pinned.rules.destinations.iter().map(|file| file.name.clone()).collect(),
    };
    let progress = Progress::new();
    let done = forward_all(&node, &names, &progress).await;
    drop(progress);
    finish(&node, "转发", done).await
}

async fn forward_all(node: &Node, names: &[String], progress: &Progress) -> pipeline::Result<Done> {
    let mut done = Done::default();
    for name in names {
        done.add(once::forward(node, name, &|what, records| progress.say(what, records)).await?);
    }
    Ok(done)
}

/// Leases go back however it ended, so that nobody waits for them to run out.
async fn finish(node: &Node, what: &str, done: pipeline::Result<Done>) -> Outcome {
    node.context.store.release_leases(node.context.node()).await?;
    let done = done?;
    writeln!(io::stdout(), "{what}：{} 条", done.records)?;
    if done.failures.is_empty() { Ok(()) } else { Err(Failure::Remote(done.failures.join("\n"))) }
}

pub(super) async fn migrate(place: &Place) -> Outcome {
    let directory = open::directory(place);
    let url = match &place.store {
        Some(url) => url.clone(),
        None => open::url(
            place,
            &open::load(directory.as_deref())?,
            &environment::from_process(),
            directory.is_none(),
        )?,
    };
    let steps = Store::open(&url).await?.migrate().await?;
    writeln!(io::stdout(), "表结构已是最新，本次执行 {steps} 步。")?;
    Ok(())
}
