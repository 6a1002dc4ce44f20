//! One node: what its steps stand on, and its adapters, built once and kept while their configuration stays.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use adapters::{
    AdapterError, AnyDestination, AnySource, Destination as _, DestinationConfig, Environment, SourceConfig,
    pace::Hosts,
};

use crate::{
    config::{DestinationFile, SourceFile},
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
    /// A node with this environment.
    #[must_use]
    pub fn new(context: Context, environment: Environment) -> Self {
        let hosts = Hosts::new(Arc::clone(&context.clock));
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
