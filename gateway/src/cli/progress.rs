//! How far a command is: a bar on a terminal, a line now and then where standard error goes to a file, nothing beside JSON.
//! Leaves what came of it to the commands.

use std::{
    io::{self, IsTerminal as _, Write as _},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressStyle};

/// Without a terminal one line is written for so many.
const EVERY_RECORDS: u64 = 10_000;
const EVERY_BATCHES: u64 = 100;

/// How far something is, told while it goes on; a terminal is as before when this is dropped.
#[derive(Debug)]
pub(super) struct Progress(Shown);

#[derive(Debug)]
enum Shown {
    Bar(ProgressBar),
    Lines(Mutex<Lines>),
    Nothing,
}

impl Progress {
    /// For people, if any are watching.
    pub(super) fn new() -> Self {
        if !io::stderr().is_terminal() {
            return Self(Shown::Lines(Mutex::default()));
        }
        let bar = ProgressBar::new_spinner();
        bar.enable_steady_tick(Duration::from_millis(120));
        Self(Shown::Bar(bar))
    }

    /// For a command whose output is read by a program.
    pub(super) fn unless(quiet: bool) -> Self {
        if quiet { Self(Shown::Nothing) } else { Self::new() }
    }

    /// What is under way, where nothing is counted.
    pub(super) fn note(&self, what: &str) {
        if let Shown::Bar(bar) = &self.0 {
            bar.set_message(what.to_owned());
        }
    }

    /// So many records are done.
    pub(super) fn say(&self, what: &str, records: u64) {
        self.counted(what, records, "条", EVERY_RECORDS);
    }

    /// For what goes again as the same: records would be counted twice.
    pub(super) fn batches(&self, what: &str, batches: u64) {
        self.counted(what, batches, "批", EVERY_BATCHES);
    }

    /// So many of a number known beforehand.
    pub(super) fn part(&self, what: &str, done: usize, of: usize) {
        let count = |n| u64::try_from(n).unwrap_or(u64::MAX);
        let (done, of) = (count(done), count(of));
        match &self.0 {
            Shown::Bar(bar) => {
                if bar.length() != Some(of) {
                    bar.set_length(of);
                    bar.set_style(style("{msg} [{bar:30}] {pos} / {len}（剩 {eta}）"));
                }
                bar.set_message(what.to_owned());
                bar.set_position(done);
            }
            Shown::Lines(lines) => line(lines, what, done, EVERY_RECORDS, &format!("{what}：{done} / {of}")),
            Shown::Nothing => {}
        }
    }

    fn counted(&self, what: &str, count: u64, unit: &str, every: u64) {
        match &self.0 {
            Shown::Bar(bar) => {
                bar.set_style(style(&format!(
                    "{{spinner}} {{msg}}：{{pos}} {unit}（{{elapsed}}，{{per_sec}}）"
                )));
                bar.set_message(what.to_owned());
                bar.set_position(count);
            }
            Shown::Lines(lines) => line(lines, what, count, every, &format!("{what}：{count} {unit}")),
            Shown::Nothing => {}
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Shown::Bar(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

/// A line that nobody can be told of is lost, and nothing else.
fn line(lines: &Mutex<Lines>, what: &str, count: u64, every: u64, text: &str) {
    if lines.lock().unwrap_or_else(PoisonError::into_inner).is_due(what, count / every.max(1)) {
        drop(writeln!(io::stderr(), "{text}"));
    }
}

/// Which line was last written.
#[derive(Debug, Default)]
struct Lines {
    what: String,
    step: u64,
}

impl Lines {
    /// Whether a further step is done; what is small enough for none is told by its end.
    fn is_due(&mut self, what: &str, step: u64) -> bool {
        if self.what != what {
            *self = Self { what: what.to_owned(), step: 0 };
        }
        let is_due = step > self.step;
        self.step = self.step.max(step);
        is_due
    }
}

#[cfg(test)]
mod tests;
