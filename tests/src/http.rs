//! Systems over real HTTP: the simulators that ship, each behind a port of its own on the loopback, and a hub that talks
//! to them through the adapters of its configuration. Leaves the small world in memory to `world`.

mod hub;
mod peer;
pub mod running;
pub mod sample;

pub use hub::{DESTINATION, Hub, SOURCE, Setup, Told, hub_variables, province_options};
pub use peer::Peer;
