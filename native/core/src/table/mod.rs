//! What a table is.
//!
//! Its versions: the newest, kept from statement to statement (`snapshot`), and older ones ([`time_travel`]); what they
//! say of themselves ([`history`]); the files of its log (`log_files`), and what may be wrong with them ([`damage`],
//! `checkpoint`, [`checksum`]). Its metadata: [`properties`], [`protocol`], and what follows from them for columns
//! ([`stats_columns`], [`row_tracking`], [`column_mapping`], [`void`]) and files ([`codec`], [`file_name`]).
//! Whether it may be written ([`refusal`]), also by a statement that has [`seen`] it before, and through which [`view`] the
//! kernel does. What a catalog shows of it all is its `description`, and how large it is, with that, its [`detail`] (from
//! [`files`]).

mod checkpoint;
pub mod checksum;
pub mod codec;
pub mod column_mapping;
pub mod damage;
mod description;
pub mod detail;
pub mod file_name;
pub mod files;
pub mod history;
mod log_files;
pub mod properties;
pub mod protocol;
pub mod refusal;
pub mod row_tracking;
pub mod seen;
mod snapshot;
pub mod stats_columns;
pub mod time_travel;
pub mod view;
pub mod void;

pub use description::{Description, describe};
pub use log_files::{checksum_path, commit_path, log_path, read_commit};
pub use snapshot::{
    CommitIdentity, ReadVersion, commit_identity, forget, is_table, latest_snapshot, load, missing,
    remember, without_damage,
};
