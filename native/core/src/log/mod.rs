//! The log of a table: how a version comes into it ([`committer`], for actions of our own [`actions`]), what the
//! versions of others mean to whoever lost a race ([`conflict`]), what was written before ([`app_transaction`]), and the upkeep that follows ([`maintenance`]).

pub mod actions;
pub mod app_transaction;
pub mod committer;
pub mod conflict;
pub mod maintenance;
