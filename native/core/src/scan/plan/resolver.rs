//! Resolves the requested columns against the table's schema.

use std::collections::HashMap;

use delta_kernel::schema::{DataType, PrimitiveType, StructField, StructType};
use serde_json::Value;

use crate::error::{Error, ErrorKind, Result};
use crate::scan::fields::{FileFact, Kind, Leaf, Origin, ReadField, leaf_of};
use crate::table::column_mapping::{field_id, physical_name};
use crate::table::row_tracking::materialized_columns;

/// Name of the struct of file facts (Spark, `SupportsMetadataColumns`).
const METADATA_COLUMN: &str = "_metadata";
/// Names of the columns that tell a row that is to be changed: the number of its file in the scan, its own in the file, and
/// its id and version where the table tracks its rows.
const ROW_COLUMNS: [(&str, FileFact); 4] = [
    ("_sluice_file", FileFact::FileNumber),
    ("_sluice_position", FileFact::RowIndex),
    ("_sluice_row_id", FileFact::RowId),
    ("_sluice_row_commit_version", FileFact::RowCommitVersion),
];
/// What the change data feed says of a row (Delta protocol, "Add CDC File").
const CHANGE_TYPE: (&str, FileFact) = ("_change_type", FileFact::ChangeType);

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
        let [row_id, commit_version] = materialized_columns(properties)?;
        Some(Self {
            row_id,
            commit_version,
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
                let mut columns = ROW_COLUMNS.into_iter().chain([CHANGE_TYPE]);
                match self.schema.field(name) {
                    Some(known) => self.column(known, field),
                    None if name == METADATA_COLUMN => self.facts(field),
                    None => match columns.find(|(column, _)| *column == name) {
                        Some((column, fact)) => self.fact(column.to_owned(), fact),
                        None => Err(self.missing(name)),
                    },
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
                ErrorKind::UnsupportedTable,
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
                    .map(|field| self.named_fact(name_of(field)?))
                    .collect::<Result<_>>()?,
            ),
        })
    }

    fn named_fact(&self, name: &str) -> Result<ReadField> {
        let path = format!("{METADATA_COLUMN}.{name}");
        let fact: FileFact =
            serde_json::from_value(name.into()).map_err(|e| self.missing(&path).caused_by(e))?;
        self.fact(path, fact)
    }

    fn fact(&self, path: String, fact: FileFact) -> Result<ReadField> {
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
