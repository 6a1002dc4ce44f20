//! What everything over HTTP shares: the client, credentials, logins, paging, templates, success rules. Knows bytes and
//! protocols; leaves what a page or a receipt is to `source` and `destination`.

pub mod auth;
pub mod client;
pub mod connect;
mod failure;
pub mod login;
pub mod moment;
pub mod paging;
mod retry_after;
pub mod setting;
pub mod success;
pub mod template;

pub use client::{Client, Reply, install_tls};
pub use retry_after::retry_after;
