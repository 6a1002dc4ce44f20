//! Both simulators over real HTTP, as the hub meets them.

mod park;
mod province;
mod reading;
mod sending;
mod wire;
