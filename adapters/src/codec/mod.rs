//! Bytes into records and back: formats and ciphers, pure. Knows nothing of HTTP or of any one system.

mod any;
pub mod cipher;
pub mod csv;
pub mod json;
pub mod xlsx;

pub use any::AnyDecoder;
pub use json::JsonRecords;
