//! Rows as the small world's park writes them. Ids come from small numbers, so a test reads like a story.

use serde_json::{Value, json};

/// The id of the `n`-th record, as its sender writes it: a UUID with hyphens.
#[must_use]
pub fn id(n: u32) -> String {
    format!("00000000-0000-4000-8000-{n:012x}")
}

/// The same id as the receiver knows it: 32 digits, lower case.
#[must_use]
pub fn wire(n: u32) -> String {
    id(n).replace('-', "")
}

/// A time of the day all stories play on, `minute` minutes after eight, with its offset.
#[must_use]
pub fn at(minute: u32) -> String {
    format!("2026-11-20T{:02}:{:02}:00+08:00", 8 + minute / 60, minute % 60)
}

/// A plant.
#[must_use]
pub fn plant(n: u32, minute: u32, name: &str) -> Value {
    json!({"id": id(n), "name": name, "corp": "410900017", "t": at(minute)})
}

/// A tank in a plant; its level in the park's word.
#[must_use]
pub fn tank(n: u32, minute: u32, plant: u32, level: &str) -> Value {
    json!({"id": id(n), "plant": id(plant), "name": format!("储罐{n}"), "level": level, "t": at(minute)})
}

/// An alarm of a tank.
#[must_use]
pub fn alarm(n: u32, tank: u32, value: i64) -> Value {
    json!({"id": id(n), "tank": id(tank), "value": value, "t": at(n)})
}
