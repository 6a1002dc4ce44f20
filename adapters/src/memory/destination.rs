//! A receiver in memory: it upserts by id, checks that parents came before their children, and answers in the national
//! exchange's shapes, which its verdict rules read. Leaves moods to [`super::mood`], memory to [`super::ledger`].

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    ledger::{self, Arrival, Ledger},
    mood::{Mood, OnBad, Reply},
};
use crate::{
    destination::{
        Answer, Batch, Destination, EncodeError, Encoder, Payload, Reader, Receipt, VerdictConfig,
    },
    error::{AdapterError, Certainty, Sent},
    record::WireRecord,
    source::hex,
};

/// A receiver in memory; clones share their ledger.
#[derive(Debug, Clone)]
pub struct MemoryDestination {
    reader: Arc<Reader>,
    state: Arc<Mutex<(Mood, Ledger)>>,
}

impl MemoryDestination {
    /// A receiver whose answers are read by these rules.
    ///
    /// # Errors
    /// A configuration error naming the rule and what is wrong with it.
    pub fn new(verdicts: &[VerdictConfig]) -> Result<Self, AdapterError> {
        Ok(Self { reader: Arc::new(Reader::new(verdicts)?), state: Arc::default() })
    }

    /// Changes how it behaves.
    pub fn set(&self, change: impl FnOnce(&mut Mood)) {
        change(&mut self.state().0);
    }

    /// What it has, and what arrived, as of now.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        self.state().1.clone()
    }

    fn state(&self) -> MutexGuard<'_, (Mood, Ledger)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, batch: &Batch<'_>) -> Result<Answer, AdapterError> {
        let mut state = self.state();
        let (mood, ledger) = &mut *state;
        let sent = Sent { digest: hex(&Sha256::digest(batch.payload)), with: "memory".to_owned() };
        let reply = mood.reply();
        if let Reply::Paced(wait) = reply {
            return Err(AdapterError::paced(wait));
        }
        if reply == Reply::Down {
            return Err(AdapterError::remote("连不上", Certainty::NotReceived));
        }
        let rows = arrive(ledger, batch);
        let body = match reply {
            Reply::Judge => judge(mood, ledger, batch, &rows).to_string(),
            Reply::MumbleAfter | Reply::Cut => {
                judge(mood, ledger, batch, &rows);
                String::from("<html>?</html>")
            }
            Reply::Ill => refusal("系统异常", &[]).to_string(),
            _ => String::from("<html>?</html>"),
        };
        match reply {
            Reply::Cut => Err(AdapterError::remote("应答途中断线", Certainty::Unknown).with_sent(sent)),
            Reply::Busy(after) => Ok(answered(429, after, body, sent)),
            _ => Ok(answered(200, None, body, sent)),
        }
    }
}

impl Destination for MemoryDestination {
    fn remember_sent(&self, _last: chrono::DateTime<chrono::Utc>) {}

    fn encode(&self, records: &[WireRecord]) -> Result<Payload, EncodeError> {
        Encoder.encode(records)
    }

    async fn deliver(&self, batch: &Batch<'_>) -> Result<Answer, AdapterError> {
        self.answer(batch)
    }

    fn read(&self, batch: &Batch<'_>, answer: &Answer) -> Receipt {
        self.reader.read(batch, answer)
    }
}

fn answered(status: u16, after_s: Option<u64>, body: String, sent: Sent) -> Answer {
    Answer {
        status,
        retry_after: after_s.map(Duration::from_secs),
        headers: Vec::new(),
        body: body.into_bytes(),
        sent_digest: sent.digest,
        sent_with: sent.with,
    }
}

fn arrive(ledger: &mut Ledger, batch: &Batch<'_>) -> Vec<(String, Value)> {
    let rows: Vec<Value> = serde_json::from_slice(batch.payload).unwrap_or_default();
    let named = |row: Value| (row.get("id").and_then(Value::as_str).unwrap_or_default().to_owned(), row);
    let rows: Vec<(String, Value)> = rows.into_iter().map(named).collect();
    ledger.arrivals.push(Arrival {
        batch: batch.id.to_owned(),
        path: batch.path.to_owned(),
        group: batch.group.to_owned(),
        payload: batch.payload.to_vec(),
        ids: rows.iter().map(|(id, _)| id.clone()).collect(),
    });
    rows
}

/// Takes what may be taken and says the rest.
fn judge(mood: &Mood, ledger: &mut Ledger, batch: &Batch<'_>, rows: &[(String, Value)]) -> Value {
    let mut bad: Vec<(&str, String)> = Vec::new();
    let mut good = Vec::new();
    for (id, row) in rows {
        match fault(mood, ledger, batch.path, id, row) {
            Some(reason) => bad.push((id, reason)),
            None => good.push((id, row)),
        }
    }
    if bad.is_empty() || mood.on_bad == OnBad::TakeRest {
        for (id, row) in good {
            ledger.take(batch.path, id, row);
        }
    }
    match bad.as_slice() {
        [] => json!({"success": true, "code": "200", "data": {"code": "200"}}),
        _ if mood.silent => refusal("数据校验失败", &[]),
        bad => refusal("数据校验失败", bad),
    }
}

fn fault(mood: &Mood, ledger: &Ledger, path: &str, id: &str, row: &Value) -> Option<String> {
    if let Some(reason) = mood.refuses.get(&ledger::normal(id)) {
        return Some(reason.clone());
    }
    let parents = mood.parents.get(path).into_iter().flatten();
    parents
        .filter_map(|(member, above)| Some((row.get(member)?.as_str()?, above)))
        .find(|(parent, above)| ledger.entry(above, parent).is_none())
        .map(|(parent, above)| format!("上级 {above} {parent} 不存在"))
}

fn refusal(words: &str, bad: &[(&str, String)]) -> Value {
    let list: Vec<Value> = bad.iter().map(|(id, reason)| json!({"id": id, "msg": reason})).collect();
    json!({"success": true, "code": "200", "data": {"code": "500", "msg": words, "data": list}})
}

#[cfg(test)]
mod tests;
