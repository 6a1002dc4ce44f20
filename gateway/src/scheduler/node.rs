//! One node: what its steps stand on, and its adapters, built once and kept while their configuration stays.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use adapters::{
    AdapterError, AnyDestination, AnySource, Clock, Destination as _, DestinationConfig, Environment,
    SourceConfig, pace::Hosts,
};

use crate::{
    config::{Compiled, DestinationFile, SourceFile},
    pipeline::Context,
};

type Kept<C, A> = Mutex<HashMap<String, (C, Arc<A>)>>;

/// One node.
#[derive(Debug)]
pub struct Node {
    /// What its steps stand on.
    pub context: Context,
    environment: Environment,
    hosts: Hosts,
    sources: Kept<SourceConfig, AnySource>,
    destinations: Kept<DestinationConfig, AnyDestination>,
}

impl Node {
    /// A node with this environment. Another revision takes the place of one it works by only if everything in it can be
    /// built here.
    #[must_use]
    pub fn new(context: Context, environment: Environment) -> Self {
        let hosts = Hosts::new(Arc::clone(&context.clock));
        let (clock, known) = (Arc::clone(&context.clock), environment.clone());
        context.fitting(move |rules| fits(rules, &known, &clock));
        Self { context, environment, hosts, sources: Mutex::default(), destinations: Mutex::default() }
    }

    /// The adapter of a source.
    ///
    /// # Errors
    /// When a reference points nowhere or a setting is wrong.
    pub fn source(&self, file: &SourceFile) -> Result<Arc<AnySource>, AdapterError> {
        let config = file.adapter();
        keep(&self.sources, &file.name, config, |config| {
            AnySource::build(
                &file.name,
                config,
                &self.environment,
                Arc::clone(&self.context.clock),
                &self.hosts,
            )
        })
    }

    /// The adapter of a destination. One built anew waits a period before its first request: nobody here knows when
    /// the last one, by another process or another holder, arrived.
    ///
    /// # Errors
    /// When a reference points nowhere or a setting is wrong.
    pub fn destination(&self, file: &DestinationFile) -> Result<Arc<AnyDestination>, AdapterError> {
        let config = file.adapter();
        keep(&self.destinations, &file.name, config, |config| {
            let clock = Arc::clone(&self.context.clock);
            let built = AnyDestination::build(&file.name, config, &self.environment, clock)?;
            built.remember_sent(self.context.now());
            Ok(built)
        })
    }

    /// Lets go of what a revision no longer has, and makes its limits those of the hosts its sources share.
    pub fn adopt(&self, rules: &Compiled) {
        retain(&self.sources, |name| rules.source(name).is_some());
        retain(&self.destinations, |name| rules.destination(name).is_some());
        if let Err(error) = self.hosts.change_to(&rates(rules, &self.environment)) {
            tracing::warn!(%error, "a limit of the configuration cannot be kept");
        }
    }
}

/// The lowest rate that a revision's sources name for each host.
fn rates(rules: &Compiled, environment: &Environment) -> BTreeMap<String, f64> {
    let mut rates = BTreeMap::new();
    for file in &rules.sources {
        let Ok((host, rate)) = AnySource::rate(&file.adapter(), environment) else { continue };
        rates.entry(host).and_modify(|lowest: &mut f64| *lowest = lowest.min(rate)).or_insert(rate);
    }
    rates
}

/// Builds everything once, for nothing: what is wrong with it is told before anything is changed.
fn fits(rules: &Compiled, environment: &Environment, clock: &Arc<dyn Clock>) -> Result<(), String> {
    let hosts = Hosts::new(Arc::clone(clock));
    let sources = rules.sources.iter().filter_map(|file| {
        AnySource::build(&file.name, &file.adapter(), environment, Arc::clone(clock), &hosts).err()
    });
    let destinations = rules.destinations.iter().filter_map(|file| {
        AnyDestination::build(&file.name, &file.adapter(), environment, Arc::clone(clock)).err()
    });
    let wrong: Vec<String> = sources.chain(destinations).map(|error| error.what).collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("；")) }
}

fn retain<C, A>(kept: &Kept<C, A>, is_wanted: impl Fn(&str) -> bool) {
    kept.lock().unwrap_or_else(PoisonError::into_inner).retain(|name, _| is_wanted(name));
}

fn keep<C: PartialEq, A>(
    kept: &Kept<C, A>,
    name: &str,
    config: C,
    build: impl FnOnce(&C) -> Result<A, AdapterError>,
) -> Result<Arc<A>, AdapterError> {
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((known, adapter)) = kept.get(name)
        && known == &config
    {
        return Ok(Arc::clone(adapter));
    }
    let adapter = Arc::new(build(&config)?);
    kept.insert(name.to_owned(), (config, Arc::clone(&adapter)));
    Ok(adapter)
}
