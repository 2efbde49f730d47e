//! A warehouse as a catalog: `directories` are tables and namespaces, and [`nesting`] says which of them may lie in
//! which.

mod directories;
pub mod nesting;

pub use directories::{
    ListedFile, Listing, Namespace, Pointer, alter_namespace, create_namespace, drop_namespace,
    drop_table, files_below, is_marked_namespace, is_marker, list, list_namespace, load_namespace,
    paths_below, point_table, remove_pointer, rename_table, table_pointer,
};
