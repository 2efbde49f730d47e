//! What a user is told of a data file that cannot be read.

use parquet::errors::ParquetError;
use url::Url;

use crate::error::{Error, ErrorKind};
use crate::scan::message::ReadPlan;

/// Error names of files that a session may pass over.
pub const MISSING: &str = "DELTA_FILE_NOT_FOUND_DETAILED";
pub const CORRUPT: &str = "SLUICE_CORRUPT_DATA_FILE";

/// A data file, as messages call it.
pub fn name(plan: &ReadPlan, url: &Url) -> String {
    match plan.version {
        Some(version) => {
            format!(
                "data file {url} of table {} at version {version}",
                plan.table
            )
        }
        None => format!("file {url} of {}", plan.table),
    }
}

/// What to do where a file is gone.
fn remedy(plan: &ReadPlan) -> &'static str {
    match plan.version {
        Some(_) => {
            "It may have been vacuumed or deleted by hand; read a newer version of the table, or \
             restore the file"
        }
        None => {
            "It was there when the files were listed; read them again, or call REFRESH on their \
             table or path"
        }
    }
}

/// An error that does not say yet where it happened.
pub fn located(plan: &ReadPlan, url: &Url, mut error: Error) -> Error {
    error.message = format!("{} ({})", error.message, name(plan, url));
    error
}

/// What a failed read of a file tells the user.
pub fn failed(plan: &ReadPlan, url: &Url, error: ParquetError) -> Error {
    let name = name(plan, url);
    match failure(&error) {
        Failure::Missing => Error::new(
            ErrorKind::CorruptTable,
            format!(
                "Cannot read {name}: there is no such file. {}",
                remedy(plan)
            ),
        )
        .class(MISSING),
        Failure::Storage => Error::new(ErrorKind::Storage, format!("Cannot read {name}: {error}")),
        Failure::Unsupported => Error::new(
            ErrorKind::UnsupportedTable,
            format!("Cannot read {name}: {error}"),
        )
        .class("SLUICE_UNSUPPORTED_DATA_FILE"),
        Failure::Format => Error::new(
            ErrorKind::CorruptTable,
            format!("Cannot read {name}: it is no valid Parquet file ({error})"),
        )
        .class(CORRUPT),
    }
    .caused_by(error)
}

enum Failure {
    Missing,
    Storage,
    Unsupported,
    Format,
}

fn failure(error: &ParquetError) -> Failure {
    let cause = match error {
        ParquetError::External(cause) => cause,
        ParquetError::NYI(_) => return Failure::Unsupported,
        _ => return Failure::Format,
    };
    if let Some(io) = cause.downcast_ref::<std::io::Error>() {
        return match io.kind() {
            std::io::ErrorKind::NotFound => Failure::Missing,
            // Decoders have I/O errors of their own, which no system call has returned.
            _ if io.raw_os_error().is_some() => Failure::Storage,
            _ => Failure::Format,
        };
    }
    match cause.downcast_ref::<object_store::Error>() {
        Some(object_store::Error::NotFound { .. }) => Failure::Missing,
        Some(_) => Failure::Storage,
        None => Failure::Format,
    }
}
