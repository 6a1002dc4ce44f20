//! A REST source as its file says, in front of a server that plays what a test wants, under a manual clock.

use std::sync::Arc;

use adapters::{
    AdapterError, AnySource, Ask, Clock, Environment, ManualClock, Page, Resume, Source, SourceConfig,
    Window,
    pace::Hosts,
    source::{ConnectConfig, RequestConfig, ServiceConfig},
};
use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use serde::Deserialize;

use crate::common::{Act, Fake};

#[derive(Deserialize)]
struct File {
    connect: ConnectConfig,
    services: Vec<Service>,
}

#[derive(Deserialize)]
struct Service {
    name: String,
    request: RequestConfig,
}

pub fn start() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2024, 6, 12, 1, 30, 0).unwrap()
}

pub struct Rig {
    pub fake: Fake,
    pub source: AnySource,
    pub clock: ManualClock,
}

impl Rig {
    pub async fn new(toml: &str, acts: Vec<Act>) -> Self {
        let fake = Fake::play(acts).await;
        let clock = ManualClock::starting(start());
        let source = source(toml, &fake.url, &clock).unwrap();
        Self { fake, source, clock }
    }

    pub async fn fetch(&self, ask: &Ask) -> Result<Page, AdapterError> {
        self.clock.advance(TimeDelta::seconds(1));
        self.source.fetch(ask).await
    }

    /// Without moving the clock.
    pub async fn source_fetch(&self, ask: &Ask) -> Result<Page, AdapterError> {
        self.source.fetch(ask).await
    }
}

pub fn source(toml: &str, url: &str, clock: &ManualClock) -> Result<AnySource, AdapterError> {
    let file: File = toml::from_str(toml).unwrap();
    let services = file
        .services
        .into_iter()
        .map(|service| ServiceConfig { name: service.name, request: service.request });
    let config =
        SourceConfig { zone: chrono_tz::Asia::Shanghai, connect: file.connect, services: services.collect() };
    let environment = Environment::default().with("URL", url).with("TOKEN", "s3cret");
    let clock: Arc<dyn Clock> = Arc::new(clock.clone());
    AnySource::build("park", &config, &environment, Arc::clone(&clock), &Hosts::new(clock))
}

pub fn ask(service: &str) -> Ask {
    Ask {
        service: service.to_owned(),
        window: Window { from: None, until: start() },
        resume: Resume::Start,
        read: 0,
        before: None,
        now: start(),
    }
}

pub fn next(ask: &Ask, page: &Page) -> Ask {
    Ask {
        resume: page.to.clone(),
        read: ask.read + page.count,
        before: Some(page.digest.clone()),
        ..ask.clone()
    }
}
