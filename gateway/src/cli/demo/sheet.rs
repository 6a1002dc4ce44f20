//! The demo's rejection sheet: what a clerk of the worst source gets. Leaves what stands in it to `rejections`.

use std::{
    collections::BTreeMap,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use chrono::TimeDelta;

use crate::{
    cli::{Failure, Outcome, open, rejections},
    pipeline::Context,
    scheduler::{node::Node, once},
};

/// How often it is looked whether the first night is over.
const LOOKED: TimeDelta = TimeDelta::seconds(5);

/// Waits for the first night, then puts the sheet.
pub(super) async fn after_the_first_night(node: &Node) -> Outcome {
    while !is_over(&node.context).await? {
        once::sleep_until(node, node.context.now() + LOOKED).await;
    }
    put(&node.context).await
}

/// Whether something of every source has come, and all of it is judged.
async fn is_over(context: &Context) -> Result<bool, Failure> {
    for source in &context.active().await?.rules.sources {
        if context.store.last_given(&source.name).await?.is_none() {
            return Ok(false);
        }
    }
    Ok(context.store.service_figures().await?.values().all(|figures| figures.unjudged == 0))
}

/// Writes the sheet of the source with the most rejected records, and says what to do with it. One that is there already is
/// somebody's work.
pub(super) async fn put(context: &Context) -> Outcome {
    let mut rejected: BTreeMap<String, i64> = BTreeMap::new();
    for ((source, _), figures) in context.store.service_figures().await? {
        *rejected.entry(source).or_default() += figures.found.rejected;
    }
    let worst = rejected.into_iter().filter(|(_, count)| *count > 0).max_by_key(|(_, count)| *count);
    let Some((source, _)) = worst else { return Ok(()) };
    let active = context.active().await?;
    let path = path(active.rules.source(&source).map_or(source.as_str(), |known| known.title.as_str()));
    let shown = path.display();
    if path.exists() {
        writeln!(io::stdout(), "退回表还是上次的：{shown}")?;
    } else {
        let rows = rejections::put(context, &source, &path).await?;
        writeln!(io::stdout(), "退回的 {rows} 条写成了一张标好错的表，可以交给上报单位：{shown}")?;
    }
    writeln!(io::stdout(), "  对方改好红色的格子，再收回来：lianwang take {shown} --source {source}")?;
    Ok(())
}

fn path(title: &str) -> PathBuf {
    let name: String = title.chars().filter(|c| !"/\\:*?\"<>|".contains(*c) && !c.is_whitespace()).collect();
    Path::new(open::DEMO_FOLDER).join(format!("退回-{name}.xlsx"))
}
