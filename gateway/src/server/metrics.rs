//! The figures for Prometheus, in `OpenMetrics` text, built anew at each scrape.
//! Counts by current verdict can fall (a release moves a record), so they are gauges, not counters.

use prometheus_client::{
    encoding::text::encode,
    metrics::{family::Family, gauge::Gauge, info::Info},
    registry::Registry,
};

use super::model::{Deliveries, DestinationStatus, Found, SourceStatus, Status};

/// The text's media type.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type Labels = Vec<(&'static str, String)>;
type Gauges = Family<Labels, Gauge>;

/// The figures as `OpenMetrics` text.
///
/// # Errors
/// Only when text cannot be written to memory.
pub fn text(status: &Status) -> Result<String, std::fmt::Error> {
    let mut registry = Registry::with_prefix("lianwang");
    about(&mut registry, status);
    sources(&mut registry, &status.sources);
    destinations(&mut registry, &status.destinations);
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

fn about(registry: &mut Registry, status: &Status) {
    let labels: Labels = vec![
        ("version", status.version.clone()),
        ("node", status.node.clone()),
        ("revision", status.revision.clone().unwrap_or_default()),
    ];
    registry.register("build", "Program, node and active revision", Info::new(labels));
    let equations = family(registry, "equation_holds", "1 while the equation holds");
    for name in ["found", "owed"] {
        let holds = !status.equations.broken.iter().any(|broken| broken.equation == name);
        set(&equations, &vec![("equation", name.to_owned())], u64::from(holds));
    }
    let stopped: Gauge = Gauge::default();
    stopped.set(i64::from(status.stopped.is_some()));
    registry.register("intake_stopped", "1 while nothing is read because the disk is filling", stopped);
    let alike: Gauge = Gauge::default();
    alike.set(i64::try_from(status.look_alikes).unwrap_or(i64::MAX));
    registry.register("look_alikes_open", "Pairs of records that look like one registered twice", alike);
    let open: Gauge = Gauge::default();
    open.set(i64::try_from(status.unattributed).unwrap_or(i64::MAX));
    registry.register("records_unattributed", "Records whose owner the roster does not know", open);
    let under_way: Gauge = Gauge::default();
    under_way.set(i64::try_from(status.progress.len()).unwrap_or(i64::MAX));
    registry.register("under_way", "Pieces of work under way", under_way);
}

fn sources(registry: &mut Registry, sources: &[SourceStatus]) {
    let records = family(registry, "records", "Records found, by current verdict");
    let failing = family(registry, "source_failing", "1 while the source's last run failed");
    let last_run = family(registry, "source_last_run_timestamp_seconds", "When the source's last run ended");
    for source in sources {
        let labels = || vec![("source", source.name.clone())];
        for (verdict, count) in verdicts(&source.found) {
            set(&records, &vec![("source", source.name.clone()), ("verdict", verdict.to_owned())], count);
        }
        set(&failing, &labels(), u64::from(source.last_error.is_some()));
        if let Some(at) = source.last_run {
            last_run.get_or_create(&labels()).set(at.timestamp());
        }
    }
}

fn destinations(registry: &mut Registry, destinations: &[DestinationStatus]) {
    let deliveries = family(registry, "deliveries", "Versions owed to a destination, by outcome");
    let unknown = family(registry, "unknown_batches", "Batches that may or may not have arrived");
    let failing = family(registry, "destination_failing", "1 while the destination's last attempt failed");
    for destination in destinations {
        let labels = || vec![("destination", destination.name.clone())];
        for kind in &destination.kinds {
            for (outcome, count) in outcomes(&kind.deliveries) {
                let mut labels = labels();
                labels.extend([("kind", kind.kind.clone()), ("outcome", outcome.to_owned())]);
                set(&deliveries, &labels, count);
            }
        }
        set(&unknown, &labels(), destination.unknown_batches);
        set(&failing, &labels(), u64::from(destination.last_error.is_some()));
    }
}

const fn verdicts(found: &Found) -> [(&'static str, u64); 5] {
    [
        ("accepted", found.accepted),
        ("unchanged", found.unchanged),
        ("rejected", found.rejected),
        ("held", found.held),
        ("unjudged", found.unjudged),
    ]
}

/// `due + waiting + sent` is *pending*; shown apart, so that a sum over `outcome` is what is owed.
const fn outcomes(deliveries: &Deliveries) -> [(&'static str, u64); 7] {
    [
        ("confirmed", deliveries.confirmed),
        ("refused", deliveries.refused),
        ("superseded", deliveries.superseded),
        ("abandoned", deliveries.abandoned),
        ("due", deliveries.due),
        ("waiting", deliveries.waiting),
        ("sent", deliveries.sent),
    ]
}

fn family(registry: &mut Registry, name: &'static str, help: &'static str) -> Gauges {
    let family = Gauges::default();
    registry.register(name, help, family.clone());
    family
}

fn set(gauges: &Gauges, labels: &Labels, value: u64) {
    gauges.get_or_create(labels).set(i64::try_from(value).unwrap_or(i64::MAX));
}
