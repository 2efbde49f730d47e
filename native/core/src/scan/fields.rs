//! What a scan reads: the requested columns, resolved against the table's schema on the driver, so
//! that an executor needs neither snapshot nor kernel to find them in a file.

use std::collections::HashMap;

use delta_kernel::schema::{DataType, MetadataValue, PrimitiveType, StructField, StructType};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Error, Result};

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

/// Name of the struct of file facts (Spark, `SupportsMetadataColumns`).
const METADATA_COLUMN: &str = "_metadata";

/// Resolves requested columns against a table's schema.
pub struct Resolver<'a> {
    /// Name of the table, for messages.
    pub table: &'a str,
    pub schema: &'a StructType,
    /// Logical names.
    pub partition_columns: &'a [String],
    /// Whether files are read by field id.
    pub by_id: bool,
    /// None if the table does not track its rows.
    pub row_tracking: Option<RowTracking>,
}

/// Names of the columns in which data files keep row ids and commit versions of rows that were copied
/// from another file (Delta protocol, "Row Tracking").
#[derive(Debug)]
pub struct RowTracking {
    row_id: String,
    commit_version: String,
}

impl RowTracking {
    /// As the properties of a table tell; none if it does not track its rows.
    pub fn of(properties: &HashMap<String, String>) -> Option<Self> {
        let column = |name: &str| {
            properties
                .get(&format!("delta.rowTracking.{name}"))
                .cloned()
        };
        let enabled = properties.get("delta.enableRowTracking")?;
        enabled.eq_ignore_ascii_case("true").then_some(())?;
        Some(Self {
            row_id: column("materializedRowIdColumnName")?,
            commit_version: column("materializedRowCommitVersionColumnName")?,
        })
    }
}

impl Resolver<'_> {
    /// The fields of `requested`, a Spark schema in JSON with the types the columns are taken to have.
    ///
    /// Errors: InvalidInput for a column that the table does not have, or has with another type.
    pub fn resolve(&self, requested: &Value) -> Result<Vec<ReadField>> {
        children(requested)?
            .iter()
            .map(|field| {
                let name = name_of(field)?;
                match self.schema.field(name) {
                    Some(known) => self.column(known, field),
                    None if name == METADATA_COLUMN => self.facts(field),
                    None => Err(self.missing(name)),
                }
            })
            .collect()
    }

    fn column(&self, field: &StructField, requested: &Value) -> Result<ReadField> {
        let kind = self.kind(field.name(), field.data_type(), type_of(requested)?)?;
        let origin = match field.data_type() {
            DataType::Primitive(kind) if self.partition_columns.contains(field.name()) => {
                Origin::Partition {
                    name: physical_name(field).to_owned(),
                    kind: kind.clone(),
                }
            }
            _ => self.in_file(field),
        };
        Ok(ReadField {
            path: field.name().clone(),
            origin,
            kind,
        })
    }

    fn in_file(&self, field: &StructField) -> Origin {
        Origin::File {
            name: physical_name(field).to_owned(),
            id: field_id(field).filter(|_| self.by_id),
        }
    }

    fn kind(&self, path: &str, known: &DataType, requested: &Value) -> Result<Kind> {
        if let DataType::Primitive(known) = known
            && requested.as_str() != Some(known.to_string().as_str())
        {
            return Err(self.changed(path, known, requested));
        }
        Ok(match known {
            DataType::Primitive(PrimitiveType::Void) => Kind::Void,
            DataType::Primitive(primitive) => Kind::Leaf(self.leaf(path, primitive)?),
            DataType::Variant(_) => Kind::Variant,
            DataType::Struct(known) => Kind::Struct(
                children(requested)?
                    .iter()
                    .map(|field| self.nested(path, known, field))
                    .collect::<Result<_>>()?,
            ),
            DataType::Array(array) => Kind::List(Box::new(self.item(
                path,
                "element",
                array.element_type(),
                member(requested, "elementType")?,
            )?)),
            DataType::Map(map) => Kind::Map(
                Box::new(self.item(path, "key", map.key_type(), member(requested, "keyType")?)?),
                Box::new(self.item(
                    path,
                    "value",
                    map.value_type(),
                    member(requested, "valueType")?,
                )?),
            ),
        })
    }

    fn nested(&self, parent: &str, known: &StructType, requested: &Value) -> Result<ReadField> {
        let path = format!("{parent}.{}", name_of(requested)?);
        let field = known
            .field(name_of(requested)?)
            .ok_or_else(|| self.missing(&path))?;
        Ok(ReadField {
            origin: self.in_file(field),
            kind: self.kind(&path, field.data_type(), type_of(requested)?)?,
            path,
        })
    }

    /// The one child of a list, or a map's key or value: found by position.
    fn item(&self, parent: &str, name: &str, known: &DataType, asked: &Value) -> Result<ReadField> {
        let path = format!("{parent}.{name}");
        Ok(ReadField {
            kind: self.kind(&path, known, asked)?,
            origin: Origin::File {
                name: name.to_owned(),
                id: None,
            },
            path,
        })
    }

    fn leaf(&self, path: &str, primitive: &PrimitiveType) -> Result<Leaf> {
        leaf_of(primitive).ok_or_else(|| {
            Error::new(
                crate::error::ErrorKind::UnsupportedTable,
                format!(
                    "Cannot read column '{path}' of table {}: its type {primitive} is not supported",
                    self.table
                ),
            )
            .class("DELTA_UNSUPPORTED_DATA_TYPES")
        })
    }

    fn facts(&self, requested: &Value) -> Result<ReadField> {
        let fields = children(type_of(requested)?)?;
        Ok(ReadField {
            path: METADATA_COLUMN.to_owned(),
            origin: Origin::Facts,
            kind: Kind::Struct(
                fields
                    .iter()
                    .map(|field| self.fact(name_of(field)?))
                    .collect::<Result<_>>()?,
            ),
        })
    }

    fn fact(&self, name: &str) -> Result<ReadField> {
        let path = format!("{METADATA_COLUMN}.{name}");
        let fact: FileFact =
            serde_json::from_value(name.into()).map_err(|e| self.missing(&path).caused_by(e))?;
        if fact.is_tracked() && self.row_tracking.is_none() {
            return Err(self.missing(&path));
        }
        let origin = match (fact, &self.row_tracking) {
            (FileFact::RowId, Some(columns)) => Origin::Tracked {
                name: columns.row_id.clone(),
                fact,
            },
            (FileFact::RowCommitVersion, Some(columns)) => Origin::Tracked {
                name: columns.commit_version.clone(),
                fact,
            },
            _ => Origin::Metadata(fact),
        };
        Ok(ReadField {
            path,
            origin,
            kind: Kind::Leaf(fact.leaf()),
        })
    }

    fn changed(&self, path: &str, known: &PrimitiveType, requested: &Value) -> Error {
        Error::invalid(format!(
            "Cannot read column '{path}' of table {} as {requested}: this version of the table has it \
             as {known}; load the table again to see its present schema",
            self.table
        ))
        .class("DELTA_SCHEMA_CHANGE_SINCE_ANALYSIS")
    }

    fn missing(&self, path: &str) -> Error {
        Error::invalid(format!(
            "Cannot read column '{path}' of table {}: this version of the table has no such column; \
             load the table again to see its present schema",
            self.table
        ))
        .class("DELTA_SCHEMA_CHANGE_SINCE_ANALYSIS")
    }
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

/// The name of a field in data files and statistics (Delta protocol, "Column Mapping").
pub fn physical_name(field: &StructField) -> &str {
    match field.metadata().get("delta.columnMapping.physicalName") {
        Some(MetadataValue::String(name)) => name,
        _ => field.name(),
    }
}

fn field_id(field: &StructField) -> Option<i32> {
    i32::try_from(field.column_mapping_id()?).ok()
}

impl FileFact {
    fn leaf(self) -> Leaf {
        match self {
            Self::FilePath | Self::FileName => Leaf::Bytes,
            Self::FileModificationTime => Leaf::Timestamp,
            _ => Leaf::Long,
        }
    }

    /// Whether only tables that track their rows have it.
    fn is_tracked(self) -> bool {
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

fn children(schema: &Value) -> Result<&Vec<Value>> {
    member(schema, "fields")?
        .as_array()
        .ok_or_else(|| unreadable("fields"))
}

fn name_of(field: &Value) -> Result<&str> {
    member(field, "name")?
        .as_str()
        .ok_or_else(|| unreadable("name"))
}

fn type_of(field: &Value) -> Result<&Value> {
    member(field, "type")
}

fn member<'a>(object: &'a Value, name: &str) -> Result<&'a Value> {
    object.get(name).ok_or_else(|| unreadable(name))
}

fn unreadable(member: &str) -> Error {
    Error::internal(format!("Cannot read a requested schema: no '{member}'"))
}
