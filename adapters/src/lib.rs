//! How to talk to other systems: what a source, a decoder and a destination are, and the ones that ship.
//! Knows bytes, protocols and time; knows nothing of kinds, rules, the ledger or the pipeline.

pub mod clock;
pub mod codec;
pub mod destination;
pub mod error;
pub mod http;
pub mod memory;
pub mod os_error;
pub mod pace;
pub mod record;
pub mod reference;
pub mod sim;
pub mod source;

pub use clock::{Clock, ManualClock, SystemClock};
pub use codec::AnyDecoder;
pub use destination::{
    Answer, AnyDestination, Batch, Destination, DestinationConfig, EncodeError, Payload, Receipt,
};
pub use error::{AdapterError, Blame, Certainty, Retry, Sent};
pub use record::{Decode, Form, Part, Raw, SourceRecord, Undecodable, WireRecord};
pub use reference::{Environment, Reference};
pub use source::{AnySource, Ask, Document, Extent, Mark, Next, Page, Resume, Source, SourceConfig, Window};
