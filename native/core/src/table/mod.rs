//! What a table is.
//!
//! Its versions: the newest, kept from statement to statement (`snapshot`), and older ones ([`time_travel`]); what they
//! say of themselves ([`history`]). Its metadata: [`properties`], [`protocol`], and what follows from them for columns
//! ([`stats_columns`], [`row_tracking`], [`column_mapping`], [`void`]) and files ([`codec`], [`file_name`]).
//! Whether it may be written ([`refusal`]), also by a statement that has [`seen`] it before, and through which [`view`] the
//! kernel does. What a catalog shows of it all is its `description`, and how large it is, with that, its [`detail`] (from
//! [`files`]).

pub mod codec;
pub mod column_mapping;
mod description;
pub mod detail;
pub mod file_name;
pub mod files;
pub mod history;
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
pub use snapshot::{
    CommitIdentity, ReadVersion, checksum_path, commit_identity, commit_path, forget, is_table,
    latest_snapshot, load, missing, read_commit, remember,
};
