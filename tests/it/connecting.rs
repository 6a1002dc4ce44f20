//! `docs/connect-a-source.md`, done as written: its files, its commands in their order, and what it says they print, against
//! a vendor's platform that is no simulator of ours, only its interface document.

mod page;
mod vendor;

use std::path::Path;

use serde_json::Value;
use tests::{http::Peer, on_both, process::Lianwang};

use page::{Block, agrees, blocks};

const PAGE: &str = include_str!("../../docs/connect-a-source.md");

/// The document's own environment, except where the platform and the ledger are on this machine.
fn environment(platform: &str, store: &str) -> Vec<(&'static str, String)> {
    let lines = PAGE.lines().filter_map(|line| line.strip_prefix("export ")?.split_once('='));
    lines
        .map(|(name, value)| match name {
            "ANGT_URL" => (name, platform.to_owned()),
            "LIANWANG_STORE" => (name, store.to_owned()),
            _ => (name, value.to_owned()),
        })
        .collect()
}

/// The record that the vendor's document shows.
fn sample() -> Value {
    let shown = blocks(PAGE).into_iter().find_map(|block| match block {
        Block::Record(record) => Some(record),
        _ => None,
    });
    shown.unwrap()
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

async fn run(program: &Lianwang, commands: &[&str]) -> String {
    let mut said = String::new();
    for command in commands.iter().filter_map(|line| line.strip_prefix("lianwang ")) {
        let arguments: Vec<&str> = command.split_whitespace().collect();
        said.push_str(&program.run(&arguments).await.said(0));
    }
    said
}

#[tokio::test]
async fn a_platform_is_connected_by_the_document_alone() {
    on_both(async |db| {
        let platform = vendor::Platform::of(&sample());
        let peer = Peer::serve(platform.router()).await;
        let variables = environment(&format!("{}/ang", peer.url), &db.url);
        let program = Lianwang::new("commands::lianwang_process").with(variables);
        let (mut said, mut compared) = (String::new(), 0);
        for block in blocks(PAGE) {
            match block {
                Block::File(path, text) => write(program.folder(), path, &text),
                Block::Commands(commands) => said = run(&program, &commands).await,
                Block::Printed(printed) => {
                    assert!(agrees(printed, &said), "the document says:\n{printed}\nit is:\n{said}");
                    compared += 1;
                }
                Block::Record(_) => {}
            }
        }
        assert!(compared >= 5, "every step says what it prints");
        assert!(platform.logins() >= 3, "a ticket that went bad on the way was replaced");
    })
    .await;
}
