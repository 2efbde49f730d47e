//! What a scan reads: the requested columns as the driver has resolved them (`plan::resolver`), so that an executor
//! needs neither snapshot nor kernel to find them in a file.

use delta_kernel::schema::PrimitiveType;
use serde::{Deserialize, Serialize};

/// A requested column or nested field.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadField {
    /// Logical path for messages: `a.b.element`.
    pub path: String,
    /// Where its values come from.
    pub origin: Origin,
    /// What its values are.
    pub kind: Kind,
}

/// Where the values of a field come from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Origin {
    /// Data files, under this name or, in a table mapped by id, this field id.
    File { name: String, id: Option<i32> },
    /// The partition values of a file, under this physical name.
    Partition { name: String, kind: PrimitiveType },
    /// The file itself.
    Metadata(FileFact),
    /// Data files, under this name, where they carry the value; else the fact.
    Tracked { name: String, fact: FileFact },
    /// A struct that holds facts of the file.
    Facts,
}

/// A field of Spark's `_metadata` column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileFact {
    /// Which file of the scan it is.
    FileNumber,
    /// What the change data feed calls what happened to the rows.
    ChangeType,
    FilePath,
    FileName,
    FileSize,
    FileBlockStart,
    FileBlockLength,
    FileModificationTime,
    RowIndex,
    BaseRowId,
    DefaultRowCommitVersion,
    /// Base row id plus row index.
    RowId,
    /// The default of the file.
    RowCommitVersion,
}

/// A type as far as reading differs. Each leaf stands for one *lane*: the Arrow twin of the Parquet
/// type Spark holds such values in, as in writing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Leaf {
    Boolean,
    /// Int32 lane, as are the next two.
    Byte,
    Short,
    Integer,
    /// Int32 lane.
    Date,
    /// Int64 lane.
    Long,
    Float,
    Double,
    /// Both timestamp types, microseconds in an Int64 lane.
    Timestamp,
    /// Strings and binary in a BinaryView lane.
    Bytes,
    /// Unscaled: Int32 up to 9 digits, Int64 up to 18, big-endian FixedSizeBinary above.
    Decimal {
        precision: u8,
        scale: u8,
    },
}

/// The shape of a field's values.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Kind {
    Leaf(Leaf),
    Struct(Vec<ReadField>),
    List(Box<ReadField>),
    Map(Box<ReadField>, Box<ReadField>),
    /// A struct of two binary fields, `value` and `metadata`, in this order.
    Variant,
    /// Always null, and in no file.
    Void,
}

/// The lane of a primitive type, if it can be read.
pub fn leaf_of(primitive: &PrimitiveType) -> Option<Leaf> {
    Some(match primitive {
        PrimitiveType::Boolean => Leaf::Boolean,
        PrimitiveType::Byte => Leaf::Byte,
        PrimitiveType::Short => Leaf::Short,
        PrimitiveType::Integer => Leaf::Integer,
        PrimitiveType::Date => Leaf::Date,
        PrimitiveType::Long => Leaf::Long,
        PrimitiveType::Float => Leaf::Float,
        PrimitiveType::Double => Leaf::Double,
        PrimitiveType::Timestamp | PrimitiveType::TimestampNtz => Leaf::Timestamp,
        PrimitiveType::String | PrimitiveType::Binary => Leaf::Bytes,
        PrimitiveType::Decimal(decimal) => Leaf::Decimal {
            precision: decimal.precision(),
            scale: decimal.scale(),
        },
        _ => return None,
    })
}

impl FileFact {
    /// Of what kind it is.
    pub fn leaf(self) -> Leaf {
        match self {
            Self::FilePath | Self::FileName | Self::ChangeType => Leaf::Bytes,
            Self::FileModificationTime => Leaf::Timestamp,
            _ => Leaf::Long,
        }
    }

    /// Whether only tables that track their rows have it.
    pub fn is_tracked(self) -> bool {
        matches!(
            self,
            Self::BaseRowId | Self::DefaultRowCommitVersion | Self::RowId | Self::RowCommitVersion
        )
    }

    /// Whether it needs the numbers of the rows in the file.
    pub fn is_per_row(self) -> bool {
        matches!(self, Self::RowIndex | Self::RowId)
    }
}
