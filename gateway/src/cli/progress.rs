//! One line of progress, when a person is watching.

use std::time::Duration;

use indicatif::ProgressBar;

/// A line that says what is under way and how far; nothing when standard error is no terminal.
#[derive(Debug)]
pub(super) struct Progress(ProgressBar);

impl Progress {
    pub(super) fn new() -> Self {
        let bar = ProgressBar::new_spinner();
        bar.enable_steady_tick(Duration::from_millis(120));
        Self(bar)
    }

    pub(super) fn say(&self, what: &str, records: u64) {
        self.0.set_message(format!("{what}：{records} 条"));
    }

    /// For what goes again as the same: records would be counted twice.
    pub(super) fn batches(&self, what: &str, batches: u64) {
        self.0.set_message(format!("{what}：{batches} 批"));
    }

    pub(super) fn part(&self, what: &str, done: usize, of: usize) {
        self.0.set_message(format!("{what}：{done} / {of}"));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
