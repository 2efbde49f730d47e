//! What a table is: its versions (`snapshot`, [`time_travel`], [`history`]), what its metadata says ([`properties`],
//! [`protocol`], [`stats_columns`], [`row_tracking`], [`column_mapping`]), and whether and how it may be written
//! ([`refusal`], [`view`], [`update`]); and what a catalog shows of it (`description`).

pub mod codec;
pub mod column_mapping;
mod description;
pub mod file_name;
pub mod history;
pub mod properties;
pub mod protocol;
pub mod refusal;
pub mod row_tracking;
mod snapshot;
pub mod stats_columns;
pub mod time_travel;
pub mod update;
pub mod view;
pub mod void;

pub use description::{Description, describe};
pub use snapshot::{
    CommitIdentity, ReadVersion, checksum_path, commit_identity, commit_path, forget, is_table,
    latest_snapshot, load, missing, read_commit, remember,
};
