//! `lianwang check`: everything that is wrong with a configuration, what it holds, and when it will run.
//! The checking is `config`'s, the same that boots and applies; leaves arguments and exiting to the command line.

use std::{
    io::{self, Write},
    path::Path,
};

use adapters::Environment;
use chrono::{DateTime, Utc};
use mappings::{Problem, Severity};

use super::open;
use crate::{
    config::{self, Compiled, SourceFile},
    scheduler::runs::{Keeping, Missed, Runs},
};

/// Nothing is wrong, or nothing but warnings.
pub const HOLDS: u8 = 0;
/// A problem is an error.
pub const FAILS: u8 = 1;
/// The directory cannot be read.
pub const USAGE: u8 = 2;

/// How many runs of each schedule are shown.
const RUNS: usize = 5;

/// Checks a directory (none: the demo's configuration), prints the report to `out` and returns the exit code. What the
/// configuration refers to and `environment` lacks is a warning: another machine may have it. The demo brings its own.
///
/// # Errors
/// When `out` cannot be written to.
pub fn check(
    directory: Option<&Path>,
    environment: Environment,
    now: DateTime<Utc>,
    out: &mut impl Write,
) -> io::Result<u8> {
    let loaded = match config::load(directory) {
        Ok(loaded) => loaded,
        Err(error) => {
            writeln!(out, "{}", open::no_directory(directory.unwrap_or(Path::new("")), &error))?;
            return Ok(USAGE);
        }
    };
    if directory.is_none() {
        writeln!(out, "没有配置目录，检查演示用的配置。\n")?;
    }
    for problem in &loaded.problems {
        writeln!(out, "{problem}\n")?;
    }
    if let Some(compiled) = &loaded.compiled {
        contents(compiled, out)?;
        runs(compiled, now, out)?;
        if let Some(directory) = directory {
            lacking(compiled, &environment.based(directory), out)?;
        }
    }
    verdict(&loaded.problems, out)
}

/// Everything referred to that is not there, each once with the places that need it.
pub(super) fn lacking(
    compiled: &Compiled,
    environment: &Environment,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut lacking: Vec<(String, Vec<String>)> = Vec::new();
    for (place, reference) in compiled.references() {
        let Err(error) = environment.resolve(&reference) else { continue };
        match lacking.iter_mut().find(|(what, _)| *what == error.what) {
            Some((_, places)) => places.push(place),
            None => lacking.push((error.what, vec![place])),
        }
    }
    if lacking.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n警告: 这台机器上还缺 {} 项，补齐之前不能运行:", lacking.len())?;
    for (what, places) in lacking {
        writeln!(out, "    {what}（{}）", places.join("、"))?;
    }
    writeln!(out)
}

fn contents(compiled: &Compiled, out: &mut impl Write) -> io::Result<()> {
    let rules = &compiled.rulebook;
    let kinds: Vec<String> =
        rules.kinds().iter().map(|kind| format!("{} {}", kind.name(), kind.label())).collect();
    writeln!(out, "配置 {}", compiled.revision.hash)?;
    writeln!(out, "对象 {} 种: {}", kinds.len(), kinds.join("、"))?;
    for source in &compiled.sources {
        writeln!(out, "来源 {} {}，{} 个服务:", source.name, source.title, source.services.len())?;
        for service in &source.services {
            let kind = rules.mapping(&source.name, &service.name).map_or("", mappings::Mapping::kind);
            writeln!(out, "    {} → {kind}", service.name)?;
        }
    }
    for destination in &compiled.destinations {
        let taken: Vec<&str> = rules
            .outlets(&destination.name)
            .map(mappings::Outlet::kind)
            .filter(|kind| destination.takes(kind))
            .collect();
        writeln!(out, "目的地 {} {}: {}", destination.name, destination.title, taken.join("、"))?;
    }
    Ok(())
}

fn runs(compiled: &Compiled, now: DateTime<Utc>, out: &mut impl Write) -> io::Result<()> {
    for source in &compiled.sources {
        for (what, runs) in schedules(source) {
            let (schedule, zone) = (runs.schedule, runs.schedule.zone());
            let times: Vec<String> = runs
                .upcoming(now, RUNS)
                .iter()
                .map(|at| at.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S").to_string())
                .collect();
            writeln!(out, "计划 {what} “{}”（{zone}{}），接下来:", schedule.text(), kept(runs.keeping))?;
            writeln!(
                out,
                "    {}",
                if times.is_empty() { "不会触发".to_owned() } else { times.join("\n    ") }
            )?;
        }
        if schedules(source).is_empty() {
            writeln!(out, "计划 {}: 没有，用 lianwang pull {} 读取", source.name, source.name)?;
        }
    }
    Ok(())
}

fn schedules(source: &SourceFile) -> Vec<(String, Runs<'_>)> {
    let usual = source.schedule.iter().map(|schedule| (source.name.clone(), schedule));
    let full = source.full_read.iter().map(|schedule| (format!("{} 从头读", source.name), schedule));
    let own = source.services.iter().filter_map(|service| {
        service.schedule.as_ref().map(|schedule| (format!("{}/{}", source.name, service.name), schedule))
    });
    usual.chain(full).chain(own).map(|(what, schedule)| (what, source.runs(schedule))).collect()
}

/// How runs are kept, where it is not as usual.
fn kept(keeping: Keeping) -> String {
    let jitter = match keeping.jitter_s {
        0 => String::new(),
        jitter_s => format!("，各来源错开，最多 {jitter_s} 秒"),
    };
    let missed = match keeping.missed {
        Missed::Once => "",
        Missed::Skip => "，错过的不补",
        Missed::Each => "，错过的逐次补",
    };
    jitter + missed
}

fn verdict(problems: &[Problem], out: &mut impl Write) -> io::Result<u8> {
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    let warnings = problems.len() - errors;
    if problems.is_empty() {
        writeln!(out, "检查通过。")?;
    } else {
        writeln!(out, "{errors} 个错误，{warnings} 个警告。")?;
    }
    Ok(if errors == 0 { HOLDS } else { FAILS })
}

#[cfg(test)]
mod tests;
