//! `lianwang` as a process of its own: this very test binary, started again with one test's name, the command's
//! arguments in one variable. Only that test looks at the variable; it becomes the program and never returns.
//!
//! `lianwang demo` starts its simulators as children of the same program. Here the same program is a test binary that
//! understands other arguments, so `LIANWANG_PROGRAM` tells the demo to start a script that hands them over.

use std::{
    ffi::OsString,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{ExitCode, Output, Stdio},
    time::Duration,
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::Files;

/// The variable with the arguments, one a line.
const ARGUMENTS: &str = "LIANWANG_TEST_ARGUMENTS";

/// The line after which standard output is the program's own.
const BEGINS: &str = "-- lianwang --";

/// Longest a command may take.
const PATIENCE: Duration = Duration::from_secs(150);

/// Becomes the program if this process was started to be it; returns at once in an ordinary test run.
#[expect(clippy::disallowed_methods, reason = "the tests' own switch, read here alone")]
pub fn become_lianwang() {
    let Ok(arguments) = std::env::var(ARGUMENTS) else { return };
    println!("\n{BEGINS}");
    let arguments = std::iter::once("lianwang").chain(arguments.split('\n'));
    let ended = gateway::cli::main(arguments.map(OsString::from));
    let code = (0..=u8::MAX).find(|code| ExitCode::from(*code) == ended);
    std::process::exit(code.map_or(70, i32::from));
}

/// The program in a folder of its own.
#[derive(Debug)]
pub struct Lianwang {
    folder: TempDir,
    /// The test that becomes the program.
    test: &'static str,
    variables: Vec<(String, String)>,
}

/// How a command ended.
#[derive(Debug, Clone)]
pub struct Ended {
    /// Its exit code; none when it was killed.
    pub code: Option<i32>,
    /// What it printed.
    pub out: String,
    /// What it complained of.
    pub err: String,
}

impl Lianwang {
    /// A program that the test of this name becomes.
    #[must_use]
    pub fn new(test: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("lianwang");
        let program = std::env::current_exe().unwrap();
        std::fs::write(&script, handing_over(&program, test)).unwrap();
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
        let variables = vec![("LIANWANG_PROGRAM".to_owned(), script.display().to_string())];
        Self { folder, test, variables }
    }

    /// The same with more of an environment.
    #[must_use]
    pub fn with<'v>(mut self, variables: impl IntoIterator<Item = (&'v str, String)>) -> Self {
        self.variables.extend(variables.into_iter().map(|(name, value)| (name.to_owned(), value)));
        self
    }

    /// The folder it works in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a configuration below its folder; its path, as `--config` takes it.
    #[must_use]
    pub fn configure(&self, name: &str, files: &Files) -> PathBuf {
        let root = self.folder().join(name);
        for file in files.revision().files {
            let path = root.join(file.path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, file.text).unwrap();
        }
        root
    }

    /// Runs a command to its end.
    pub async fn run(&self, arguments: &[&str]) -> Ended {
        let ended = tokio::time::timeout(PATIENCE, self.command(arguments).output()).await;
        Ended::of(ended.unwrap_or_else(|_| panic!("{arguments:?} does not end")).unwrap())
    }

    /// Starts a command.
    #[must_use]
    pub fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).spawn().unwrap()
    }

    /// Starts a command with more of an environment.
    #[must_use]
    pub fn start_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Child {
        self.command(arguments).envs(variables.iter().copied()).spawn().unwrap()
    }

    /// Starts a command that writes what it complains of into a file.
    #[must_use]
    pub fn start_logging(&self, arguments: &[&str], log: &Path) -> Child {
        self.command(arguments).stderr(std::fs::File::create(log).unwrap()).spawn().unwrap()
    }

    /// The same with more of an environment.
    #[must_use]
    pub fn start_logging_with(&self, arguments: &[&str], log: &Path, variables: &[(&str, &str)]) -> Child {
        let log = std::fs::File::create(log).unwrap();
        self.command(arguments).envs(variables.iter().copied()).stderr(log).spawn().unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", self.test, "--nocapture"]).current_dir(self.folder());
        command.env_remove("LIANWANG_STORE").env("RUST_LOG", "warn").env("RUST_BACKTRACE", "0");
        command
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .env(ARGUMENTS, arguments.join("\n"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }
}

impl Ended {
    fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let out = text(output.stdout);
        let own = out.split_once(&format!("{BEGINS}\n")).map(|(_, own)| own.to_owned());
        Self { code: output.status.code(), out: own.unwrap_or(out), err: text(output.stderr) }
    }

    /// What it printed, once it ended so; else what it complained of is told.
    #[must_use]
    pub fn said(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "out: {}\nerr: {}", self.out, self.err);
        self.out
    }

    /// What it complained of, once it ended so.
    #[must_use]
    pub fn complained(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "out: {}\nerr: {}", self.out, self.err);
        self.err
    }
}

/// The first line a running command prints that begins so, without its beginning.
pub async fn line_of(child: &mut Child, begins: &str) -> String {
    let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    let read = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            if let Some(rest) = line.strip_prefix(begins) {
                return rest.to_owned();
            }
        }
        panic!("it ended without saying {begins}");
    };
    tokio::time::timeout(PATIENCE, read).await.unwrap()
}

/// Sends a running command a signal: `TERM`, `STOP`, `CONT` …
pub async fn tell(child: &Child, signal: &str) {
    let id = child.id().unwrap().to_string();
    let status = Command::new("kill").args([&format!("-{signal}"), &id]).status().await.unwrap();
    assert!(status.success());
}

/// Tells a running command to end (SIGTERM) and waits for it.
pub async fn terminate(child: Child) -> Ended {
    tell(&child, "TERM").await;
    let ended = tokio::time::timeout(PATIENCE, child.wait_with_output()).await;
    Ended::of(ended.unwrap_or_else(|_| panic!("it does not end when told to")).unwrap())
}

/// What the demo starts in the place of the program: whatever it is told, it has the test binary be. The runner's own
/// first lines are kept from the demo, which listens for one.
fn handing_over(program: &Path, test: &str) -> String {
    format!(
        "#!/bin/sh\n{ARGUMENTS}=$(printf '%s\\n' \"$@\")\nexport {ARGUMENTS}\n\
         '{}' --exact {test} --nocapture | grep --line-buffered '^listening '\n",
        program.display()
    )
}
