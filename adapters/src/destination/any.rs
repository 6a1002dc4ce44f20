//! Every destination that ships, behind one type: a new protocol is a variant and its match arms.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{
    Answer, Batch, Destination, DestinationConfig, DestinationConnect, EncodeError, Payload, Receipt,
    RestDestination,
};
use crate::{clock::Clock, error::AdapterError, record::WireRecord, reference::Environment};

/// A destination of some protocol.
#[derive(Debug)]
pub enum AnyDestination {
    /// JSON by POST.
    Rest(Box<RestDestination>),
}

impl AnyDestination {
    /// Builds the destination that `config` describes, resolving its references.
    ///
    /// # Errors
    /// A configuration error naming the destination and what is wrong.
    pub fn build(
        name: &str,
        config: &DestinationConfig,
        environment: &Environment,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, AdapterError> {
        let DestinationConnect::Rest(connect) = &config.connect;
        RestDestination::build(connect, &config.verdicts, environment, clock)
            .map(|destination| Self::Rest(Box::new(destination)))
            .map_err(|mut error| {
                error.what = format!("目的地 {name}：{}", error.what);
                error
            })
    }
}

impl Destination for AnyDestination {
    fn encode(&self, records: &[WireRecord]) -> Result<Payload, EncodeError> {
        match self {
            Self::Rest(destination) => destination.encode(records),
        }
    }

    async fn deliver(&self, batch: &Batch<'_>) -> Result<Answer, AdapterError> {
        match self {
            Self::Rest(destination) => destination.deliver(batch).await,
        }
    }

    fn read(&self, batch: &Batch<'_>, answer: &Answer) -> Receipt {
        match self {
            Self::Rest(destination) => destination.read(batch, answer),
        }
    }

    fn remember_sent(&self, last: DateTime<Utc>) {
        match self {
            Self::Rest(destination) => destination.remember_sent(last),
        }
    }
}
