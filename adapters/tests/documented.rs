//! The examples of docs/add-a-source.md are what the adapters take.
#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected should stop there")]

use std::sync::Arc;

use adapters::{
    AnyDestination, AnySource, Clock, DestinationConfig, Environment, SourceConfig, SystemClock,
    destination::{DestinationConnect, VerdictConfig},
    pace::Hosts,
    source::{ConnectConfig, RequestConfig, ServiceConfig},
};
use serde::Deserialize;

const PAGE: &str = include_str!("../../docs/add-a-source.md");

#[derive(Deserialize)]
struct SourceFile {
    connect: ConnectConfig,
    services: Vec<Service>,
}

#[derive(Deserialize)]
struct Service {
    name: String,
    request: RequestConfig,
}

#[derive(Deserialize)]
struct DestinationFile {
    connect: DestinationConnect,
    verdict: Vec<VerdictConfig>,
}

fn examples() -> Vec<&'static str> {
    PAGE.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

/// Secrets for every name the examples use; files become names too.
fn runnable(example: &str) -> (String, Environment) {
    let names = [
        "ISDP_URL",
        "ISDP_TOKEN",
        "VENDOR_URL",
        "VENDOR_USER",
        "VENDOR_PASSWORD",
        "JINTAN_URL",
        "JINTAN_KEY",
        "JINTAN_IV",
        "secrets/park-password",
        "secrets/jintan.csv",
    ];
    let value = |name: &str| match name {
        name if name.ends_with("URL") => "http://host.example",
        name if name.ends_with("csv") => "1,a",
        _ => "0123456789abcdef",
    };
    let environment = names.iter().map(|name| ((*name).to_owned(), value(name).to_owned())).collect();
    (example.replace("\"file:", "\"env:"), environment)
}

#[test]
fn sources_can_be_built() {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let mut built = 0;
    for example in examples().into_iter().filter(|example| example.starts_with("# sources/")) {
        let (text, environment) = runnable(example);
        let file: SourceFile = toml::from_str(&text).unwrap();
        let services = file.services.into_iter().map(|service| {
            assert_eq!(service.request.problems(), Vec::<String>::new(), "{}", service.name);
            ServiceConfig { name: service.name, request: service.request }
        });
        let services = services.collect();
        let config = SourceConfig { zone: chrono_tz::Asia::Shanghai, connect: file.connect, services };
        AnySource::build("a", &config, &environment, Arc::clone(&clock), &Hosts::new(Arc::clone(&clock)))
            .unwrap();
        built += 1;
    }
    assert_eq!(built, 3);
}

#[test]
fn destinations_can_be_built() {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let mut built = 0;
    for example in examples().into_iter().filter(|example| example.starts_with("# destinations/")) {
        let (text, environment) = runnable(example);
        let file: DestinationFile = toml::from_str(&text).unwrap();
        let config = DestinationConfig { connect: file.connect, verdicts: file.verdict };
        AnyDestination::build("a", &config, &environment, Arc::clone(&clock)).unwrap();
        built += 1;
    }
    assert_eq!(built, 1);
}
