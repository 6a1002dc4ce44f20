//! A simulator as a process: this test binary starts itself.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, ChildStdout, Command, Stdio},
};

use super::*;
use crate::sim::park::{ParkOptions, run_park};

#[tokio::test]
#[ignore = "not a test: the process that the tests below start; it ends when its standard input does"]
async fn child() {
    let options = ParkOptions { enterprises: 1, ..ParkOptions::default() };
    run_park(options, "127.0.0.1:0".parse().unwrap(), true).await.unwrap();
}

/// The child, once it has said where it listens. Its output stays open as long as it may write.
fn started() -> (Child, String, BufReader<ChildStdout>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", "sim::serving::tests::child"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    for _ in 0..20 {
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        if let Some((_, url)) = line.trim().split_once("listening ") {
            return (child, url.to_owned(), out);
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    panic!("the child never said where it listens");
}

#[test]
fn a_child_says_where_it_listens_and_ends_with_its_parents_pipe() {
    let (mut child, url, _out) = started();
    let addr = url.strip_prefix("http://").unwrap();
    assert_ne!(addr.parse::<SocketAddr>().unwrap().port(), 0);
    let open_connection = std::net::TcpStream::connect(addr).unwrap();
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    drop(open_connection);
}

#[cfg(unix)]
#[test]
fn a_child_ends_well_at_sigterm_though_its_input_is_open() {
    let (mut child, _, _out) = started();
    let told = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(told.success());
    assert!(child.wait().unwrap().success());
}

#[tokio::test]
async fn an_address_that_is_taken_is_named() {
    let holder = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = holder.local_addr().unwrap();
    let options = ParkOptions { enterprises: 1, ..ParkOptions::default() };
    let error = run_park(options, addr, false).await.unwrap_err();
    assert_eq!(error.to_string(), format!("模拟器不能在 {addr} 上监听：地址已被占用"));
    assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
}
