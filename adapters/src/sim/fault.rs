//! Faults on order: what a simulator has been told to do wrong, and how many times yet.
//! What each fault looks like on the wire is the simulator's own business.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

/// The body of `POST /fault`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultOrder<K> {
    /// What to do wrong.
    pub kind: K,
    /// How many requests it hits; 0 takes the order back. Default 1.
    #[serde(default = "once")]
    pub times: u32,
    /// How many requests pass before it starts. Default 0.
    #[serde(default)]
    pub skip: u32,
    /// For faults that take or name a time, in milliseconds.
    #[serde(default)]
    pub ms: Option<u64>,
    /// For faults that have a size, in bytes.
    #[serde(default)]
    pub bytes: Option<usize>,
    /// Only requests for this service or path.
    #[serde(default)]
    pub service: Option<String>,
    /// The words of the answer, where it has any.
    #[serde(default)]
    pub message: Option<String>,
}

impl<K> FaultOrder<K> {
    /// The time it names, or `default_ms`.
    pub(super) fn wait(&self, default_ms: u64) -> Duration {
        Duration::from_millis(self.ms.unwrap_or(default_ms))
    }
}

/// The words of `POST /fault`.
const KEYS: [&str; 7] = ["kind", "times", "skip", "ms", "bytes", "service", "message"];

/// Something a simulator can do wrong, by its word.
pub(super) trait Kind: Copy + PartialEq + DeserializeOwned {
    /// Every word that can be ordered.
    const WORDS: &'static [&'static str];
}

/// Reads the body of `POST /fault`, whatever its content type claims.
///
/// # Errors
/// What is wrong and what may be written, in Chinese.
pub(super) fn read<K: Kind>(body: &[u8]) -> Result<FaultOrder<K>, String> {
    let order: Map<String, Value> = serde_json::from_slice(body).map_err(|error| {
        format!("请求体要是一个 JSON 对象，例如 {{\"kind\": \"{}\"}}：{error}", word::<K>())
    })?;
    if let Some(key) = order.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(format!("不认识 {key:?}：可写 {}", KEYS.join("、")));
    }
    match order.get("kind").and_then(Value::as_str) {
        Some(kind) if K::WORDS.contains(&kind) => {}
        Some(kind) => return Err(format!("不认识故障 {kind:?}：可写 {}", K::WORDS.join("、"))),
        None => return Err(format!("缺少 kind：可写 {}", K::WORDS.join("、"))),
    }
    serde_json::from_value(Value::Object(order)).map_err(|error| format!("故障的数值读不懂：{error}"))
}

fn word<K: Kind>() -> &'static str {
    K::WORDS.first().copied().unwrap_or_default()
}

fn once() -> u32 {
    1
}

/// The orders of one simulator. One request meets at most one fault: the first ordered that fits.
#[derive(Debug)]
pub(super) struct Faults<K>(Mutex<Vec<FaultOrder<K>>>);

impl<K: Kind> Faults<K> {
    pub(super) fn none() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// Takes an order; it replaces one of the same kind for the same service.
    pub(super) fn order(&self, order: FaultOrder<K>) {
        let mut orders = self.orders();
        orders.retain(|old| old.kind != order.kind || old.service != order.service);
        if order.times > 0 {
            orders.push(order);
        }
    }

    /// The fault this request meets, used up by one.
    pub(super) fn take(&self, service: &str) -> Option<FaultOrder<K>> {
        let mut orders = self.orders();
        let place =
            orders.iter().position(|order| order.service.as_deref().is_none_or(|only| only == service))?;
        let order = orders.get_mut(place)?;
        if order.skip > 0 {
            order.skip -= 1;
            return None;
        }
        order.times = order.times.saturating_sub(1);
        let met = order.clone();
        if met.times == 0 {
            orders.remove(place);
        }
        Some(met)
    }

    fn orders(&self) -> MutexGuard<'_, Vec<FaultOrder<K>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Wrong {
        Cut,
        Slow,
    }

    impl Kind for Wrong {
        const WORDS: &'static [&'static str] = &["cut", "slow"];
    }

    fn order(text: &str) -> FaultOrder<Wrong> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn an_order_hits_so_many_requests_after_the_skipped() {
        let faults = Faults::none();
        faults.order(order(r#"{"kind":"cut","times":2,"skip":1}"#));
        let met: Vec<bool> = (0..5).map(|_| faults.take("a").is_some()).collect();
        assert_eq!(met, [false, true, true, false, false]);
    }

    #[test]
    fn an_order_for_one_service_leaves_the_others_alone() {
        let faults = Faults::none();
        faults.order(order(r#"{"kind":"slow","ms":5,"service":"b"}"#));
        assert_eq!(faults.take("a"), None);
        assert_eq!(faults.take("b").map(|met| met.wait(9)), Some(Duration::from_millis(5)));
        assert_eq!(faults.take("b"), None);
    }

    #[test]
    fn nought_times_takes_an_order_back() {
        let faults = Faults::none();
        faults.order(order(r#"{"kind":"cut","times":9}"#));
        faults.order(order(r#"{"kind":"cut","times":0}"#));
        assert_eq!(faults.take("a"), None);
    }

    #[test]
    fn what_is_no_order_is_told_with_what_may_be_written() {
        let told = |text: &str| read::<Wrong>(text.as_bytes()).unwrap_err();
        assert_eq!(told(r#"{"kind":"burn"}"#), r#"不认识故障 "burn"：可写 cut、slow"#);
        assert_eq!(told(r#"{"kind":7}"#), "缺少 kind：可写 cut、slow");
        assert_eq!(told("{}"), "缺少 kind：可写 cut、slow");
        assert_eq!(
            told(r#"{"kind":"cut","time":1}"#),
            r#"不认识 "time"：可写 kind、times、skip、ms、bytes、service、message"#
        );
        assert!(told(r#"{"kind":"cut","times":-1}"#).starts_with("故障的数值读不懂："));
        for text in ["", "kind=cut", "[]", "7"] {
            assert!(told(text).starts_with(r#"请求体要是一个 JSON 对象，例如 {"kind": "cut"}："#), "{text}");
        }
        let whole = r#"{"kind":"cut","times":2,"skip":1,"ms":5,"bytes":6,"service":"b","message":"新"}"#;
        assert_eq!(read::<Wrong>(whole.as_bytes()).unwrap(), order(whole));
    }

    /// Every word is read as a kind, and no kind has none: what serde would list is what we list.
    fn words_are_all<K: Kind + std::fmt::Debug>() {
        let error = serde_json::from_str::<K>(r#""no such kind""#).unwrap_err().to_string();
        let listed: Vec<&str> = error.split('`').skip(1).step_by(2).skip(1).collect();
        assert_eq!(listed, K::WORDS);
    }

    #[test]
    fn the_words_listed_are_those_understood() {
        words_are_all::<Wrong>();
        words_are_all::<super::super::park::ParkFault>();
        words_are_all::<super::super::province::ProvinceFault>();
    }

    #[test]
    fn a_later_order_of_the_same_kind_replaces_the_earlier_of_the_same_service() {
        let faults = Faults::none();
        faults.order(order(r#"{"kind":"cut","times":5}"#));
        faults.order(order(r#"{"kind":"cut","times":1,"message":"新"}"#));
        faults.order(order(r#"{"kind":"cut","times":1,"service":"b"}"#));
        assert_eq!(
            faults.take("b").and_then(|met| met.message).as_deref(),
            Some("新"),
            "first ordered, first met"
        );
        assert_eq!(faults.take("a"), None);
        assert!(faults.take("b").is_some_and(|met| met.service.as_deref() == Some("b")));
    }

    #[test]
    fn an_order_without_a_time_has_the_faults_own() {
        assert_eq!(order(r#"{"kind":"slow"}"#).wait(3_000), Duration::from_secs(3));
        assert_eq!(order(r#"{"kind":"slow","ms":0}"#).wait(3_000), Duration::ZERO);
    }
}
