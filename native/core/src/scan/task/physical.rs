//! Where the wanted columns are in one Parquet file.
//!
//! The file's schema is stripped of its logical types first: the reader then hands out lanes, the
//! Arrow twins of physical types, and neither checks nor converts a value.

use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, AsArray as _, RecordBatch, Scalar, StructArray};
use arrow::compute;
use arrow::compute::kernels::{numeric, zip::zip};
use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, TimeUnit};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::arrow::{
    PARQUET_FIELD_ID_META_KEY, ProjectionMask, RowNumber, parquet_to_arrow_schema,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::{FileMetaData, ParquetMetaData, ParquetMetaDataBuilder};
use parquet::schema::types::{SchemaDescPtr, SchemaDescriptor, Type, TypePtr};

use super::calendar::{self, Hybrid};
use super::cast::Cast;
use super::column::Column;
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

/// Where a wanted field is.
#[derive(Debug)]
enum Node {
    /// Not in the file: null in every row.
    Missing,
    /// The child of the projected parent at this index.
    Child(usize, Shape),
    /// The same for all rows of the slice.
    Constant(ArrayRef),
    /// The number of the row in the file, plus this one.
    RowsFrom(ArrayRef),
    /// Each value of the child that is not null; else the node's.
    Coalesced(usize, Shape, Box<Node>),
    Facts(Vec<Node>),
}

#[derive(Debug)]
enum Shape {
    /// With the least value that means the same in both calendars, in files that use the old one.
    Leaf(Cast, Option<i64>),
    Struct(Vec<Node>),
    List(Box<Shape>),
    Map(Box<Shape>, Box<Shape>),
    Shredded(Shredded),
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

fn columns_of(nodes: &[Node], siblings: &[ArrayRef]) -> Result<Vec<Column>, ParquetError> {
    nodes.iter().map(|node| node.column(siblings)).collect()
}

impl Node {
    fn column(&self, siblings: &[ArrayRef]) -> Result<Column, ParquetError> {
        Ok(match self {
            Self::Missing => Column::Null,
            Self::Child(index, shape) => shape.column(&siblings[*index])?,
            Self::Constant(value) => Column::Constant(value.clone()),
            Self::RowsFrom(first) => match siblings.last() {
                // The reader's virtual column.
                Some(rows) => Column::Flat(numeric::add(rows, &Scalar::new(first))?),
                None => Column::Null,
            },
            Self::Coalesced(index, shape, other) => {
                coalesced(shape.column(&siblings[*index])?, other.column(siblings)?)?
            }
            Self::Facts(children) => Column::Struct {
                nulls: None,
                children: columns_of(children, siblings)?,
            },
        })
    }
}

/// Numbers, those that are null taken from the other column.
fn coalesced(stored: Column, other: Column) -> Result<Column, ParquetError> {
    let (Column::Flat(values), other) = (&stored, other) else {
        return Ok(stored);
    };
    let present = compute::is_not_null(values)?;
    Ok(match other {
        _ if values.null_count() == 0 => stored,
        Column::Flat(others) => Column::Flat(zip(&present, values, &others)?),
        Column::Constant(others) => Column::Flat(zip(&present, values, &Scalar::new(others))?),
        _ => stored,
    })
}

impl Shape {
    fn column(&self, array: &ArrayRef) -> Result<Column, ParquetError> {
        Ok(match self {
            Self::Leaf(cast, None) => Column::Flat(cast.apply(array)),
            Self::Leaf(cast, Some(least)) => {
                let values = cast.apply(array);
                calendar::check(&values, *least)?;
                Column::Flat(values)
            }
            Self::Struct(children) => {
                let array: &StructArray = array.as_struct();
                Column::Struct {
                    nulls: array.nulls().cloned(),
                    children: columns_of(children, array.columns())?,
                }
            }
            Self::Shredded(shredded) => shredded.unshredded(array)?,
            Self::List(element) => {
                let array = array.as_list::<i32>();
                Column::List {
                    nulls: array.nulls().cloned(),
                    offsets: array.offsets().clone(),
                    element: Box::new(element.column(array.values())?),
                }
            }
            Self::Map(key, value) => {
                let array = array.as_map();
                Column::Map {
                    nulls: array.nulls().cloned(),
                    offsets: array.offsets().clone(),
                    key: Box::new(key.column(array.keys())?),
                    value: Box::new(value.column(array.values())?),
                }
            }
        })
    }
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

/// Adds the positions of wanted fields and of what stands for facts.
fn positions(wanted: &[ReadField], children: &Fields, found: &mut Vec<usize>) {
    for field in wanted {
        match (&field.origin, &field.kind) {
            (Origin::Facts, Kind::Struct(facts)) => positions(facts, children, found),
            _ => found.extend(position(field, children)),
        }
    }
}

/// The position of a wanted field among the columns of the file: by field id in tables mapped so,
/// else by name, in another case if need be.
fn position(wanted: &ReadField, children: &Fields) -> Option<usize> {
    let (name, id) = match &wanted.origin {
        Origin::File { name, id } => (name, id),
        Origin::Tracked { name, .. } => (name, &None),
        _ => return None,
    };
    if matches!(wanted.kind, Kind::Void) {
        return None;
    }
    if let Some(id) = id {
        let id = id.to_string();
        let has_id = |field: &FieldRef| field.metadata().contains_key(PARQUET_FIELD_ID_META_KEY);
        if children.iter().any(has_id) {
            return children
                .iter()
                .position(|field| field.metadata().get(PARQUET_FIELD_ID_META_KEY) == Some(&id));
        }
    }
    let exact = children.iter().position(|field| field.name() == name);
    exact.or_else(|| {
        children
            .iter()
            .position(|field| field.name().eq_ignore_ascii_case(name))
    })
}

/// Whether the columns that are found by field id, and the fields of their structs, also have the names that the table
/// maps them to (Delta protocol, "Column Mapping").
pub fn is_named_as_mapped(wanted: &[ReadField], children: &[TypePtr]) -> bool {
    let has_id = |child: &TypePtr, id: i32| {
        let info = child.get_basic_info();
        info.has_id() && info.id() == id
    };
    let any_has_id = children.iter().any(|child| child.get_basic_info().has_id());
    wanted.iter().all(|field| {
        let Origin::File { name, id: Some(id) } = &field.origin else {
            return true;
        };
        let by_id = children.iter().position(|child| has_id(child, *id));
        let by_name = children.iter().position(|child| child.name() == name);
        let is_same = !any_has_id || by_id == by_name;
        is_same
            && match (&field.kind, by_name.map(|at| &children[at])) {
                (Kind::Struct(inner), Some(group)) if group.is_group() => {
                    is_named_as_mapped(inner, group.get_fields())
                }
                _ => true,
            }
    })
}

/// Leaf columns below an Arrow field, which are Parquet's, in the same order.
fn leaves_of(field: &FieldRef) -> usize {
    match field.data_type() {
        DataType::Struct(children) => children.iter().map(leaves_of).sum(),
        DataType::List(child) | DataType::Map(child, _) => leaves_of(child),
        _ => 1,
    }
}

/// The footer with a schema of physical types only.
fn lanes(metadata: ParquetMetaData, with_index: bool) -> Result<ArrowReaderMetadata, ParquetError> {
    let file = metadata.file_metadata();
    let root = stripped(file.schema_descr().root_schema_ptr())?;
    let schema = Arc::new(SchemaDescriptor::new(root));
    let supplied = Schema::new(Fields::from_iter(
        parquet_to_arrow_schema(&schema, None)?
            .fields()
            .iter()
            .map(lane),
    ));
    let file = FileMetaData::new(file.version(), file.num_rows(), None, None, schema, None);
    let mut parts = metadata.into_builder();
    let metadata = ParquetMetaDataBuilder::new(file)
        .set_row_groups(parts.take_row_groups())
        .set_page_index(parts.take_page_index())
        .build();
    let mut options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    if !supplied.fields().is_empty() {
        options = options.with_schema(Arc::new(supplied));
    }
    if with_index {
        let index = Field::new("row_index", DataType::Int64, false).with_extension_type(RowNumber);
        options = options.with_virtual_columns(vec![Arc::new(index)])?;
    }
    ArrowReaderMetadata::try_new(Arc::new(metadata), options)
}

fn stripped(schema: TypePtr) -> Result<TypePtr, ParquetError> {
    let info = schema.get_basic_info();
    let id = info.has_id().then(|| info.id());
    let stripped = match schema.as_ref() {
        Type::PrimitiveType {
            physical_type,
            type_length,
            ..
        } => Type::primitive_type_builder(info.name(), *physical_type)
            .with_repetition(info.repetition())
            .with_length(*type_length)
            .with_id(id)
            .build()?,
        Type::GroupType { fields, .. } => {
            let fields = fields.iter().cloned().map(stripped);
            let mut group = Type::group_type_builder(info.name())
                .with_converted_type(info.converted_type())
                .with_logical_type(info.logical_type_ref().cloned())
                .with_fields(fields.collect::<Result<_, _>>()?)
                .with_id(id);
            if info.has_repetition() {
                group = group.with_repetition(info.repetition());
            }
            group.build()?
        }
    };
    Ok(Arc::new(stripped))
}

/// The lane of a physical type: bytes as views into the pages, INT96 in microseconds (nanoseconds
/// would overflow in the year 2262).
fn lane(field: &FieldRef) -> FieldRef {
    let typed = match field.data_type() {
        DataType::Binary => DataType::BinaryView,
        DataType::Timestamp(TimeUnit::Nanosecond, zone) => {
            DataType::Timestamp(TimeUnit::Microsecond, zone.clone())
        }
        DataType::Struct(children) => DataType::Struct(children.iter().map(lane).collect()),
        DataType::List(element) => DataType::List(lane(element)),
        DataType::Map(entries, sorted) => DataType::Map(lane(entries), *sorted),
        _ => return field.clone(),
    };
    Arc::new(field.as_ref().clone().with_data_type(typed))
}
