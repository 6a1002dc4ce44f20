//! Simulators that ship: a park's platform to read from and the province's receiver to send to.
//! Both are real HTTP servers with ledgers of their own, so that what the hub says can be compared; they share no
//! rules with the hub, or an error would be made twice.

mod broken;
pub mod bulk;
mod dice;
mod fault;
mod members;
pub mod park;
pub mod peek;
pub mod province;
mod reply;
mod serving;

pub use bulk::{BulkOptions, run_bulk};
pub use fault::FaultOrder;
pub use park::{ParkOptions, run_park};
pub use province::{OnBad, ProvinceOptions, run_province};
pub use serving::serve;

#[cfg(test)]
mod tests;
