//! Nulls of columns that are none in files: arrays, maps and variants, whose footers count their leaves.

use arrow::array::{Array as _, ArrayRef, AsArray as _};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{DataType as ArrowType, Fields};
use delta_kernel::schema::{DataType, StructType};

/// A column of arrays, maps or variants, also within structs.
#[derive(Debug)]
pub struct Container {
    pub path: Vec<String>,
    /// Position at each level, from the file's top-level columns down.
    indices: Vec<usize>,
}

/// Finds the containers among the columns whose nulls are `counted`.
pub fn find_containers(
    counted: &StructType,
    lanes: &Fields,
    parents: &mut Vec<(usize, String)>,
    out: &mut Vec<Container>,
) {
    for field in counted.fields() {
        let Some((index, lane)) = lanes.find(field.name()) else {
            continue;
        };
        parents.push((index, field.name().clone()));
        match (field.data_type(), lane.data_type()) {
            (DataType::Struct(inner), ArrowType::Struct(lanes)) => {
                find_containers(inner, lanes, parents, out);
            }
            (_, ArrowType::Struct(_) | ArrowType::List(_) | ArrowType::Map(..)) => {
                let (indices, path) = parents.iter().cloned().unzip();
                out.push(Container { path, indices });
            }
            _ => {}
        }
        parents.pop();
    }
}

impl Container {
    /// Rows in which the container, or a struct around it, is null.
    pub fn nulls_in(&self, columns: &[ArrayRef]) -> i64 {
        let mut level = columns;
        let mut nulls: Option<NullBuffer> = None;
        for (depth, &index) in self.indices.iter().enumerate() {
            let array = &level[index];
            nulls = NullBuffer::union(nulls.as_ref(), array.nulls());
            if depth + 1 < self.indices.len() {
                level = array.as_struct().columns();
            }
        }
        nulls.map_or(0, |nulls| nulls.null_count() as i64)
    }
}
