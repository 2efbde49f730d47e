//! A warehouse as a catalog: its `directories` are tables and namespaces, `markers` stand for what a directory alone does
//! not say, and [`nesting`] says which may lie in which.

mod directories;
mod markers;
pub mod nesting;

pub use directories::{
    Listing, Namespace, alter_namespace, create_namespace, drop_namespace, drop_table, list,
    list_namespace, load_namespace, rename_table,
};
pub use markers::{Pointer, point_table, remove_pointer, table_pointer};
