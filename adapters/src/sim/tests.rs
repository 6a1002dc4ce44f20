//! Both simulators over real HTTP, as the hub meets them.

mod bulk;
mod park;
mod province;
mod reading;
mod sending;
mod wire;
