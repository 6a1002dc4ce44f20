//! When things run, and what runs them.

pub mod dialect;
