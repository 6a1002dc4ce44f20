//! Faults on order: what a simulator has been told to do wrong, and how many times yet.
//! What each fault looks like on the wire is the simulator's own business.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

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

fn once() -> u32 {
    1
}

/// The orders of one simulator. One request meets at most one fault: the first ordered that fits.
#[derive(Debug)]
pub(super) struct Faults<K>(Mutex<Vec<FaultOrder<K>>>);

impl<K: Copy + PartialEq + DeserializeOwned> Faults<K> {
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
    enum Kind {
        Cut,
        Slow,
    }

    fn order(text: &str) -> FaultOrder<Kind> {
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
    fn unknown_words_are_refused() {
        assert!(serde_json::from_str::<FaultOrder<Kind>>(r#"{"kind":"cut","time":1}"#).is_err());
        assert!(serde_json::from_str::<FaultOrder<Kind>>(r#"{"kind":"burn"}"#).is_err());
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
