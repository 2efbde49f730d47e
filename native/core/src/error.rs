//! The one error type of the crate: a kind the JVM side maps to an exception class, one of Delta's
//! error names, a message that says what cannot be done, and the cause.

use std::borrow::Cow;
use std::error::Error as StdError;

use delta_kernel::KernelError;

/// Result of every fallible function of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, as far as the caller's next step differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// An option, schema or value that cannot be accepted.
    InvalidInput,
    /// There is no Delta table at the location.
    TableMissing,
    /// There is a table (or namespace) at the location already.
    TableExists,
    /// The table uses a feature this writer refuses.
    UnsupportedTable,
    /// Another writer changed what this write depends on.
    Conflict,
    /// A row violates a constraint of the table.
    Constraint,
    /// The Delta log or a file of ours cannot be read for what it holds.
    CorruptTable,
    /// The storage refused or failed.
    Storage,
    /// The commit may or may not have landed; nothing may be deleted.
    CommitUnknown,
    /// A fault of this library.
    Internal,
}

impl ErrorKind {
    /// Name under which the JVM side knows the kind.
    pub fn name(self) -> &'static str {
        match self {
            Self::InvalidInput => "InvalidInput",
            Self::TableMissing => "TableMissing",
            Self::TableExists => "TableExists",
            Self::UnsupportedTable => "UnsupportedTable",
            Self::Conflict => "Conflict",
            Self::Constraint => "Constraint",
            Self::CorruptTable => "CorruptTable",
            Self::Storage => "Storage",
            Self::CommitUnknown => "CommitUnknown",
            Self::Internal => "Internal",
        }
    }

    /// Error name used where Delta has no more specific one.
    fn default_class(self) -> &'static str {
        match self {
            Self::InvalidInput => "SLUICE_INVALID_INPUT",
            Self::TableMissing => "DELTA_TABLE_NOT_FOUND",
            Self::TableExists => "DELTA_TABLE_ALREADY_EXISTS",
            Self::UnsupportedTable => "DELTA_UNSUPPORTED_FEATURES_FOR_WRITE",
            Self::Conflict => "DELTA_CONCURRENT_WRITE",
            Self::Constraint => "DELTA_VIOLATE_CONSTRAINT_WITH_VALUES",
            Self::CorruptTable => "DELTA_LOG_FILE_MALFORMED",
            Self::Storage => "SLUICE_STORAGE_FAILURE",
            Self::CommitUnknown => "SLUICE_COMMIT_OUTCOME_UNKNOWN",
            Self::Internal => "SLUICE_INTERNAL_ERROR",
        }
    }
}

/// An error with its kind, its error name (`DELTA_…` or `SLUICE_…`), a message and a cause.
#[derive(Debug, thiserror::Error)]
#[error("[{class}] {message}")]
pub struct Error {
    /// What the caller can do about it.
    pub kind: ErrorKind,
    /// Delta's error condition where there is one.
    pub class: Cow<'static, str>,
    /// Starts with "Cannot …", names table, column, option and value, and says what to do.
    pub message: String,
    #[source]
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of `kind` under the kind's own error name.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            class: Cow::Borrowed(kind.default_class()),
            message: message.into(),
            source: None,
        }
    }

    /// The same error under one of Delta's error names.
    pub fn class(mut self, class: impl Into<Cow<'static, str>>) -> Self {
        self.class = class.into();
        self
    }

    /// The same error with its cause.
    pub fn caused_by(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.source = Some(Box::new(source));
        self
    }

    /// A refusal of what the caller asked for.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidInput, message)
    }

    /// A fault of this library.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Internal, message)
    }

    /// Messages of the causes, outermost first.
    pub fn causes(&self) -> Vec<String> {
        std::iter::successors(StdError::source(self), |cause| (*cause).source())
            .map(ToString::to_string)
            .collect()
    }

    /// Classifies an error of the kernel that stopped `action` ("write table lake.db.t").
    pub fn from_kernel(action: &str, error: KernelError) -> Self {
        let kind = kernel_kind(&error);
        let advice = match kind {
            ErrorKind::CorruptTable => {
                "; the Delta log is damaged: restore the named file, or recover the table from a \
                 checkpoint with delta-spark"
            }
            ErrorKind::UnsupportedTable => "; write this table with delta-spark instead",
            _ if matches!(error, KernelError::StatsValidation(_)) => {
                "; a clustering column needs bounds that the log can say: leave out days outside the years 1 to 9999 and \
                 text that is no UTF-8, or cluster by another column"
            }
            _ => "",
        };
        Self::new(kind, format!("Cannot {action}: {error}{advice}")).caused_by(error)
    }

    /// A failure of the storage that stopped `action`.
    pub fn from_storage(action: &str, error: object_store::Error) -> Self {
        Self::new(ErrorKind::Storage, format!("Cannot {action}: {error}")).caused_by(error)
    }

    /// A failure inside Parquet or Arrow that stopped `action`; an I/O error among the causes makes
    /// it a storage failure.
    pub fn from_parquet(action: &str, error: parquet::errors::ParquetError) -> Self {
        let kind = if caused_by_io(&error) {
            ErrorKind::Storage
        } else {
            ErrorKind::Internal
        };
        Self::new(kind, format!("Cannot {action}: {error}")).caused_by(error)
    }

    /// A failure inside Arrow that stopped `action`.
    pub fn from_arrow(action: &str, error: arrow::error::ArrowError) -> Self {
        Self::internal(format!("Cannot {action}: {error}")).caused_by(error)
    }
}

/// Whether the storage failed below an error about what a file holds. That a file is gone, or shorter than the log says,
/// is no failure of the storage.
fn is_storage_failure(error: &(dyn StdError + 'static)) -> bool {
    std::iter::successors(Some(error), |cause| (*cause).source()).any(|cause| {
        if let Some(e) = cause.downcast_ref::<std::io::Error>() {
            // Decoders have I/O errors of their own, which no system call has returned.
            return e.raw_os_error().is_some() && e.kind() != std::io::ErrorKind::NotFound;
        }
        match cause.downcast_ref::<object_store::Error>() {
            None | Some(object_store::Error::NotFound { .. }) => false,
            Some(e) => !is_beyond_end(e),
        }
    })
}

/// Stores have errors of their own for a range that a file does not have; only their texts tell.
fn is_beyond_end(error: &object_store::Error) -> bool {
    let texts = std::iter::successors(Some(error as &dyn StdError), |cause| (*cause).source());
    let mut texts = texts.map(|cause| cause.to_string().to_lowercase());
    texts.any(|text| text.contains("range") || text.contains("416"))
}

fn caused_by_io(error: &(dyn StdError + 'static)) -> bool {
    std::iter::successors(Some(error), |cause| (*cause).source())
        .any(|cause| cause.is::<std::io::Error>() || cause.is::<object_store::Error>())
}

fn kernel_kind(error: &KernelError) -> ErrorKind {
    match error {
        KernelError::Backtraced { source, .. } => kernel_kind(source),
        KernelError::Unsupported(_)
        | KernelError::InvalidColumnMappingMode(_)
        | KernelError::InvalidProtocol(_) => ErrorKind::UnsupportedTable,
        KernelError::TableAlreadyExistsAtPath(_) => ErrorKind::TableExists,
        KernelError::Parquet(e) if is_storage_failure(e) => ErrorKind::Storage,
        KernelError::Arrow(e) if is_storage_failure(e) => ErrorKind::Storage,
        KernelError::IOError(_)
        | KernelError::ObjectStore(_)
        | KernelError::ObjectStorePath(_)
        | KernelError::Reqwest(_)
        | KernelError::FileAlreadyExists(_) => ErrorKind::Storage,
        KernelError::MalformedJson(_)
        | KernelError::Arrow(_)
        | KernelError::Parquet(_)
        | KernelError::FileNotFound(_)
        | KernelError::MissingMetadata
        | KernelError::MissingProtocol
        | KernelError::MissingMetadataAndProtocol
        | KernelError::InvalidLogPath(_)
        | KernelError::InvalidLogSegment(_)
        | KernelError::InvalidCheckpoint(_)
        | KernelError::MissingData(_)
        | KernelError::MissingVersion(_)
        | KernelError::ParseError(..)
        | KernelError::UnexpectedColumnType(_)
        | KernelError::Utf8Error(_) => ErrorKind::CorruptTable,
        KernelError::InvalidPartitionValues(_)
        | KernelError::Schema(_)
        | KernelError::InvalidDecimal(_)
        | KernelError::InvalidTableLocation(_)
        | KernelError::InvalidUrl(_)
        | KernelError::StatsValidation(_)
        | KernelError::Generic(_) => ErrorKind::InvalidInput,
        _ => ErrorKind::Internal,
    }
}
