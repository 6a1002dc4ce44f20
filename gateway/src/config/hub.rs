//! `lianwang.toml`: what belongs to this hub rather than to a source or a destination.
//! Leaves the environment to whoever resolves it, and everything about records to the other files.

use std::net::SocketAddr;

use adapters::{AdapterError, Environment, http::setting::Setting};
use chrono_tz::{Asia::Shanghai, Tz};
use mappings::{Problem, RuleFile, Severity};
use serde::Deserialize;
use toml::Spanned;

use super::{
    disk::{self, Disk},
    proof::{self, Proof},
    quote, reading,
    retention::{self, Retention},
};
use crate::{scheduler::dialect, server::listen};

/// The file's path in a configuration.
pub const FILE: &str = "lianwang.toml";

/// What the file says, or what counts when it says nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Hub {
    /// This replica's name, plainly or `env:NAME`: leases are taken in it. Default `hub`.
    pub node: Setting,
    /// The hub's name for people; empty by default.
    pub title: String,
    /// The zone of schedules and pages, unless a source says its own. Default `Asia/Shanghai`.
    pub zone: Tz,
    /// Where the status page listens, plainly or `env:NAME`. Default `127.0.0.1:8480`.
    pub listen: Setting,
    /// The database's URL, plainly (without password) or `env:NAME`; none: SQLite in `data/` of the working directory.
    pub store: Option<Setting>,
    /// Seconds between the slow activations that repair what a lost hint left. Default 30.
    pub repair_s: u32,
    /// The destinations in use; none: all there are.
    pub destinations: Option<Vec<String>>,
    /// How long what is kept is kept. Default: for ever.
    pub retention: Retention,
    /// When nothing more is taken in.
    pub disk: Disk,
    /// Where the journal and the checkpoints lie.
    pub proof: Proof,
}

impl Default for Hub {
    fn default() -> Self {
        Self {
            node: Setting::Plain("hub".to_owned()),
            title: String::new(),
            zone: Shanghai,
            listen: Setting::Plain("127.0.0.1:8480".to_owned()),
            store: None,
            repair_s: 30,
            destinations: None,
            retention: Retention::default(),
            disk: Disk::default(),
            proof: Proof::default(),
        }
    }
}

impl Hub {
    /// This replica's name.
    ///
    /// # Errors
    /// A configuration error when it is a reference that points nowhere.
    pub fn node(&self, environment: &Environment) -> Result<String, AdapterError> {
        self.node.resolve(environment)
    }

    /// Where the status page listens (`127.0.0.1:8480`).
    ///
    /// # Errors
    /// A configuration error when it is a reference that points nowhere.
    pub fn listen(&self, environment: &Environment) -> Result<String, AdapterError> {
        self.listen.resolve(environment)
    }

    /// The database's URL; none when the file names none.
    ///
    /// # Errors
    /// A configuration error when it is a reference that points nowhere.
    pub fn store(&self, environment: &Environment) -> Result<Option<String>, AdapterError> {
        self.store.as_ref().map(|store| store.resolve(environment)).transpose()
    }

    /// Whether a destination is in use.
    #[must_use]
    pub fn uses(&self, destination: &str) -> bool {
        self.destinations.as_ref().is_none_or(|used| used.iter().any(|name| name == destination))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    node: Option<Spanned<Setting>>,
    #[serde(default)]
    title: String,
    zone: Option<Spanned<String>>,
    listen: Option<Spanned<Setting>>,
    store: Option<Spanned<Setting>>,
    repair_s: Option<Spanned<u32>>,
    destinations: Option<Vec<String>>,
    #[serde(default)]
    retention: retention::Written,
    #[serde(default)]
    disk: disk::Written,
    #[serde(default)]
    proof: proof::Written,
}

/// Reads the file; what is wrong is added to `problems`, and the default stands in its place.
pub(super) fn read(file: Option<&RuleFile>, problems: &mut Vec<Problem>) -> Hub {
    let Some((file, written)) = file.and_then(|file| Some((file, reading::read::<Written>(file, problems)?)))
    else {
        return Hub::default();
    };
    check(file, &written, problems);
    let default = Hub::default();
    Hub {
        node: written.node.map_or(default.node, Spanned::into_inner),
        title: written.title,
        zone: zone(file, written.zone.as_ref(), problems).unwrap_or(default.zone),
        listen: written.listen.map_or(default.listen, Spanned::into_inner),
        store: written.store.map(Spanned::into_inner),
        repair_s: written.repair_s.map_or(default.repair_s, Spanned::into_inner),
        destinations: written.destinations,
        retention: retention::read(file, &written.retention, problems),
        disk: disk::read(file, &written.disk, problems),
        proof: proof::read(file, written.proof, problems),
    }
}

/// A zone by name, if one is written; a name nobody knows is a problem, unless the rules, which read the same key, have
/// said so already.
pub(super) fn zone(
    file: &RuleFile,
    written: Option<&Spanned<String>>,
    problems: &mut Vec<Problem>,
) -> Option<Tz> {
    let written = written?;
    match dialect::parse_zone(written.get_ref()) {
        Ok(zone) => Some(zone),
        Err(wrong) => {
            let problem = quote::at(file, Some(written.span()), Severity::Error, wrong, None);
            if !problems.iter().any(|said| said.file == problem.file && said.line == problem.line) {
                problems.push(problem);
            }
            None
        }
    }
}

fn check(file: &RuleFile, written: &Written, problems: &mut Vec<Problem>) {
    let mut say = |span, severity, message: &str, hint: Option<&str>| {
        problems.push(quote::at(file, Some(span), severity, message.to_owned(), hint.map(str::to_owned)));
    };
    if let Some(node) = written.node.as_ref().filter(|node| is_plain(node, |name| name.trim().is_empty())) {
        say(node.span(), Severity::Error, "node 不能是空的", None);
    }
    if let Some(listen) = &written.listen {
        if is_plain(listen, |text| text.parse::<SocketAddr>().is_err()) {
            say(listen.span(), Severity::Error, "listen 要写成“地址:端口”", Some("例如 127.0.0.1:8480"));
        }
        let open = |text: &str| text.parse().is_ok_and(|address| listen::exposure(address).is_some());
        if is_plain(listen, open) {
            say(
                listen.span(),
                Severity::Warning,
                "本机以外的人不用登录就能看到状态页",
                Some("改回 127.0.0.1，或放在带登录的反向代理之后"),
            );
        }
    }
    if let Some(store) = written.store.as_ref().filter(|store| is_plain(store, has_password)) {
        say(
            store.span(),
            Severity::Error,
            "数据库地址里有密码",
            Some("机密只能引用：写成 store = \"env:变量名\""),
        );
    }
    if let Some(repair) = written.repair_s.as_ref().filter(|repair| *repair.get_ref() == 0) {
        say(repair.span(), Severity::Error, "repair_s 必须大于 0", None);
    }
}

fn is_plain(setting: &Spanned<Setting>, wrong: impl Fn(&str) -> bool) -> bool {
    matches!(setting.get_ref(), Setting::Plain(text) if wrong(text))
}

/// `scheme://user:password@host/…`
fn has_password(url: &str) -> bool {
    let authority = url.split_once("://").map_or("", |(_, rest)| rest.split('/').next().unwrap_or_default());
    let in_authority = authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'));
    in_authority || url.contains("password=")
}

#[cfg(test)]
mod tests;
