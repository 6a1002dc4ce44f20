//! The page a person reads, and what machines ask: `/`, `/status.json`, `/healthz`, `/readyz`, `/metrics`.
//! Only reads; leaves the figures to the store and every change to the command line.

pub mod gather;
pub mod listen;
pub mod metrics;
pub mod model;
mod page;
mod view;

use std::{pin::Pin, sync::Arc};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::json;

use model::{Readiness, Status};

/// Figures on their way; the error is for people, in Chinese, without secrets.
pub type Reading<T> = Pin<Box<dyn Future<Output = Result<T, String>> + Send>>;

/// Where the server's figures come from.
#[derive(Clone)]
pub struct Figures {
    status: Arc<dyn Fn() -> Reading<Status> + Send + Sync>,
    readiness: Arc<dyn Fn() -> Reading<Readiness> + Send + Sync>,
}

impl std::fmt::Debug for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Figures").finish_non_exhaustive()
    }
}

impl Figures {
    /// Figures read anew for every request.
    pub fn new(
        status: impl Fn() -> Reading<Status> + Send + Sync + 'static,
        readiness: impl Fn() -> Reading<Readiness> + Send + Sync + 'static,
    ) -> Self {
        Self { status: Arc::new(status), readiness: Arc::new(readiness) }
    }

    /// Figures that never change, and readiness itself.
    #[must_use]
    pub fn fixed(status: Status) -> Self {
        let readiness = Readiness { revision: true, ..Readiness::default() };
        Self::new(
            move || Box::pin(std::future::ready(Ok(status.clone()))),
            move || Box::pin(std::future::ready(Ok(readiness.clone()))),
        )
    }
}

/// The server's routes, all of them `GET`.
pub fn router(figures: Figures) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(scrape))
        .route("/status.json", get(status))
        .with_state(figures)
        .merge(page::router())
        .layer(middleware::map_response(guarded))
}

async fn ready(State(figures): State<Figures>) -> Response {
    match (figures.readiness)().await {
        Ok(readiness) => match readiness.reason() {
            None => "ready\n".into_response(),
            Some(reason) => unavailable(&reason),
        },
        Err(reason) => unavailable(&reason),
    }
}

async fn status(State(figures): State<Figures>) -> Response {
    match (figures.status)().await {
        Ok(status) => Json(view::view(&status)).into_response(),
        Err(reason) => unavailable(&reason),
    }
}

async fn scrape(State(figures): State<Figures>) -> Response {
    let text = (figures.status)().await.map(|status| metrics::text(&status));
    match text {
        Ok(Ok(text)) => ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response(),
        Ok(Err(error)) => unavailable(&error.to_string()),
        Err(reason) => unavailable(&reason),
    }
}

fn unavailable(reason: &str) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "error": reason }))).into_response()
}

/// Nothing from elsewhere runs in the page, nothing frames it, nothing keeps it.
async fn guarded(mut response: Response) -> Response {
    let rules = [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in rules {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests;
