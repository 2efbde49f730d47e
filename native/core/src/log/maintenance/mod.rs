//! Upkeep after a commit: when it is done (`upkeep`), and the checksum file (`checksum`).

mod checksum;
mod upkeep;

pub use upkeep::{is_far_from_checkpoint, schedule, settle, wait};
