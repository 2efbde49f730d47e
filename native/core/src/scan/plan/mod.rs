//! The driver's part of a scan: what is to be read ([`planner`]), in which partitions of a job ([`pack`]), and what the
//! log answers alone ([`aggregate`], [`partitions`]).

pub mod aggregate;
pub mod pack;
pub mod partitions;
pub mod planner;
pub mod stats;
