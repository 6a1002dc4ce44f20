//! Where the tests' PostgreSQL comes from: the one `LIANWANG_TEST_POSTGRES` names, else a private one from installed
//! binaries, shared by all test processes of this checkout. A guard ends it when no test has run for a while.
//!
//! Two lock files keep parallel processes apart: every process holds `users` (shared) as long as it lives, so the guard
//! can end the server only when it gets `users` alone; `start` makes one of them start it.

use std::{
    fs::File,
    hash::{DefaultHasher, Hash, Hasher},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

/// Every `$2` seconds: if nobody holds `$1/users`, ends the server as `$3` says and goes.
const GUARD: &str = r#"while sleep "$2"; do flock -n -x "$1/users" sh -c "$3" && exit; done"#;
const GUARD_PERIOD_S: &str = "20";

const OPTIONS: &str = "-c listen_addresses= -c max_connections=400 -c shared_buffers=64MB \
     -c fsync=off -c synchronous_commit=off -c full_page_writes=off";

/// The address of the server.
///
/// # Errors
/// Why there is none.
pub(super) fn url() -> Result<String, String> {
    static URL: OnceLock<Result<String, String>> = OnceLock::new();
    URL.get_or_init(|| variable("LIANWANG_TEST_POSTGRES").map_or_else(private, Ok)).clone()
}

/// Whether a test run without PostgreSQL is a failure.
pub(super) fn is_required() -> bool {
    variable("LIANWANG_REQUIRE_POSTGRES").is_some_and(|value| value == "1")
}

#[expect(clippy::disallowed_methods, reason = "the tests' own switches, read here alone")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

struct Server {
    /// Where its data, socket and locks are.
    base: PathBuf,
    /// Where its programs are.
    programs: PathBuf,
    /// We are root: the server runs as `postgres`.
    is_root: bool,
}

fn private() -> Result<String, String> {
    static USERS: OnceLock<File> = OnceLock::new();
    let server = Server { programs: programs()?, base: base()?, is_root: output("id", &["-u"])? == "0" };
    output("flock", &["--version"]).map_err(|_| "没有 flock 命令".to_owned())?;
    let users = lock_file(&server.base, "users")?;
    users.lock_shared().map_err(told)?;
    let start = lock_file(&server.base, "start")?;
    start.lock().map_err(told)?;
    if server.run("pg_ctl", "status").is_err() {
        server.start()?;
    }
    drop(start);
    // held to the end of the process: its end is what the guard waits for
    let _kept = USERS.set(users);
    let socket = server.base.display().to_string().replace('/', "%2F");
    Ok(format!("postgres://postgres@localhost/postgres?host={socket}"))
}

impl Server {
    fn data(&self) -> PathBuf {
        self.base.join("data")
    }

    fn start(&self) -> Result<(), String> {
        let data = self.data();
        if data.exists() {
            std::fs::remove_dir_all(&data).map_err(told)?;
        }
        if self.is_root {
            output("chown", &["postgres", &self.base.display().to_string()])?;
        }
        self.run("initdb", "--no-sync -A trust -U postgres -E UTF8 --locale=C")?;
        let base = self.base.display();
        self.run(
            "pg_ctl",
            &format!("-w -l {base}/log -o \"{OPTIONS} -c unix_socket_directories={base}\" start"),
        )?;
        self.guard()
    }

    /// The command line of one of the server's programs, as the user it runs as.
    fn line(&self, program: &str, arguments: &str) -> String {
        format!("{} -D {} {arguments}", self.programs.join(program).display(), self.data().display())
    }

    fn run(&self, program: &str, arguments: &str) -> Result<(), String> {
        let line = self.line(program, arguments);
        let mut command = if self.is_root { Command::new("su") } else { Command::new("sh") };
        if self.is_root {
            command.args(["postgres", "-s", "/bin/sh"]);
        }
        let status =
            command.args(["-c", &line]).current_dir(&self.base).stdin(Stdio::null()).stdout(Stdio::null());
        let status = status.stderr(Stdio::null()).status().map_err(told)?;
        if status.success() { Ok(()) } else { Err(format!("{line}：{status}")) }
    }

    fn guard(&self) -> Result<(), String> {
        let stop = self.line("pg_ctl", "-m immediate stop");
        let stop = if self.is_root { format!("su postgres -s /bin/sh -c '{stop}'") } else { stop };
        let end = format!("{stop}; rm -rf {}", self.data().display());
        let mut guard = Command::new("sh");
        guard.args(["-c", GUARD, "guard", &self.base.display().to_string(), GUARD_PERIOD_S, &end]);
        guard.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        guard.current_dir("/").spawn().map(drop).map_err(told)
    }
}

/// The newest installed server's programs.
fn programs() -> Result<PathBuf, String> {
    let number = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<PathBuf> = installed.map(|entry| entry.path()).collect();
    versions.sort_by_key(|path| number(path));
    let mut folders: Vec<PathBuf> = versions.into_iter().rev().map(|path| path.join("bin")).collect();
    folders.extend(variable("PATH").iter().flat_map(std::env::split_paths).collect::<Vec<_>>());
    let has_both = |folder: &PathBuf| folder.join("initdb").exists() && folder.join("pg_ctl").exists();
    folders
        .into_iter()
        .find(has_both)
        .ok_or_else(|| "没有装 PostgreSQL（找不到 initdb 和 pg_ctl）".to_owned())
}

/// A well-known folder for this user and checkout, short enough for a socket's path.
fn base() -> Result<PathBuf, String> {
    let mut hasher = DefaultHasher::new();
    env!("CARGO_MANIFEST_DIR").hash(&mut hasher);
    let name = format!("lianwang-pg-{}-{:08x}", output("id", &["-u"])?, hasher.finish() & 0xffff_ffff);
    let base = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&base).map_err(told)?;
    Ok(base)
}

fn lock_file(base: &Path, name: &str) -> Result<File, String> {
    File::options().create(true).append(true).open(base.join(name)).map_err(told)
}

/// Runs one of the programs that come with a server.
///
/// # Errors
/// When it is not installed, or complains.
pub(super) fn client(program: &str, arguments: &[&str]) -> Result<(), String> {
    let beside = programs().map(|folder| folder.join(program)).ok().filter(|path| path.exists());
    let path = beside.unwrap_or_else(|| PathBuf::from(program));
    output(&path.display().to_string(), arguments).map(drop)
}

fn output(program: &str, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().map_err(told)?;
    if !output.status.success() {
        return Err(format!("{program}：{}", output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err gives it")]
fn told(error: std::io::Error) -> String {
    error.to_string()
}
