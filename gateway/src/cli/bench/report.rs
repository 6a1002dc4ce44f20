//! What the bench found, for machines as one JSON object, for people line by line.

use std::{
    io::{self, Write as _},
    time::Duration,
};

use serde::Serialize;

use crate::ledger::Audit;

/// One phase.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Phase {
    pub(super) name: &'static str,
    pub(super) records: u64,
    pub(super) seconds: f64,
    pub(super) records_per_s: f64,
}

impl Phase {
    pub(super) fn of(name: &'static str, records: u64, took: Duration) -> Self {
        let seconds = took.as_secs_f64();
        let records_per_s = if seconds > 0.0 { float(records) / seconds } else { 0.0 };
        Self { name, records, seconds: rounded(seconds, 1000.0), records_per_s: rounded(records_per_s, 1.0) }
    }
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Report {
    pub(super) phases: Vec<Phase>,
    /// The most memory this process had, in MB (2^20 bytes); nothing where the system does not tell.
    pub(super) peak_rss_mb: Option<f64>,
    /// The whole ledger at the end, by records of one night.
    pub(super) stored_bytes_per_record: f64,
}

impl Report {
    pub(super) fn of(phases: Vec<Phase>, records: u64, stored_bytes: u64) -> Self {
        let each = float(stored_bytes) / float(records.max(1));
        let peak = std::fs::read_to_string("/proc/self/status").ok().and_then(|status| peak(&status));
        Self { phases, peak_rss_mb: peak, stored_bytes_per_record: rounded(each, 1.0) }
    }
}

/// `VmHWM:   123456 kB` of `/proc/self/status` (proc(5)), in MB.
fn peak(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kb: u32 = line.trim().strip_suffix("kB")?.trim_end().parse().ok()?;
    Some(rounded(f64::from(kb) / 1024.0, 10.0))
}

fn rounded(number: f64, parts: f64) -> f64 {
    (number * parts).round() / parts
}

#[expect(clippy::cast_precision_loss, reason = "counts of records and bytes, far below 2^52")]
const fn float(count: u64) -> f64 {
    count as f64
}

/// Who listens: with `json`, standard output gets one object and nothing else, and the lines go to standard error.
#[derive(Debug, Clone, Copy)]
pub(super) struct Teller {
    pub(super) json: bool,
}

impl Teller {
    pub(super) fn note(self, line: &str) -> io::Result<()> {
        if self.json { writeln!(io::stderr(), "{line}") } else { writeln!(io::stdout(), "{line}") }
    }

    pub(super) fn phase(self, phase: &Phase) -> io::Result<()> {
        let Phase { name, records, seconds, records_per_s } = phase;
        self.note(&format!("{name:<8}{records:>10} 条{seconds:>10.3} 秒{records_per_s:>10} 条/秒"))
    }

    pub(super) fn report(self, report: &Report, audit: &Audit) -> io::Result<()> {
        let peak = report.peak_rss_mb.map_or_else(|| "不详".to_owned(), |peak| format!("{peak} MB"));
        self.note(&format!("内存峰值 {peak}；账目每条 {} 字节", report.stored_bytes_per_record))?;
        self.note(if audit.holds { "两个等式都成立。" } else { "等式不成立！" })?;
        if self.json { writeln!(io::stdout(), "{}", serde_json::to_string(report)?) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests;
