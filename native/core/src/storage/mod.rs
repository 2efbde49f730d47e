//! Where tables lie.
//!
//! A location and its `options`, also by Hadoop's names (`hadoop`), become a `store` that all in the process share. The
//! kernel takes listings otherwise than stores give them (`listing`), without files that are as good as gone ([`passed_over`]);
//! all that lies below a directory is a `tree`.

mod hadoop;
mod listing;
mod options;
pub mod passed_over;
mod store;
mod tree;

pub use options::StorageOptions;
pub use store::{Engine, Storage};
pub use tree::{ListedFile, files_below, paths_below};
