//! The platform's routes: who may read, which rows are meant, what is counted.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::Response,
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    Park,
    answer::{self, Met},
    shelf::{Cut, Shelf, Since},
};
use crate::sim::{fault, reply};

/// The routes over one platform.
pub(super) fn routes(park: Arc<Park>) -> Router {
    Router::new()
        .route("/api/{service}/list", get(list))
        .route("/api/{service}/changes", get(changes))
        .route("/ledger", get(ledger))
        .route("/fault", post(fault))
        .route("/touch", post(touch))
        .route("/rows/{service}", post(put_rows))
        .with_state(park)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListQuery {
    #[serde(default = "first_page")]
    page_no: usize,
    #[serde(default = "usual_size")]
    page_size: usize,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ChangesQuery {
    from: Option<String>,
    until: Option<String>,
    after_time: Option<String>,
    after_id: Option<String>,
    #[serde(default = "usual_size")]
    limit: usize,
}

fn first_page() -> usize {
    1
}

fn usual_size() -> usize {
    20
}

type Shared = State<Arc<Park>>;

async fn list(
    State(park): Shared,
    Path(service): Path<String>,
    Query(asked): Query<ListQuery>,
    headers: HeaderMap,
) -> Response {
    let question = Question { size: asked.page_size, first: asked.page_no <= 1, until: None };
    let cut = |shelf: &Shelf, met: &Met| {
        let page = if answer::repeats(met) { 0 } else { asked.page_no.saturating_sub(1) };
        shelf.page(page.saturating_mul(asked.page_size), asked.page_size)
    };
    park.answer(&service, &headers, question, cut).await
}

async fn changes(
    State(park): Shared,
    Path(service): Path<String>,
    Query(asked): Query<ChangesQuery>,
    headers: HeaderMap,
) -> Response {
    let until = asked.until.as_deref();
    let question = Question { size: asked.limit, first: asked.after_time.is_none(), until };
    let cut = |shelf: &Shelf, met: &Met| {
        let id = asked.after_id.as_deref().unwrap_or_default();
        let mark = asked.after_time.as_deref().map(|time| (time, id));
        let after = if answer::repeats(met) { None } else { mark };
        shelf.changes(Since { from: asked.from.as_deref(), until, after }, asked.limit)
    };
    park.answer(&service, &headers, question, cut).await
}

/// What a question for rows says besides which rows.
#[derive(Debug, Clone, Copy)]
struct Question<'q> {
    /// How many rows at most.
    size: usize,
    /// Whether it begins a pass.
    first: bool,
    /// The end of its window as written, where it has one.
    until: Option<&'q str>,
}

impl Park {
    /// The whole answer to a question for rows.
    async fn answer(
        &self,
        service: &str,
        headers: &HeaderMap,
        question: Question<'_>,
        cut: impl Fn(&Shelf, &Met) -> Cut,
    ) -> Response {
        if !self.admits(headers) {
            return reply::json(StatusCode::UNAUTHORIZED, answer::failure("401", "令牌无效"));
        }
        let met = self.faults.take(service);
        if let Some(response) = answer::instead(&met) {
            return response;
        }
        if question.size == 0 || question.size > self.page_limit {
            let message = format!("每页条数须在 1 到 {} 之间", self.page_limit);
            return reply::json(StatusCode::OK, answer::failure("400", &message));
        }
        match self.rows(service, question, &met, cut) {
            Some(rows) => answer::page(&rows, &met).await,
            None => reply::json(StatusCode::NOT_FOUND, answer::failure("404", "没有这个服务")),
        }
    }

    fn rows(
        &self,
        service: &str,
        question: Question<'_>,
        met: &Met,
        cut: impl Fn(&Shelf, &Met) -> Cut,
    ) -> Option<Cut> {
        let now = self.wall();
        let mut held = self.shelves();
        let asked = held.iter_mut().find(|shelf| shelf.name == service)?;
        asked.requests = asked.requests.saturating_add(1);
        if question.first && answer::undisturbed(met) {
            let night = self.nightly.then(|| asked.night(question.until, now));
            asked.begin_pass(night);
        }
        let rows = cut(asked, met);
        if answer::carries(met) {
            asked.count(&rows.rows);
        }
        Some(rows)
    }

    fn admits(&self, headers: &HeaderMap) -> bool {
        let given = headers.get("x-token").and_then(|value| value.to_str().ok());
        self.token.as_deref().is_none_or(|token| given == Some(token))
    }
}

#[derive(Debug, Serialize)]
struct Account {
    requests: u64,
    passes: u32,
    /// Rows in answers, as often as they were served.
    served: u64,
    /// Keys among them, spellings joined.
    distinct: usize,
    /// Over the digests of all rows served, in order.
    digest: String,
    /// Rows on offer now.
    on_offer: usize,
}

async fn ledger(State(park): Shared) -> Response {
    let shelves = park.shelves();
    let accounts: BTreeMap<&str, Account> =
        shelves.iter().map(|shelf| (shelf.name.as_str(), Account::of(shelf))).collect();
    let served: u64 = accounts.values().map(|account| account.served).sum();
    let distinct: usize = accounts.values().map(|account| account.distinct).sum();
    reply::json_of(&serde_json::json!({ "served": served, "distinct": distinct, "services": accounts }))
}

impl Account {
    fn of(shelf: &Shelf) -> Self {
        Self {
            requests: shelf.requests,
            passes: shelf.passes,
            served: shelf.served,
            distinct: shelf.served_ids.len(),
            digest: shelf.served_digest(),
            on_offer: shelf.visible().count(),
        }
    }
}

async fn fault(State(park): Shared, body: Bytes) -> Response {
    match fault::read(&body) {
        Ok(order) => {
            park.faults.order(order);
            reply::done()
        }
        Err(wrong) => reply::not_understood(&wrong),
    }
}

async fn touch(State(park): Shared) -> StatusCode {
    let now = park.wall();
    for shelf in park.shelves().iter_mut() {
        shelf.touch(now);
    }
    StatusCode::NO_CONTENT
}

async fn put_rows(State(park): Shared, Path(service): Path<String>, body: Bytes) -> Response {
    let rows: Vec<&RawValue> = match serde_json::from_slice(&body) {
        Ok(rows) => rows,
        Err(error) => return reply::not_understood(&format!("请求体要是一个 JSON 数组：{error}")),
    };
    let mut shelves = park.shelves();
    if !shelves.iter().any(|shelf| shelf.name == service) {
        shelves.push(Shelf::new(&service, park.names, Vec::new()));
    }
    for shelf in shelves.iter_mut().filter(|shelf| shelf.name == service) {
        for row in &rows {
            shelf.put(row.get().to_owned());
        }
    }
    reply::done()
}
