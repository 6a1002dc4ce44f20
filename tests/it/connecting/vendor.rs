//! The platform of `docs/connect-a-source.md`, written from its interface document alone: a signed login for a ticket, lists by
//! place and by cursor, its own words. Nothing of `adapters` is used. Every ticket goes bad after three questions.

use std::sync::{Arc, Mutex};

use axum::{Form, Json, Router, extract::State, http::HeaderMap, routing::post};
use md5::{Digest as _, Md5};
use serde_json::{Value, json};

/// Questions a ticket is good for.
const TICKET_LASTS: u32 = 3;

/// What the platform has and remembers.
#[derive(Debug, Clone)]
pub(super) struct Platform(Arc<Shelf>);

#[derive(Debug)]
struct Shelf {
    units: Vec<Value>,
    outages: Vec<Value>,
    tickets: Mutex<Tickets>,
}

#[derive(Debug, Default)]
struct Tickets {
    given: u32,
    asked: u32,
}

#[derive(Debug, serde::Deserialize)]
struct Login {
    account: String,
    ts: String,
    sign: String,
}

impl Platform {
    /// Seven units like this one, among them one without a name and one in a state nobody told of; four outages.
    pub(super) fn of(sample: &Value) -> Self {
        let mut units: Vec<Value> = (1..=7).map(|n| with(sample, "dybh", &format!("U-{n:03}"))).collect();
        units[3] = with(&units[3], "dymc", "");
        units[5] = with(&units[5], "zt", "作废");
        let outages = (1..=4).map(|n| outage(sample, n)).collect();
        Self(Arc::new(Shelf { units, outages, tickets: Mutex::default() }))
    }

    /// Its interface, below `/ang`.
    pub(super) fn router(&self) -> Router {
        let open = Router::new().route("/units", post(units)).route("/outages", post(outages));
        let all = Router::new().route("/sso/ticket", post(login)).nest("/open/v2", open);
        Router::new().nest("/ang", all).with_state(self.clone())
    }

    /// How many logged in.
    pub(super) fn logins(&self) -> u32 {
        self.0.tickets.lock().unwrap().given
    }

    /// What is said to a question without a good ticket.
    fn turned_away(&self, headers: &HeaderMap) -> Option<Json<Value>> {
        let mut tickets = self.0.tickets.lock().unwrap();
        tickets.asked += 1;
        let shown = headers.get("X-Ticket").and_then(|ticket| ticket.to_str().ok());
        let good = shown == Some(&format!("T-{}", tickets.given)) && tickets.asked <= TICKET_LASTS;
        (!good).then(|| Json(json!({ "ret": "E401", "text": "票据失效" })))
    }
}

fn with(record: &Value, field: &str, text: &str) -> Value {
    let mut record = record.clone();
    record[field] = json!(text);
    record
}

fn outage(sample: &Value, n: u32) -> Value {
    let mut outage = with(sample, "jlbh", &format!("T-{n:03}"));
    outage["dybh"] = json!(format!("U-{n:03}"));
    outage["kssj"] = json!(format!("2024年07月0{n}日 08:00"));
    outage["jssj"] = json!(format!("2024年07月0{n}日 18:00"));
    outage["yy"] = json!("年度检修");
    outage
}

async fn login(State(platform): State<Platform>, Form(login): Form<Login>) -> Json<Value> {
    let signed = format!("{}s3cret{}", login.account, login.ts);
    let digest = u128::from_be_bytes(Md5::digest(signed).into());
    let right = format!("{digest:032X}") == login.sign;
    if login.account != "province" || login.ts.len() != 13 || !right {
        return Json(json!({ "ret": "E101", "text": "签名不对" }));
    }
    let mut tickets = platform.0.tickets.lock().unwrap();
    *tickets = Tickets { given: tickets.given + 1, asked: 0 };
    Json(json!({ "ret": "OK", "ticket": format!("T-{}", tickets.given), "minutes": 30 }))
}

async fn units(
    State(platform): State<Platform>,
    headers: HeaderMap,
    Json(asked): Json<Value>,
) -> Json<Value> {
    if let Some(no) = platform.turned_away(&headers) {
        return no;
    }
    let items = slice(&platform.0.units, asked["start"].as_u64().unwrap(), asked["rows"].as_u64().unwrap());
    Json(json!({ "ret": "OK", "page": { "all": platform.0.units.len(), "items": items } }))
}

async fn outages(
    State(platform): State<Platform>,
    headers: HeaderMap,
    Json(asked): Json<Value>,
) -> Json<Value> {
    if let Some(no) = platform.turned_away(&headers) {
        return no;
    }
    let rows = asked["rows"].as_u64().unwrap();
    let from = asked.get("cursor").map_or(0, |cursor| cursor.as_str().unwrap()[1..].parse().unwrap());
    let list = slice(&platform.0.outages, from, rows);
    let left = from + rows < platform.0.outages.len() as u64;
    Json(json!({ "ret": "OK", "list": list, "cursor": left.then(|| format!("c{}", from + rows)) }))
}

fn slice(records: &[Value], from: u64, rows: u64) -> Vec<Value> {
    let (from, rows) = (usize::try_from(from).unwrap(), usize::try_from(rows).unwrap());
    records.iter().skip(from).take(rows).cloned().collect()
}
