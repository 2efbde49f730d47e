//! Where tables lie: one storage a root (`store`), options by Hadoop's names (`hadoop`) and listings as the kernel
//! takes them (`listing`), and all that lies below a directory (`tree`).

mod hadoop;
mod listing;
mod options;
mod store;
mod tree;

pub use options::StorageOptions;
pub use store::{Engine, Storage};
pub use tree::{ListedFile, files_below, paths_below};
