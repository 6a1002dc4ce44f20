//! One HTTP server in this process, on a port nobody else has, and questions to it.

use adapters::{
    http::{Client, client::Limits},
    sim,
};
use axum::Router;
use reqwest::{
    Method, Request, Url,
    header::{CONTENT_TYPE, HeaderValue},
};
use serde_json::Value;
use tokio::{net::TcpListener, sync::oneshot};

/// A server that ends when this is dropped.
#[derive(Debug)]
pub struct Peer {
    /// Where it is: `http://127.0.0.1:PORT`.
    pub url: String,
    client: Client,
    _stop: oneshot::Sender<()>,
}

impl Peer {
    /// Serves these routes.
    #[expect(clippy::disallowed_methods, reason = "a server beside the test; it ends with its runtime")]
    pub async fn serve(router: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        let told = async {
            let _dropped = stopped.await;
        };
        tokio::spawn(sim::serve(listener, router, told));
        Self { url, client: Client::build(Limits::default()).unwrap(), _stop: stop }
    }

    /// Status and body of a `GET`.
    pub async fn get(&self, path: &str) -> (u16, String) {
        self.ask(Method::GET, path, None::<&Value>).await
    }

    /// The JSON of a `GET` that must go well.
    pub async fn json(&self, path: &str) -> Value {
        let (status, body) = self.get(path).await;
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// A `POST` that must go well.
    pub async fn post(&self, path: &str, body: &Value) {
        let (status, answer) = self.ask(Method::POST, path, Some(body)).await;
        assert!((200..300).contains(&status), "{path}: {status} {answer}");
    }

    /// A `POST` of a text that need not be what a value can hold.
    pub async fn post_text(&self, path: &str, text: &str) {
        let body: Box<serde_json::value::RawValue> = serde_json::from_str(text).unwrap();
        let (status, answer) = self.ask(Method::POST, path, Some(&body)).await;
        assert!((200..300).contains(&status), "{path}: {status} {answer}");
    }

    /// Orders a fault of a simulator.
    pub async fn fault(&self, order: &Value) {
        self.post("/fault", order).await;
    }

    /// A simulator's ledger, every record of it.
    pub async fn ledger(&self) -> Value {
        self.json("/ledger?full=1").await
    }

    async fn ask(&self, method: Method, path: &str, body: Option<&impl serde::Serialize>) -> (u16, String) {
        let mut request = Request::new(method, Url::parse(&self.url).unwrap().join(path).unwrap());
        if let Some(body) = body {
            request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            *request.body_mut() = Some(serde_json::to_vec(body).unwrap().into());
        }
        let reply = self.client.send(request).await.unwrap();
        (reply.status, String::from_utf8(reply.body).unwrap())
    }
}
