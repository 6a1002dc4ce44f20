//! A file of checkpoints: never a panic. Each line of the input that is a head, with the lines after it as its leaves, is
//! given its root and chained to the head before; so what is behind the digests is reached. What was read whole proves
//! itself, and a chain goes on after it or says why not.
#![no_main]

use std::{fs, path::PathBuf, sync::OnceLock};

use gateway::proof::checkpoints::{Checkpoints, Head, reach, root, tail};
use libfuzzer_sys::fuzz_target;
use sha2::{Digest as _, Sha256};

fuzz_target!(|text: &str| {
    let file = file();
    fs::write(file, chained(text)).unwrap();
    let mut checkpoints = Checkpoints::open(file).unwrap();
    let mut last = None;
    while let Ok(Some(Ok(checkpoint))) = checkpoints.next_one() {
        assert_eq!(checkpoint.leaves.len(), checkpoint.sealed.head.leaves);
        last = Some(checkpoint.sealed);
    }
    let reached = reach(file).unwrap();
    assert!(last.as_ref().is_none_or(|sealed| reached == sealed.head.upto || reached != 0));
    let _ = tail(file, Some(3)).is_ok();
    if let Ok(tail) = tail(file, None) {
        assert_eq!(tail.last, last);
        let head: Head = serde_json::from_str(HEAD).unwrap();
        tail.append(head, &[]).unwrap();
    }
});

const HEAD: &str = r#"{"checkpoint":1,"node":"n","at":"2024-06-07T00:00:00Z","after":0,"upto":0,"leaves":0,"root":"","previous":""}"#;

fn file() -> &'static PathBuf {
    static FILE: OnceLock<PathBuf> = OnceLock::new();
    FILE.get_or_init(|| {
        let memory = PathBuf::from("/dev/shm");
        let home = if memory.is_dir() { memory } else { std::env::temp_dir() };
        let home = home.join(format!("lianwang-fuzz-checkpoints-{}", std::process::id()));
        fs::create_dir_all(&home).unwrap();
        home.join("checkpoints.ndjson")
    })
}

fn chained(text: &str) -> String {
    let (mut file, mut previous) = (String::new(), String::new());
    let lines: Vec<&str> = text.split('\n').collect();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        at += 1;
        let Ok(head) = serde_json::from_str::<Head>(line) else {
            file.push_str(line);
            file.push('\n');
            continue;
        };
        let leaves: Vec<&str> = lines[at..].iter().copied().take(head.leaves.min(8)).collect();
        at += leaves.len();
        let head = Head { root: root(leaves.iter().copied()), previous: previous.clone(), ..head };
        let line = serde_json::to_string(&head).unwrap();
        previous = Sha256::digest(line.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        for line in std::iter::once(line.as_str()).chain(leaves) {
            file.push_str(line);
            file.push('\n');
        }
    }
    file
}
