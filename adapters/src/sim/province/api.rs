//! The receiver's routes: a request is counted, let in, opened, judged, remembered, answered, in this order.

use std::{io, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::Response,
    routing::{get, post},
};
use serde::Deserialize;

use super::{
    Desk, OnBad, Province,
    answer::{self, ProvinceFault, Told},
    envelope::{self, Posted},
    forms::{self, Form},
    judge::{self, Complaint},
    memory::{Entry, TakenRecord},
};
use crate::sim::{
    fault::{self, FaultOrder},
    reply,
};

/// Three photos of 5 MB in Base64, twice over.
const BODY_CAP: usize = 64 << 20;

/// The routes over one receiver.
pub(super) fn routes(province: Arc<Province>) -> Router {
    Router::new()
        .route("/{path}", post(receive))
        .route("/ledger", get(ledger))
        .route("/fault", post(fault))
        .layer(DefaultBodyLimit::max(BODY_CAP))
        .with_state(province)
}

type Shared = State<Arc<Province>>;

async fn receive(
    State(province): Shared,
    Path(path): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let request = province.count();
    let met = province.faults.take(&path);
    if let Some(response) = met.as_ref().and_then(|order| instead(request, order)) {
        return response;
    }
    let text = match province.accept(request, &path, &headers, &body, met.as_ref()) {
        Ok(text) => text,
        Err(response) => return *response,
    };
    match met.as_ref().map(|order| order.kind) {
        Some(ProvinceFault::CutAfterTaking) => answer::cut(&text),
        Some(ProvinceFault::Garbage) => reply::html(),
        Some(ProvinceFault::Slow) => {
            reply::pause(met.map(|order| order.wait(3_000)).unwrap_or_default()).await;
            reply::json(StatusCode::OK, text)
        }
        _ => reply::json(StatusCode::OK, text),
    }
}

/// The answer of a receiver that does not even look.
fn instead(request: u64, order: &FaultOrder<ProvinceFault>) -> Option<Response> {
    let said = |fallback: &'static str| order.message.clone().unwrap_or_else(|| fallback.to_owned());
    match order.kind {
        ProvinceFault::Busy => {
            let text =
                serde_json::json!({ "success": false, "code": 429, "msg": said("3分钟内最多请求一次!") });
            Some(reply::busy(text.to_string(), order.wait(1_000)))
        }
        ProvinceFault::Down => {
            Some(answer::failed(request, StatusCode::SERVICE_UNAVAILABLE, 503, &said("系统维护中")))
        }
        ProvinceFault::RefuseCredential => {
            Some(answer::failed(request, StatusCode::UNAUTHORIZED, 401, &said("用户名或密码错误")))
        }
        ProvinceFault::CutBeforeTaking => Some(answer::cut("{}")),
        ProvinceFault::RefuseWithoutNames => {
            let told = Told::Unnamed(said("数据校验未通过"));
            Some(reply::json(StatusCode::OK, answer::told(request, &told)))
        }
        _ => None,
    }
}

impl Province {
    fn count(&self) -> u64 {
        let now = self.clock.now();
        let mut desk = self.desk();
        desk.memory.arrivals.at(now);
        desk.memory.requests = desk.memory.requests.saturating_add(1);
        desk.memory.requests
    }

    /// Takes what is good of a request; the text of the answer, or the answer to a request that is itself at fault.
    fn accept(
        &self,
        request: u64,
        path: &str,
        headers: &HeaderMap,
        body: &[u8],
        met: Option<&FaultOrder<ProvinceFault>>,
    ) -> Result<String, Box<Response>> {
        let failed = |status, code, message: &str| Box::new(answer::failed(request, status, code, message));
        let form = forms::of(path).ok_or_else(|| failed(StatusCode::NOT_FOUND, 404, "接口不存在"))?;
        let user = self
            .user(headers)
            .map_err(|Stranger| failed(StatusCode::UNAUTHORIZED, 401, "用户名或密码错误"))?;
        let unreadable =
            || failed(StatusCode::INTERNAL_SERVER_ERROR, 501, "数据体解密失败!请核对加密方式是否正确！");
        let plain = envelope::open(&self.cipher, body).ok_or_else(unreadable)?;
        let posted = envelope::records(&plain).ok_or_else(unreadable)?;
        let judged = Judged { form, batch: reply::digest(&plain), posted };
        let told = self
            .desk()
            .settle(judged, user.as_deref(), self.on_bad)
            .map_err(|error| failed(StatusCode::INTERNAL_SERVER_ERROR, 500, &error.to_string()))?;
        let stranger = met.is_some_and(|order| order.kind == ProvinceFault::NameStranger);
        Ok(answer::told(request, &if stranger { a_stranger() } else { told }))
    }

    /// Who logged in, where that is asked for.
    fn user(&self, headers: &HeaderMap) -> Result<Option<String>, Stranger> {
        let Some(wanted) = &self.password else { return Ok(None) };
        let (user, _) =
            envelope::credentials(headers).filter(|(_, given)| given == wanted).ok_or(Stranger)?;
        Ok(Some(user))
    }
}

/// No credential, or a wrong one.
struct Stranger;

fn a_stranger() -> Told {
    Told::Named(vec![("ffffffffffffffffffffffffffffffff".to_owned(), "数据校验失败".to_owned())])
}

/// An opened batch before the desk.
struct Judged {
    form: &'static Form,
    batch: String,
    posted: Vec<Posted>,
}

impl Desk {
    /// Judges the records, remembers those taken (on the disk first) and says what became of the batch.
    fn settle(&mut self, batch: Judged, user: Option<&str>, on_bad: OnBad) -> io::Result<Told> {
        let verdicts: Vec<Vec<Complaint>> =
            batch.posted.iter().map(|record| self.complaints(batch.form, record, user)).collect();
        let entry = entry(batch, &verdicts, on_bad);
        let refused = named(&entry.refused, &verdicts);
        if let Some(journal) = &mut self.journal {
            journal.write(&entry)?;
        }
        self.memory.learn(entry);
        Ok(match (refused.is_empty(), on_bad) {
            (true, _) => Told::Taken,
            (false, OnBad::RefuseUnnamed) => Told::Unnamed("数据校验未通过".to_owned()),
            (false, _) => Told::Named(refused),
        })
    }

    fn complaints(&self, form: &Form, record: &Posted, user: Option<&str>) -> Vec<Complaint> {
        let known = |path: &str, id: &str| self.parents_elsewhere || self.memory.knows(path, id);
        match &record.fields {
            Some(fields) => judge::judge(form, fields, user, &known),
            None => vec![Complaint { text: "数据格式错误：不是对象".to_owned(), orphan: false }],
        }
    }
}

fn entry(batch: Judged, verdicts: &[Vec<Complaint>], on_bad: OnBad) -> Entry {
    let none_bad = verdicts.iter().all(Vec::is_empty);
    let good_go = none_bad || on_bad == OnBad::TakeRest;
    let orphans = verdicts.iter().filter(|complaints| complaints.iter().any(|one| one.orphan)).count();
    let (mut taken, mut refused) = (Vec::new(), Vec::new());
    for (record, complaints) in batch.posted.iter().zip(verdicts) {
        if complaints.is_empty() && good_go {
            taken.push(taken_record(record));
        } else if !complaints.is_empty() {
            refused.push(id_of(record));
        }
    }
    Entry {
        path: batch.form.path.to_owned(),
        batch: batch.batch,
        received: u64::try_from(batch.posted.len()).unwrap_or(u64::MAX),
        taken,
        refused,
        orphans: u64::try_from(orphans).unwrap_or(u64::MAX),
    }
}

fn named(refused: &[String], verdicts: &[Vec<Complaint>]) -> Vec<(String, String)> {
    let reasons = verdicts.iter().filter(|complaints| !complaints.is_empty()).map(|complaints| {
        let texts: Vec<&str> = complaints.iter().map(|complaint| complaint.text.as_str()).collect();
        texts.join("；")
    });
    refused.iter().cloned().zip(reasons).collect()
}

fn taken_record(record: &Posted) -> TakenRecord {
    let state = record.fields.as_ref().map(|fields| judge::text(fields, "dangerState"));
    TakenRecord {
        id: id_of(record),
        digest: reply::digest(record.text.as_bytes()),
        state: state.filter(|state| !state.is_empty()),
    }
}

fn id_of(record: &Posted) -> String {
    record.fields.as_ref().map(|fields| judge::text(fields, "id")).unwrap_or_default()
}

#[derive(Debug, Deserialize)]
struct LedgerQuery {
    full: Option<String>,
}

async fn ledger(State(province): Shared, Query(asked): Query<LedgerQuery>) -> Response {
    let full = asked.full.is_some_and(|full| full != "0");
    reply::json_of(&province.desk().memory.ledger(full))
}

async fn fault(State(province): Shared, body: Bytes) -> Response {
    match fault::read(&body) {
        Ok(order) => {
            province.faults.order(order);
            reply::done()
        }
        Err(wrong) => reply::not_understood(&wrong),
    }
}
