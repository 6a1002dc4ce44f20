//! The demo's own configuration against the demo's park: every service is read to its end, over and over.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

use super::wire::Wire;
use crate::{
    AnySource, Ask, Clock as _, Environment, ManualClock, Page, Resume, Retry, Source as _, SourceConfig,
    Window,
    pace::Hosts,
    sim::park::{ParkOptions, router},
    source::{ConnectConfig, RequestConfig, ServiceConfig},
};

/// The adapter's part of a `source.toml`.
#[derive(Deserialize)]
struct SourceFile {
    connect: ConnectConfig,
    services: Vec<ServiceFile>,
}

#[derive(Deserialize)]
struct ServiceFile {
    name: String,
    request: RequestConfig,
}

/// A source as a hub holds it, and where each of its services settled.
struct Reader {
    source: AnySource,
    services: Vec<String>,
    clock: ManualClock,
    settled: BTreeMap<String, DateTime<Utc>>,
}

impl Reader {
    fn of(file: &str, variable: &str, wire: &Wire, clock: &ManualClock) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let text = std::fs::read_to_string(root.join(file)).unwrap();
        let file: SourceFile = toml::from_str(&text).unwrap();
        let services: Vec<ServiceConfig> = file
            .services
            .into_iter()
            .map(|service| ServiceConfig { name: service.name, request: service.request })
            .collect();
        assert!(services.iter().all(|service| service.request.problems().is_empty()));
        let names = services.iter().map(|service| service.name.clone()).collect();
        let config = SourceConfig { zone: chrono_tz::Asia::Shanghai, connect: file.connect, services };
        let environment = Environment::default().with(variable, &wire.url());
        let shared = Arc::new(clock.clone());
        let hosts = Hosts::new(shared.clone());
        let source = AnySource::build("park", &config, &environment, shared, &hosts).unwrap();
        Self { source, services: names, clock: clock.clone(), settled: BTreeMap::new() }
    }

    /// One pass over a service; records read.
    async fn pass(&mut self, service: &str) -> u64 {
        let window = Window { from: self.settled.get(service).copied(), until: self.clock.now() };
        let (mut resume, mut read, mut before) = (Resume::Start, 0, None);
        for _ in 0..1_000 {
            let now = self.clock.now();
            let ask = Ask { service: service.to_owned(), window: window.clone(), resume, read, before, now };
            let page = self.fetch(&ask).await;
            read += page.count;
            if let Some(reached) = page.reached {
                self.settled.insert(service.to_owned(), reached);
            }
            if !page.more {
                return read;
            }
            (resume, before) = (page.to, Some(page.digest));
        }
        panic!("{service} has no end");
    }

    /// The page, time passing as our own limit asks.
    async fn fetch(&self, ask: &Ask) -> Page {
        for _ in 0..10 {
            match self.source.fetch(ask).await {
                Ok(page) => return page,
                Err(error) => match error.retry {
                    Retry::Paced(wait) => {
                        self.clock.advance(TimeDelta::from_std(wait).unwrap() + TimeDelta::milliseconds(1));
                    }
                    _ => panic!("{ask:?}: {error}"),
                },
            }
        }
        panic!("{ask:?}: held back for ever");
    }

    async fn everything(&mut self) -> BTreeMap<String, u64> {
        let mut read = BTreeMap::new();
        for service in self.services.clone() {
            let count = self.pass(&service).await;
            read.insert(service, count);
        }
        read
    }
}

#[tokio::test]
async fn the_demo_reads_its_park_to_the_end_night_after_night() {
    let clock = ManualClock::starting(DateTime::from_timestamp(1_722_441_600, 0).unwrap());
    let wire = Wire::serving(router(&ParkOptions::default(), Arc::new(clock.clone())).unwrap()).await;
    let source = "mappings/sources/demo-park/source.toml";
    let mut reader = Reader::of(source, "LIANWANG_DEMO_PARK_URL", &wire, &clock);

    let first = reader.everything().await;
    let ledger = wire.read("/ledger").await;
    assert_eq!(first.len(), 10);
    for (service, read) in &first {
        let account = &ledger["services"][service];
        assert_eq!(account["served"], *read, "{service}");
        assert!(
            account["on_offer"].as_u64().unwrap() - read <= 12,
            "{service}: no more than the rows sent again"
        );
    }
    assert!(first.values().sum::<u64>() > 1_000);

    // each night every row is touched, and so comes again; the unit that was late has come
    for _ in 0..2 {
        clock.advance(TimeDelta::days(1));
        let again = reader.everything().await;
        assert_eq!(again["t_fxdy"], first["t_fxdy"] + 1);
        for (service, read) in again.iter().filter(|(service, _)| *service != "t_fxdy") {
            assert_eq!(*read, first[service], "{service}");
        }
    }
}

#[tokio::test]
async fn the_sample_park_is_read_whole_in_file_order() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/national-park");
    let clock = ManualClock::starting(DateTime::from_timestamp(1_722_441_600, 0).unwrap());
    let options = ParkOptions { records_dir: Some(folder), ..ParkOptions::default() };
    let wire = Wire::serving(router(&options, Arc::new(clock.clone())).unwrap()).await;
    let source = "tests/fixtures/national-park-config/sources/national-park/source.toml";
    let mut reader = Reader::of(source, "LIANWANG_NATIONAL_PARK_URL", &wire, &clock);
    let expected = [
        ("check_record", 118),
        ("check_task", 120),
        ("control_measure", 120),
        ("hazard", 17),
        ("risk_event", 61),
        ("risk_unit", 30),
        ("unit_outage", 5),
    ];
    let read = reader.everything().await;
    assert_eq!(read, expected.into_iter().map(|(service, count)| (service.to_owned(), count)).collect());
    assert_eq!(wire.read("/ledger").await["served"], 471);
    assert_eq!(reader.everything().await, read, "a folder is never touched by itself");
}
