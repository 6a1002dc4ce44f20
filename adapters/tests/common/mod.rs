//! A server that says, byte for byte, what a test wants, one answer for each connection, and keeps what it was asked.
//! Cuts and lies need bytes: a proper HTTP server would not let itself be made to send them.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What the server does with one connection.
#[derive(Debug, Clone)]
pub enum Act {
    /// Reads the request, sends these bytes, closes.
    Say(Vec<u8>),
    /// Reads the request, sends these bytes, and then nothing more for ever.
    Hold(Vec<u8>),
}

/// The server.
#[derive(Debug)]
pub struct Fake {
    /// Where it listens.
    pub url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    /// Listens on a free port and plays the acts in order; further connections are closed at once.
    pub async fn play(acts: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        serve(listener, acts.into(), Arc::clone(&requests));
        Self { url, requests }
    }

    /// The requests so far, head and body.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

#[expect(clippy::disallowed_methods, reason = "the fake ends with its test's runtime")]
fn serve(listener: TcpListener, mut acts: VecDeque<Act>, requests: Arc<Mutex<Vec<String>>>) {
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let Some(act) = acts.pop_front() else { continue };
            let request = read(&mut stream).await;
            requests.lock().unwrap().push(request);
            let (Act::Say(bytes) | Act::Hold(bytes)) = &act;
            let _ = stream.write_all(bytes).await;
            if matches!(act, Act::Hold(_)) {
                held.push(stream);
            }
        }
    });
}

async fn read(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    while !is_whole(&bytes) {
        match stream.read(&mut chunk).await {
            Ok(count) if count > 0 => bytes.extend_from_slice(&chunk[..count]),
            _ => break,
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length =
        head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}

/// A whole answer.
pub fn answer(status: u16, headers: &str, body: &str) -> Act {
    let length = body.len();
    Act::Say(
        format!(
            "HTTP/1.1 {status} x\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
        )
        .into(),
    )
}

/// A whole answer with status 200.
pub fn ok(body: &str) -> Act {
    answer(200, "content-type: application/json\r\n", body)
}
