//! Every source that ships, behind one type: a new protocol is a variant and its match arms.

use std::sync::Arc;

use super::{Ask, ConnectConfig, Page, Source, SourceConfig, rest::RestSource};
use crate::{clock::Clock, error::AdapterError, pace::Hosts, reference::Environment};

/// A source of some protocol.
#[derive(Debug)]
pub enum AnySource {
    /// JSON over HTTP.
    Rest(Box<RestSource>),
}

impl AnySource {
    /// Builds the source that `config` describes, resolving its references.
    ///
    /// # Errors
    /// A configuration error naming the source and what is wrong.
    pub fn build(
        name: &str,
        config: &SourceConfig,
        environment: &Environment,
        clock: Arc<dyn Clock>,
        hosts: &Hosts,
    ) -> Result<Self, AdapterError> {
        let ConnectConfig::Rest(connect) = &config.connect;
        RestSource::build(connect, config, environment, clock, hosts)
            .map(|source| Self::Rest(Box::new(source)))
            .map_err(|mut error| {
                error.what = format!("来源 {name}：{}", error.what);
                error
            })
    }

    /// The host a source asks and the requests a second it may make there.
    ///
    /// # Errors
    /// A configuration error.
    pub fn rate(config: &SourceConfig, environment: &Environment) -> Result<(String, f64), AdapterError> {
        let ConnectConfig::Rest(connect) = &config.connect;
        RestSource::rate(connect, environment)
    }
}

impl Source for AnySource {
    async fn fetch(&self, ask: &Ask) -> Result<Page, AdapterError> {
        match self {
            Self::Rest(source) => source.fetch(ask).await,
        }
    }

    async fn landed(&self, page: &Page) -> Result<(), AdapterError> {
        match self {
            Self::Rest(source) => source.landed(page).await,
        }
    }
}
