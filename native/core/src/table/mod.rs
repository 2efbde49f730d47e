//! What a table is: its versions (`snapshot`, [`time_travel`], [`history`]), what its metadata says ([`properties`],
//! [`protocol`], [`stats_columns`], [`row_tracking`]), and whether it may be written ([`refusal`], [`view`]).

pub mod codec;
pub mod file_name;
pub mod history;
pub mod properties;
pub mod protocol;
pub mod refusal;
pub mod row_tracking;
mod snapshot;
pub mod stats_columns;
pub mod time_travel;
pub mod view;

pub use snapshot::{
    CommitIdentity, Description, ReadVersion, checksum_path, commit_identity, commit_path,
    describe, forget, is_table, latest_snapshot, load, missing, read_commit, remember,
};
