//! The driver's part of a scan: what is to be read ([`planner`], with the columns that `resolver`
//! finds; [`plain`] files), in which partitions of a job ([`pack`]), and what the
//! log answers alone ([`aggregate`], [`partitions`]).

pub mod aggregate;
pub mod pack;
pub mod partitions;
pub mod plain;
pub mod planner;
mod resolver;
pub mod stats;
