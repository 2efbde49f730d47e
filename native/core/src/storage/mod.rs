//! Where tables lie: one storage a root (`store`), options by Hadoop's names (`hadoop`) and listings as the kernel
//! takes them (`listing`).

mod hadoop;
mod listing;
mod store;

pub use store::{Engine, Storage, StorageOptions};
