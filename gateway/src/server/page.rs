//! The status page's files, embedded: no other host is asked for anything.
//! Leaves the figures to `/status.json`, which the page reads every two seconds.

use axum::{
    Router,
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};

const HTML: &str = include_str!("page/index.html");
const CSS: &str = include_str!("page/app.css");
const SCRIPT: &str = include_str!("page/app.js");
const ICON: &str = include_str!("page/favicon.svg");

/// The page and its files.
pub(super) fn router() -> Router {
    Router::new()
        .route("/", get(async || file("text/html; charset=utf-8", HTML)))
        .route("/app.css", get(async || file("text/css; charset=utf-8", CSS)))
        .route("/app.js", get(async || file("text/javascript; charset=utf-8", SCRIPT)))
        .route("/favicon.svg", get(async || file("image/svg+xml", ICON)))
}

fn file(content_type: &'static str, body: &'static str) -> Response {
    ([(header::CONTENT_TYPE, content_type)], body).into_response()
}
