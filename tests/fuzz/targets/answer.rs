//! A receiver's answer, read by the shipped rules of the national exchange: never a panic; who is refused was sent. The
//! first byte is the status.
#![no_main]

use std::sync::OnceLock;

use adapters::{
    Answer, Batch, Receipt,
    destination::{Reader, VerdictConfig},
};
use libfuzzer_sys::fuzz_target;

const NATIONAL: &str = include_str!("../../../mappings/destinations/national/destination.toml");
const STATUS: [u16; 8] = [200, 400, 401, 403, 429, 500, 503, 302];

#[derive(serde::Deserialize)]
struct Rules {
    verdict: Vec<VerdictConfig>,
}

fn reader() -> &'static Reader {
    static READER: OnceLock<Reader> = OnceLock::new();
    READER.get_or_init(|| Reader::new(&toml::from_str::<Rules>(NATIONAL).unwrap().verdict).unwrap())
}

fuzz_target!(|input: &[u8]| {
    let Some((status, body)) = input.split_first() else { return };
    let members = ["a".to_owned(), "b".to_owned()];
    let batch =
        Batch { id: "n-1", kind: "hazard", path: "p", group: "", members: &members, payload: b"[{},{}]" };
    let status = STATUS[usize::from(*status) % STATUS.len()];
    let answer = Answer { status, body: body.to_vec(), ..Answer::default() };
    let receipt = reader().read(&batch, &answer);
    if let Receipt::Named { refused, .. } = receipt {
        assert!(!refused.is_empty() && refused.iter().all(|(id, _)| members.contains(id)), "{refused:?}");
    }
});
