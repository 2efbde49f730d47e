//! Options of a storage, as they go from a user to a store.

use std::collections::BTreeMap;

/// Options as users type them: object_store keys (`aws_…`) or Hadoop keys (`fs.s3a.…`).
pub type StorageOptions = BTreeMap<String, String>;
