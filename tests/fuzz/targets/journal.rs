//! A journal: never a panic. Lines of the input are sealed as the journal seals them, so that what is behind the checksum is
//! reached, and written as its file; what is read of it is read again the same, and a journal goes on after it or says why
//! not. Whole lines without a seal are refused.
#![no_main]

use std::{fmt::Write as _, fs, path::PathBuf, sync::OnceLock};

use gateway::proof::{
    Journal,
    journal::{Fact, Line, Lines, pack, unpack},
};
use libfuzzer_sys::fuzz_target;
use sha2::{Digest as _, Sha256};

fuzz_target!(|text: &str| {
    if let Ok(bytes) = unpack(text) {
        assert!(unpack(&pack(&bytes).unwrap()).is_ok_and(|again| again == bytes));
    }
    let facts: Vec<Line> = text.split('\n').filter_map(|line| serde_json::from_str(line).ok()).collect();
    for line in &facts {
        let again = serde_json::from_str::<Line>(&serde_json::to_string(line).unwrap()).unwrap();
        assert_eq!(again, *line);
    }
    if facts.is_empty() {
        return;
    }
    let folder = folder();
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join(name()), sealed(text)).unwrap();
    let read =
        |after| Lines::after(folder, after).unwrap().take_while(Result::is_ok).flatten().collect::<Vec<_>>();
    let lines = read(0);
    assert_eq!(read(0), lines);
    assert!(read(1).len() <= lines.len());
    if let Ok(journal) = Journal::open(folder, "n", 30) {
        let fact = Fact::Torn { bytes: 1 };
        let _ = journal.append(fact, fuzz::NOW.parse().unwrap(), false);
    }
});

/// In memory where the machine has such a place.
fn folder() -> &'static PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let memory = PathBuf::from("/dev/shm");
        let home = if memory.is_dir() { memory } else { std::env::temp_dir() };
        home.join(format!("lianwang-fuzz-journal-{}", std::process::id()))
    })
}

fn name() -> &'static str {
    "000000000000000001-20240607.ndjson"
}

/// Each line bound to the one before it, as `gateway::proof::journal::line` does it.
fn sealed(text: &str) -> String {
    let (mut file, mut previous) = (String::new(), String::new());
    for body in text.split('\n').filter(|body| body.ends_with('}')) {
        let first = file.is_empty();
        let own = serde_json::from_str::<Line>(body).ok().and_then(|line| match line.fact {
            Fact::Segment { previous, .. } => Some(previous),
            _ => None,
        });
        if let (true, Some(own)) = (first, own) {
            previous = own;
        }
        let mut hasher = Sha256::new();
        hasher.update(previous.as_bytes());
        hasher.update(body.as_bytes());
        previous = hasher.finalize().iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        });
        writeln!(file, "{},\"sum\":\"{previous}\"}}", &body[..body.len() - 1]).unwrap();
    }
    file
}
