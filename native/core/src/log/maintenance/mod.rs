//! Upkeep after a commit: jobs for threads of their own (`upkeep`), which write checkpoints that are due and the checksum
//! of the version (`checksum`).

mod checksum;
mod upkeep;

pub use upkeep::{is_far_from_checkpoint, schedule, settle, wait};
