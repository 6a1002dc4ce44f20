//! `lianwang.toml`, `source.toml` or `destination.toml`, by the first byte: never a panic; they make a configuration or an
//! error, each problem at a line that is there; what it refers to can be listed.
#![no_main]

use fuzz::{file, hold};
use gateway::{
    config::{Revision, compile},
    pipeline::retain,
};
use libfuzzer_sys::fuzz_target;
use mappings::Severity;

const KIND: &str = "kind = \"k\"\nlabel = \"k\"\n[fields]\nid = { label = \"i\", type = \"id\" }\n";
const MAPPING: &str =
    "kind = \"k\"\nid_space = \"src:p\"\nselect = { service = \"s\" }\n[fields]\nid = \"ID\"\n";
const OUTLET: &str = "kind = \"k\"\npath = \"p\"\n";

fuzz_target!(|input: &[u8]| {
    let Some((which, text)) = input.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let files = match which % 3 {
        0 => vec![file("lianwang.toml", text)],
        1 => vec![
            file("kinds/k.toml", KIND),
            file("sources/p/m.toml", MAPPING),
            file("sources/p/source.toml", text),
        ],
        _ => vec![
            file("destinations/d/destination.toml", text),
            file("destinations/d/o.toml", OUTLET),
            file("kinds/k.toml", KIND),
        ],
    };
    let (compiled, problems) = compile(Revision::new(files.clone()));
    assert_eq!(compiled.is_none(), problems.iter().any(|problem| problem.severity == Severity::Error));
    hold(&files, &problems);
    if let Some(compiled) = compiled {
        let now = fuzz::NOW.parse().unwrap();
        let _ = (compiled.references(), retain::rules(&compiled.hub.retention, now));
        for source in &compiled.sources {
            let _ =
                (source.longest_exchange(), source.records_per_min(), source.adapter(), source.full_runs());
            for service in source.adapter().services {
                let _ = (source.schedule_of(&service.name), source.runs_of(&service.name));
            }
        }
        for destination in &compiled.destinations {
            let _ = (destination.longest_exchange(), destination.takes("k"));
            assert!(destination.adapter().reader().is_ok());
        }
    }
});
