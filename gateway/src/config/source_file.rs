//! `sources/<name>/source.toml`: a source's names, zone and schedules, and the adapter's part inside.
//! Leaves what the adapter's keys mean to `adapters`, and mappings to the rules.

use adapters::{
    SourceConfig,
    http::paging::PagingConfig,
    pace::Records,
    source::{ConnectConfig, RequestConfig, ServiceConfig},
};
use chrono::TimeDelta;
use chrono_tz::Tz;
use mappings::{Problem, RuleFile, Rulebook, Severity};
use serde::Deserialize;
use toml::Spanned;

use super::{
    ErrorLimit, connecting, hub, quote, reading,
    snapshot::{self, Snapshot},
    timing,
};
use crate::scheduler::{
    dialect::Schedule,
    runs::{Keeping, LONGEST_JITTER_S, Missed, Runs},
};

/// No lease is held for longer than this on account of an exchange.
pub(super) const LONGEST_EXCHANGE_MS: i64 = 3_600_000;

/// A source as configured.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceFile {
    /// Its folder's name.
    pub name: String,
    /// Its name for people; its folder's when none is written.
    pub title: String,
    /// The zone of its schedules and of moments that carry none.
    pub zone: Tz,
    /// When its services are read, unless they say their own; none: only when asked (`lianwang pull`).
    pub schedule: Option<Schedule>,
    /// When everything is read again from the beginning: a time the sender can write is not a safe cursor.
    pub full_read: Option<Schedule>,
    /// What its word weighs where another source speaks of the same key: the higher wins; none: nobody has said.
    pub priority: Option<i64>,
    /// How its schedules are kept.
    pub keeping: Keeping,
    /// How to reach it.
    pub connect: ConnectConfig,
    /// What it offers, in the order declared, which is the order they are pulled in.
    pub services: Vec<ServiceFile>,
}

/// One list of a source as configured.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceFile {
    /// Its name: a mapping's `select.service`.
    pub name: String,
    /// Its name for people; its own when none is written.
    pub title: String,
    /// When it is read; none: when its source is.
    pub schedule: Option<Schedule>,
    /// How to ask for it.
    pub request: RequestConfig,
    /// How many bad records each of its documents may have; none: as many as there are.
    pub error_limit: Option<ErrorLimit>,
    /// Whether a whole pass from its beginning names everything there is, so that what it does not name is gone; and how
    /// much may be missing; none: nothing is ever taken for gone.
    pub snapshot: Option<Snapshot>,
}

impl SourceFile {
    /// How long one exchange may take: a lease must last longer.
    #[must_use]
    pub fn longest_exchange(&self) -> TimeDelta {
        let ConnectConfig::Rest(connect) = &self.connect;
        TimeDelta::milliseconds(i64::try_from(connect.timeout_ms).unwrap_or(0).min(LONGEST_EXCHANGE_MS))
    }

    /// Its limit of records a minute, if it has one.
    #[must_use]
    pub fn records_per_min(&self) -> Option<Records> {
        let ConnectConfig::Rest(connect) = &self.connect;
        Records::new(connect.records_per_min?).ok()
    }

    /// The adapter's part.
    #[must_use]
    pub fn adapter(&self) -> SourceConfig {
        let service = |service: &ServiceFile| ServiceConfig {
            name: service.name.clone(),
            request: service.request.clone(),
        };
        SourceConfig {
            zone: self.zone,
            connect: self.connect.clone(),
            services: self.services.iter().map(service).collect(),
        }
    }

    /// When a service is read: its own schedule, else the source's.
    #[must_use]
    pub fn schedule_of(&self, service: &str) -> Option<&Schedule> {
        let own = self.services.iter().find(|own| own.name == service)?;
        own.schedule.as_ref().or(self.schedule.as_ref())
    }

    /// The runs of a service.
    #[must_use]
    pub fn runs_of(&self, service: &str) -> Option<Runs<'_>> {
        self.schedule_of(service).map(|schedule| self.runs(schedule))
    }

    /// The runs from the beginning.
    #[must_use]
    pub fn full_runs(&self) -> Option<Runs<'_>> {
        self.full_read.as_ref().map(|schedule| self.runs(schedule))
    }

    /// How one of its schedules is kept.
    #[must_use]
    pub fn runs<'a>(&'a self, schedule: &'a Schedule) -> Runs<'a> {
        Runs { schedule, keeping: self.keeping, name: &self.name }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    title: Option<String>,
    #[serde(rename = "zone")]
    _zone: Option<String>,
    #[serde(rename = "schedule")]
    _schedule: Option<String>,
    full_read: Option<String>,
    jitter_s: Option<Spanned<u32>>,
    #[serde(default)]
    missed: Missed,
    priority: Option<i64>,
    connect: ConnectConfig,
    services: Vec<WrittenService>,
}

/// The source's own times, read by themselves: they are checked even where the rest of the file is wrong.
#[derive(Default, Deserialize)]
struct Times {
    zone: Option<Spanned<String>>,
    schedule: Option<Spanned<String>>,
    full_read: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenService {
    name: Spanned<String>,
    title: Option<String>,
    schedule: Option<Spanned<String>>,
    request: Spanned<RequestConfig>,
    error_limit: Option<Spanned<ErrorLimit>>,
    snapshot: Option<Spanned<bool>>,
    sweep_cap_percent: Option<Spanned<i64>>,
}

/// The source a `source.toml` describes; what is wrong is added to `problems`.
pub(super) fn read(
    name: &str,
    file: &RuleFile,
    hub_zone: Tz,
    problems: &mut Vec<Problem>,
) -> Option<SourceFile> {
    let times: Times = toml::from_str(&file.text).unwrap_or_default();
    let zone = hub::zone(file, times.zone.as_ref(), problems).unwrap_or(hub_zone);
    let usual = timing::schedule(file, times.schedule.as_ref(), zone, problems);
    let full_read = timing::schedule(file, times.full_read.as_ref(), zone, problems);
    connecting::check(file, ConnectConfig::problems, problems);
    let written: Written = reading::read(file, problems)?;
    check(file, &written, problems);
    let services = written.services.into_iter().map(|service| ServiceFile {
        schedule: timing::schedule(file, service.schedule.as_ref(), zone, problems),
        snapshot: Snapshot::of(service.snapshot.as_ref(), service.sweep_cap_percent.as_ref()),
        title: service.title.unwrap_or_else(|| service.name.get_ref().clone()),
        name: service.name.into_inner(),
        request: service.request.into_inner(),
        error_limit: service.error_limit.map(Spanned::into_inner),
    });
    let services = services.collect();
    let title = written.title.unwrap_or_else(|| name.to_owned());
    Some(SourceFile {
        name: name.to_owned(),
        title,
        zone,
        schedule: usual,
        full_read,
        priority: written.priority,
        keeping: Keeping {
            jitter_s: written.jitter_s.map_or(0, Spanned::into_inner),
            missed: written.missed,
        },
        connect: written.connect,
        services,
    })
}

/// Services that no mapping takes: their records would be found and never become anything.
pub(super) fn unmapped(source: &SourceFile, file: &RuleFile, rules: &Rulebook, problems: &mut Vec<Problem>) {
    let Ok(written) = toml::from_str::<Written>(&file.text) else { return };
    for service in &written.services {
        if rules.mapping(&source.name, service.name.get_ref()).is_none() {
            let message = format!("服务 {} 没有映射", service.name.get_ref());
            let hint = format!(
                "在 sources/{}/ 里加一个映射文件，写 select = {{ service = \"{}\" }}",
                source.name,
                service.name.get_ref()
            );
            problems.push(quote::at(file, Some(service.name.span()), Severity::Error, message, Some(hint)));
        }
    }
}

/// Services whose records can never be told to be gone: their kind has no field that says so.
pub(super) fn unsweepable(
    source: &SourceFile,
    file: &RuleFile,
    rules: &Rulebook,
    problems: &mut Vec<Problem>,
) {
    let Ok(written) = toml::from_str::<Written>(&file.text) else { return };
    for service in &written.services {
        let Some(snapshot) = service.snapshot.as_ref().filter(|snapshot| *snapshot.get_ref()) else {
            continue;
        };
        let kind = rules.mapping(&source.name, service.name.get_ref()).and_then(|own| rules.kind(own.kind()));
        if let Some(kind) = kind.filter(|kind| kind.gone().is_none()) {
            problems.push(snapshot::no_mark(file, snapshot, kind));
        }
    }
}

fn check(file: &RuleFile, written: &Written, problems: &mut Vec<Problem>) {
    let mut names: Vec<&str> = Vec::new();
    if written.services.is_empty() {
        problems.push(quote::at(
            file,
            None,
            Severity::Error,
            "没有任何服务".to_owned(),
            Some("至少写一个 [[services]]".to_owned()),
        ));
    }
    if let Some(long) = written.jitter_s.as_ref().filter(|jitter| *jitter.get_ref() > LONGEST_JITTER_S) {
        let message = format!("jitter_s 最多 {LONGEST_JITTER_S}（六小时）");
        problems.push(quote::at(file, Some(long.span()), Severity::Error, message, None));
    }
    for service in &written.services {
        let written = snapshot::Written {
            snapshot: service.snapshot.as_ref(),
            cap: service.sweep_cap_percent.as_ref(),
            request: service.request.get_ref(),
            has_full_read: written.full_read.is_some(),
        };
        snapshot::check(&written, file, problems);
    }
    for limit in written.services.iter().filter_map(|service| service.error_limit.as_ref()) {
        ErrorLimit::check(limit, file, problems);
    }
    for service in &written.services {
        let name = service.name.get_ref().as_str();
        let mut say = |span, severity, message: String, hint: Option<String>| {
            problems.push(quote::at(file, Some(span), severity, message, hint));
        };
        if name.trim().is_empty() {
            say(service.name.span(), Severity::Error, "服务的 name 不能是空的".to_owned(), None);
        } else if names.contains(&name) {
            say(service.name.span(), Severity::Error, format!("有两个服务都叫 {name}"), None);
        }
        names.push(name);
        for wrong in service.request.get_ref().problems() {
            say(service.request.span(), Severity::Error, format!("服务 {name}：{wrong}"), None);
        }
        if written.full_read.is_none()
            && matches!(service.request.get_ref().paging, PagingConfig::Keyset { .. })
        {
            let hint = "在文件开头加 full_read，例如 full_read = \"0 3 * * 0\"（每周日三点从头读一遍）";
            let message = format!("服务 {name} 按时间续读，时间由来源填写，补录的旧记录会读不到");
            say(service.name.span(), Severity::Warning, message, Some(hint.to_owned()));
        }
    }
}

#[cfg(test)]
mod tests;
