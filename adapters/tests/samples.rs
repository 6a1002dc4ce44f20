//! A real park's files, located, cut and decoded: every record once, every value as `serde_json` reads it.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected should stop there"
)]

use adapters::{
    Decode, Form, Part,
    codec::{
        JsonRecords,
        json::{Listing, locate},
    },
};
use serde_json::Value;

const FILES: [(&str, &[u8]); 7] = [
    ("check_record", include_bytes!("../../tests/fixtures/national-park/check_record.json")),
    ("check_task", include_bytes!("../../tests/fixtures/national-park/check_task.json")),
    ("control_measure", include_bytes!("../../tests/fixtures/national-park/control_measure.json")),
    ("hazard", include_bytes!("../../tests/fixtures/national-park/hazard.json")),
    ("risk_event", include_bytes!("../../tests/fixtures/national-park/risk_event.json")),
    ("risk_unit", include_bytes!("../../tests/fixtures/national-park/risk_unit.json")),
    ("unit_outage", include_bytes!("../../tests/fixtures/national-park/unit_outage.json")),
];

/// A record's fields as `serde_json` has them, in the order of the names.
fn reference(record: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    record.as_object().unwrap().iter().map(|(name, value)| (name.clone(), text(value))).collect()
}

fn decoded(bytes: &[u8]) -> Vec<Vec<(String, String)>> {
    let Listing::Found(list) = locate(bytes, "", &[]).unwrap().listing else { panic!("no list") };
    let mut records = Vec::new();
    for extent in list.parts {
        let range = usize::try_from(extent.from).unwrap()..usize::try_from(extent.to).unwrap();
        let part = Part { bytes: &bytes[range], first: extent.first, offset: extent.from };
        for record in JsonRecords.decode(&part) {
            let record = record.unwrap();
            assert_eq!(usize::try_from(record.place).unwrap(), records.len());
            assert!(record.fields.iter().all(|(_, raw)| raw.form != Form::Nested));
            let fields =
                record.fields.into_iter().map(|(path, raw)| (path.into_owned(), raw.text.into_owned()));
            let mut fields: Vec<_> = fields.collect();
            fields.sort();
            records.push(fields);
        }
    }
    assert_eq!(u64::try_from(records.len()).unwrap(), list.count);
    records
}

#[test]
fn every_record_of_every_file() {
    let mut total = 0;
    for (name, bytes) in FILES {
        let expected: Vec<Value> = serde_json::from_slice(bytes).unwrap();
        let records = decoded(bytes);
        total += records.len();
        assert_eq!(records.len(), expected.len(), "{name}");
        for (record, expected) in records.iter().zip(&expected) {
            assert_eq!(record, &reference(expected), "{name}");
        }
    }
    assert!(total > 400, "{total}");
}
