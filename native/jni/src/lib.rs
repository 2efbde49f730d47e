//! The JNI boundary of Sluice: marshalling only. Every exported function takes bytes, numbers and
//! addresses, does one thing in `sluice-core`, and turns errors and panics into Java exceptions.

mod changing;
mod control;
mod exports;
mod guard;
mod handles;
mod lend;
mod logs;
mod reading;
