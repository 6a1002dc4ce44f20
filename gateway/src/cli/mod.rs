//! The commands. Parses arguments, opens the ledger, prints results for people or machines, and maps them to exit codes:
//! 0 done · 1 an equation or check failed · 2 usage · 3 a remote system failed.
//! Leaves doing to `scheduler` and `pipeline`.

mod alias;
mod apply;
mod arguments;
mod audit;
mod bench;
pub mod check;
mod checkpoint;
mod children;
mod clause;
mod codes;
mod deciding;
mod demo;
mod diff;
mod docs;
mod explain;
mod fields;
mod fix;
mod held;
mod inspect;
mod look_alikes;
mod open;
mod probe;
mod progress;
mod recover;
mod rejections;
mod replay;
mod retention;
mod returning;
mod revisions;
mod roster;
mod run;
mod sim;
mod steps;
mod sweep;
mod take;
mod views;
mod waiting;
mod wording;

use std::{ffi::OsString, io::IsTerminal as _, process::ExitCode};

use clap::Parser as _;

use crate::{pipeline::StepError, store::StoreError};
use arguments::{Arguments, Command};

/// Why a command ends otherwise than well, and with which exit code.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// An equation or check failed: 1.
    #[error("{0}")]
    Check(String),
    /// The command was not understood, or asks for what does not exist: 2.
    #[error("{0}")]
    Usage(String),
    /// A remote system, the database included, failed: 3.
    #[error("{0}")]
    Remote(String),
    /// Whoever read our output has seen enough: 0.
    #[error("")]
    Unread,
}

impl Failure {
    const fn code(&self) -> u8 {
        match self {
            Self::Check(_) => 1,
            Self::Usage(_) => 2,
            Self::Remote(_) => 3,
            Self::Unread => 0,
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Remote(error.to_string())
    }
}

impl From<StepError> for Failure {
    fn from(error: StepError) -> Self {
        match error {
            StepError::Store(error) => error.into(),
            StepError::Config(what) => Self::Usage(what),
            StepError::Proof(error) => Self::Remote(error.to_string()),
            other @ (StepError::NoRevision | StepError::Revision(..) | StepError::Unfit(..)) => {
                Self::Check(other.to_string())
            }
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            Self::Unread
        } else {
            Self::Remote(adapters::os_error::said(&error))
        }
    }
}

/// What a command comes to.
pub(crate) type Outcome = Result<(), Failure>;

/// Runs the command line `arguments` and returns its exit code.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            match wording::said(&error) {
                Some(words) => eprint!("{words}"),
                // help and version go to standard output and are no failure
                None => drop(error.print()),
            }
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    log_to_stderr(&arguments);
    adapters::http::install_tls();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("错误：{}", adapters::os_error::said(&error));
            return ExitCode::from(3);
        }
    };
    match runtime.block_on(dispatch(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // a command that printed its own report fails without further words
            let words = failure.to_string();
            if !words.is_empty() {
                eprintln!("错误：{words}");
            }
            ExitCode::from(failure.code())
        }
    }
}

async fn dispatch(arguments: Arguments) -> Outcome {
    let place = arguments.place;
    match arguments.command {
        Command::Demo { once, listen } => demo::demo(&place, once, listen.as_deref()).await,
        Command::Check { dir } => steps::check(dir.as_deref().or(place.config.as_deref())),
        Command::Init { dir } => apply::init(&dir),
        Command::Apply { dir, back, why, by } => {
            let word = apply::Word { why: &why, by: by.as_deref() };
            let place = place.at(dir);
            if back { apply::back(&place, &word).await } else { apply::apply(&place, &word).await }
        }
        Command::Diff { dir, json } => diff::diff(&place.at(dir), json).await,
        Command::Revisions { json } => revisions::revisions(&place, json).await,
        Command::Run { listen } => run::run(&place, listen.as_deref()).await,
        Command::Pull { source, full } => steps::pull(&place, &source, full).await,
        Command::Refine => steps::refine(&place).await,
        Command::Replay { source, since, dry_run, yes } => {
            let which = replay::Which { source: source.as_deref(), since: since.as_deref() };
            if dry_run { replay::look(&place, which).await } else { replay::replay(&place, which, yes).await }
        }
        Command::Forward { destination } => steps::forward(&place, destination.as_deref()).await,
        Command::Audit { json, deep, against } => {
            let wanted = audit::Wanted { json, deep, against: against.as_deref() };
            audit::audit(&place, wanted).await
        }
        Command::Checkpoint => checkpoint::checkpoint(&place).await,
        Command::Explain { kind, key, json } => explain::explain(&place, &kind, &key, json).await,
        Command::Recover { yes, without } => recover::recover(&place, yes, &without).await,
        Command::Retention { dry_run } => retention::retention(&place, dry_run).await,
        Command::Migrate { probe: Some(url), json } => probe::probe(&url, json).await,
        Command::Migrate { probe: None, .. } => steps::migrate(&place).await,
        Command::Codes { json, decide: None } => codes::inbox(&place, json).await,
        Command::Codes { decide: Some(asked), .. } => codes::map(&place, &asked).await,
        Command::Alias(asked) => match &asked.undo {
            Some(undo) => alias::undo(&place, undo).await,
            None if asked.kind.is_some() => alias::join(&place, &asked).await,
            None => alias::list(&place, asked.json).await,
        },
        Command::Held { json, let_go: None } => held::inbox(&place, json).await,
        Command::Held { let_go: Some(asked), .. } => held::release(&place, &asked).await,
        Command::Sweep { json, asked: None } => sweep::list(&place, json).await,
        Command::Sweep { asked: Some(asked), .. } => sweep::release(&place, &asked).await,
        Command::Roster(asked) => roster::roster(&place, &asked).await,
        Command::Fields { source, json } => fields::fields(&place, source.as_deref(), json).await,
        Command::Fix(asked) => fix::fix(&place, &asked).await,
        Command::LookAlikes(asked) => match &asked.settle {
            Some(settle) => look_alikes::settle(&place, settle).await,
            None => look_alikes::list(&place, &asked).await,
        },
        Command::Waiting { destination, json } => {
            waiting::waiting(&place, destination.as_deref(), json).await
        }
        Command::Views => views::views(&place).await,
        Command::Docs(asked) => docs::docs(&place, &asked),
        Command::Inspect(asked) => inspect::run(&place, &asked),
        Command::Rejections(asked) => rejections::run(&place, &asked).await,
        Command::Return(asked) => returning::run(&place, &asked).await,
        Command::Take(asked) => Box::pin(take::take(&place, &asked)).await,
        Command::Bench(arguments) => Box::pin(bench::bench(&place, &arguments)).await,
        Command::Sim(which) => sim::sim(which).await,
    }
}

/// Logs go to standard error, results to standard output. `RUST_LOG` decides otherwise.
fn log_to_stderr(arguments: &Arguments) {
    use tracing_subscriber::EnvFilter;
    let usual = match arguments.command {
        Command::Run { .. } | Command::Demo { once: false, .. } => "info,sqlx=warn,sea_orm_migration=warn",
        _ => "warn",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(usual));
    // a second call in one process (tests) keeps the first subscriber
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .try_init();
}
