//! Where the wanted columns are in one Parquet file.

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{DataType, FieldRef, Fields};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ArrowReaderMetadata;
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::schema::types::SchemaDescPtr;

use super::calendar::Hybrid;
use super::cast::Cast;
use super::column::Column;
use super::lanes::lanes;
use super::position::{position, positions};
use super::shape::{Node, Shape, columns_of};
use super::shredded::{Shredded, TYPED_VALUE};
use crate::error::{Error, ErrorKind, Result};
use crate::scan::fields::{Kind, Leaf, Origin, ReadField};

/// A file's footer as lanes, and the wanted columns in it.
#[derive(Debug)]
pub struct FileLayout {
    pub metadata: ArrowReaderMetadata,
    pub mask: ProjectionMask,
    /// Leaf columns to be fetched, ascending.
    pub leaves: Vec<usize>,
    columns: Vec<Node>,
}

impl FileLayout {
    /// Finds `wanted` in the file with footer `metadata`. `constant` gives the values of partition
    /// columns and file facts.
    ///
    /// Errors: CorruptTable for a column whose stored type is none that the table's type can have
    /// had.
    pub fn find(
        metadata: ParquetMetaData,
        wanted: &[ReadField],
        constant: &dyn Fn(&Origin, &Leaf) -> Result<ArrayRef>,
    ) -> Result<Result<Self, ParquetError>> {
        let stored = metadata.file_metadata().schema_descr_ptr();
        let hybrid = Hybrid::of(metadata.file_metadata());
        let with_index = wants_row_index(wanted);
        let metadata = match lanes(metadata, with_index) {
            Ok(metadata) => metadata,
            Err(e) => return Ok(Err(e)),
        };
        let mut finder = Finder {
            hybrid,
            stored,
            leaves: Vec::new(),
            constant,
        };
        let fields = without_virtual(metadata.schema().fields(), with_index);
        let columns = finder.fields(wanted, &fields, 0)?;
        let mut leaves = finder.leaves;
        leaves.sort_unstable();
        let mask = ProjectionMask::leaves(metadata.parquet_schema(), leaves.iter().copied());
        Ok(Ok(Self {
            metadata,
            mask,
            leaves,
            columns,
        }))
    }

    /// Whether no column chunk has to be read, row numbers included.
    pub fn needs_no_data(&self) -> bool {
        fn constant(node: &Node) -> bool {
            match node {
                Node::Missing | Node::Constant(_) => true,
                Node::Facts(children) => children.iter().all(constant),
                Node::Child(..) | Node::RowsFrom(_) | Node::Coalesced(..) => false,
            }
        }
        self.columns.iter().all(constant)
    }

    /// The wanted columns of a batch the reader has given; of none where [`Self::needs_no_data`].
    ///
    /// Errors: for days that the writer has counted in another calendar.
    pub fn columns(&self, batch: Option<&RecordBatch>) -> Result<Vec<Column>, ParquetError> {
        let columns = batch.map_or(&[][..], RecordBatch::columns);
        columns_of(&self.columns, columns)
    }
}

fn wants_row_index(wanted: &[ReadField]) -> bool {
    wanted
        .iter()
        .any(|field| match (&field.origin, &field.kind) {
            (Origin::Metadata(fact) | Origin::Tracked { fact, .. }, _) => fact.is_per_row(),
            (Origin::Facts, Kind::Struct(children)) => wants_row_index(children),
            _ => false,
        })
}

fn without_virtual(fields: &Fields, with_index: bool) -> Fields {
    let kept = fields.len() - usize::from(with_index);
    fields[..kept].iter().cloned().collect()
}

struct Finder<'a> {
    hybrid: Hybrid,
    /// The file's own schema, for what its values mean.
    stored: SchemaDescPtr,
    leaves: Vec<usize>,
    constant: &'a dyn Fn(&Origin, &Leaf) -> Result<ArrayRef>,
}

impl Finder<'_> {
    /// Finds fields among the children of a struct whose first leaf column is `first`.
    fn fields(
        &mut self,
        wanted: &[ReadField],
        children: &Fields,
        first: usize,
    ) -> Result<Vec<Node>> {
        let mut kept = Vec::new();
        positions(wanted, children, &mut kept);
        kept.sort_unstable();
        kept.dedup();
        let siblings = Siblings {
            children,
            first,
            kept: &kept,
        };
        self.nodes(wanted, &siblings)
    }

    fn nodes(&mut self, wanted: &[ReadField], among: &Siblings) -> Result<Vec<Node>> {
        let nodes = wanted.iter().map(|field| self.node(field, among));
        nodes.collect()
    }

    fn node(&mut self, field: &ReadField, among: &Siblings) -> Result<Node> {
        if let (Origin::Facts, Kind::Struct(facts)) = (&field.origin, &field.kind) {
            return Ok(Node::Facts(self.nodes(facts, among)?));
        }
        let Some(position) = position(field, among.children) else {
            return self.elsewhere(field);
        };
        let rank = among.kept.partition_point(|kept| *kept < position);
        let before = &among.children[..position];
        let leaf = among.first + before.iter().map(leaves_of).sum::<usize>();
        let shape = self.shape(field, &among.children[position], leaf)?;
        Ok(match field.origin {
            Origin::Tracked { .. } => {
                Node::Coalesced(rank, shape, Box::new(self.elsewhere(field)?))
            }
            _ => Node::Child(rank, shape),
        })
    }

    /// A field that no column of the file holds.
    fn elsewhere(&self, field: &ReadField) -> Result<Node> {
        let Kind::Leaf(leaf) = &field.kind else {
            return Ok(Node::Missing);
        };
        let constant = || (self.constant)(&field.origin, leaf);
        Ok(match &field.origin {
            Origin::Metadata(fact) | Origin::Tracked { fact, .. } if fact.is_per_row() => {
                Node::RowsFrom(constant()?)
            }
            Origin::Partition { .. } | Origin::Metadata(_) | Origin::Tracked { .. } => {
                Node::Constant(constant()?)
            }
            Origin::File { .. } | Origin::Facts => Node::Missing,
        })
    }

    fn shape(&mut self, wanted: &ReadField, found: &FieldRef, leaf: usize) -> Result<Shape> {
        match (&wanted.kind, found.data_type()) {
            (Kind::Struct(fields), DataType::Struct(children)) => {
                self.structure(fields, children, found, leaf)
            }
            (Kind::Variant, DataType::Struct(children)) => {
                self.variant(wanted, children, found, leaf)
            }
            (Kind::List(element), DataType::List(child)) => {
                Ok(Shape::List(Box::new(self.shape(element, child, leaf)?)))
            }
            (Kind::Map(key, value), DataType::Map(entries, _)) => match entries.data_type() {
                DataType::Struct(pair) if pair.len() == 2 => {
                    let second = leaf + leaves_of(&pair[0]);
                    Ok(Shape::Map(
                        Box::new(self.shape(key, &pair[0], leaf)?),
                        Box::new(self.shape(value, &pair[1], second)?),
                    ))
                }
                _ => Err(self.mismatch(wanted, found)),
            },
            (Kind::Leaf(kind), lane) if leaves_of(found) == 1 && !lane.is_nested() => {
                let cast = Cast::plan(kind, lane, &self.stored.column(leaf))
                    .ok_or_else(|| self.mismatch(wanted, found))?;
                self.leaves.push(leaf);
                let least = self.hybrid.least(kind, lane);
                Ok(Shape::Leaf(cast, least))
            }
            _ => Err(self.mismatch(wanted, found)),
        }
    }

    fn structure(
        &mut self,
        wanted: &[ReadField],
        children: &Fields,
        found: &FieldRef,
        leaf: usize,
    ) -> Result<Shape> {
        let before = self.leaves.len();
        let nodes = self.fields(wanted, children, leaf)?;
        if self.leaves.len() == before && leaves_of(found) > 0 {
            // None of its fields is wanted or there, but whether the struct is null has to be read.
            self.leaves.push(leaf);
        }
        Ok(Shape::Struct(nodes))
    }

    fn variant(
        &mut self,
        wanted: &ReadField,
        children: &Fields,
        found: &FieldRef,
        leaf: usize,
    ) -> Result<Shape> {
        if children.iter().any(|child| child.name() == TYPED_VALUE) {
            self.leaves.extend(leaf..leaf + leaves_of(found));
            let shredded = Shredded::of(children, leaf, &self.stored);
            return shredded.map(Shape::Shredded).map_err(|e| {
                Error::new(
                    ErrorKind::CorruptTable,
                    format!("Cannot read the variants of column '{}': {e}", wanted.path),
                )
            });
        }
        let parts = ["value", "metadata"].map(|name| ReadField {
            path: format!("{}.{name}", wanted.path),
            origin: Origin::File {
                name: name.to_owned(),
                id: None,
            },
            kind: Kind::Leaf(Leaf::Bytes),
        });
        self.structure(&parts, children, found, leaf)
    }

    fn mismatch(&self, wanted: &ReadField, found: &FieldRef) -> Error {
        Error::new(
            ErrorKind::CorruptTable,
            format!(
                "Cannot read column '{}' as the table has it ({:?}): this file stores {}",
                wanted.path,
                wanted.kind,
                found.data_type()
            ),
        )
        .class("SLUICE_COLUMN_TYPE_MISMATCH")
    }
}

/// The fields of one struct in the file.
struct Siblings<'a> {
    children: &'a Fields,
    /// Leaf column of the first one.
    first: usize,
    /// Positions of those to be read, ascending.
    kept: &'a [usize],
}

/// Leaf columns below an Arrow field, which are Parquet's, in the same order.
fn leaves_of(field: &FieldRef) -> usize {
    match field.data_type() {
        DataType::Struct(children) => children.iter().map(leaves_of).sum(),
        DataType::List(child) | DataType::Map(child, _) => leaves_of(child),
        _ => 1,
    }
}
