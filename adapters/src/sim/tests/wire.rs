//! A simulator on a free port of this machine and a client to talk to it.

use std::{net::SocketAddr, time::Duration};

use axum::Router;
use reqwest::{Client, RequestBuilder, Response};
use serde_json::Value;
use tokio::net::TcpListener;

/// A served router and a client.
pub(super) struct Wire {
    addr: SocketAddr,
    client: Client,
}

/// An answer read to its end: status and JSON.
pub(super) type Read = (u16, Value);

impl Wire {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test's server and client, which end with the test's runtime"
    )]
    pub(super) async fn serving(router: Router) -> Self {
        crate::http::install_tls();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        tokio::spawn(super::super::serve(listener, router, std::future::pending()));
        let client = Client::builder().timeout(Duration::from_secs(20)).no_proxy().build().unwrap();
        Self { addr, client }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    pub(super) fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("{}{path}", self.url()))
    }

    pub(super) fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        let request = self.client.post(format!("{}{path}", self.url()));
        request.header("content-type", "application/json").body(body.to_string())
    }

    /// As `curl -d` posts, with its content type or none.
    pub(super) fn post_bare(&self, path: &str, content_type: Option<&str>, body: &str) -> RequestBuilder {
        let request = self.client.post(format!("{}{path}", self.url())).body(body.to_owned());
        match content_type {
            Some(content_type) => request.header("content-type", content_type),
            None => request,
        }
    }

    /// GET, 200, JSON.
    pub(super) async fn read(&self, path: &str) -> Value {
        let (status, value) = json(self.get(path).send().await.unwrap()).await;
        assert_eq!(status, 200, "{path} {value}");
        value
    }

    /// POST of an order that must be taken.
    pub(super) async fn order(&self, path: &str, body: Value) {
        let answer = self.post(path, &body).send().await.unwrap();
        assert_eq!(answer.status(), 204, "{path} {body}");
    }
}

/// Status and JSON of an answer.
pub(super) async fn json(answer: Response) -> Read {
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")))
}
