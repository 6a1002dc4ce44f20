//! Simulators as child processes of the demo and the bench: this very program, another command.

use std::{path::PathBuf, process::Stdio, time::Duration};

use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{ChildStdin, Command},
};

use super::Failure;
use crate::config::environment;

/// The variable that names the program to start instead of this one: a wrapper that passes its arguments on. Where
/// this process is a test binary, arguments alone do not make it `lianwang`.
const PROGRAM: &str = "LIANWANG_PROGRAM";

/// A running simulator. It ends when its standard input closes, so dropping this ends it, and so does our death.
#[derive(Debug)]
pub(super) struct Child {
    /// Where it listens.
    pub(super) url: String,
    _stdin: Option<ChildStdin>,
    _kept: tokio::process::Child,
}

const PATIENCE: Duration = Duration::from_secs(20);

impl Child {
    pub(super) async fn start(arguments: &[&str]) -> Result<Self, Failure> {
        let mut child = Command::new(program()?)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let silent = || Failure::Remote(format!("模拟器 {} 没有报出地址", arguments.join(" ")));
        let mut lines = BufReader::new(child.stdout.take().ok_or_else(silent)?).lines();
        let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.map_err(|_| silent())??;
        let url =
            line.and_then(|line| line.strip_prefix("listening ").map(str::to_owned)).ok_or_else(silent)?;
        Ok(Self { url, _stdin: child.stdin.take(), _kept: child })
    }
}

fn program() -> std::io::Result<PathBuf> {
    environment::from_process().get(PROGRAM).map_or_else(std::env::current_exe, |named| Ok(named.into()))
}
