//! Writing data files: from batches of lanes to add actions.

pub mod align;
mod assembly;
pub mod buffer;
mod dictionary;
mod encode;
pub mod file;
pub mod layout;
pub mod partition;
pub mod plan;
pub mod receipt;
pub mod sink;
pub mod stats;
pub mod task;
pub mod transfer;
mod uploads;
