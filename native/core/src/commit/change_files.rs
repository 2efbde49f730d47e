//! The files of a change data feed that a commit names (Delta protocol, "Add CDC File").

use arrow::array::{Array as _, AsArray as _, RecordBatch};
use arrow::datatypes::Int64Type;
use serde_json::{Map, Value, json};

use crate::error::{Error, Result};

/// A `cdc` action for each of the files, by the add rows of the tasks that wrote them: lines of a commit.
///
/// Errors: Internal for rows of another shape.
pub fn cdc_actions(add_rows: &[RecordBatch]) -> Result<Vec<u8>> {
    let mut lines = Vec::new();
    for rows in add_rows {
        for row in 0..rows.num_rows() {
            let action = cdc_action(rows, row).ok_or_else(|| {
                let schema = rows.schema();
                Error::internal(format!("Cannot read add actions of schema {schema}"))
            })?;
            lines.extend_from_slice(action.to_string().as_bytes());
            lines.push(b'\n');
        }
    }
    Ok(lines)
}

fn cdc_action(rows: &RecordBatch, row: usize) -> Option<Value> {
    let path = rows.column_by_name("path")?.as_string_opt::<i32>()?;
    let size = rows.column_by_name("size")?;
    let entries = rows
        .column_by_name("partitionValues")?
        .as_map_opt()?
        .value(row);
    let names = entries.column(0).as_string_opt::<i32>()?;
    let values = entries.column(1).as_string_opt::<i32>()?;
    let value = |index| match values.is_valid(index) {
        true => Value::from(values.value(index)),
        false => Value::Null,
    };
    let partition: Map<String, Value> = (0..entries.len())
        .map(|index| (names.value(index).to_owned(), value(index)))
        .collect();
    Some(json!({"cdc": {
        "path": path.value(row),
        "partitionValues": partition,
        "size": size.as_primitive_opt::<Int64Type>()?.value(row),
        "dataChange": false,
    }}))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int64Array, StructArray};
    use arrow::datatypes::{DataType, Field};

    use super::*;
    use crate::write::receipt::{AddedFile, add_rows};

    #[test]
    fn nulls_of_partitions_are_told() {
        let file = AddedFile {
            path: "_change_data/p=1/a.parquet".into(),
            partition_values: HashMap::from([("p".to_owned(), None)]),
            size: 7,
            modification_time: 1,
        };
        let rows: ArrayRef = Arc::new(Int64Array::from(vec![3]));
        let field = Arc::new(Field::new("numRecords", DataType::Int64, true));
        let rows = add_rows(&[file], StructArray::from(vec![(field, rows)])).unwrap();
        let lines = String::from_utf8(cdc_actions(&[rows]).unwrap()).unwrap();
        let action: Value = serde_json::from_str(lines.trim_end()).unwrap();
        let expected = json!({"cdc": {"path": "_change_data/p=1/a.parquet", "partitionValues": {"p": null}, "size": 7,
            "dataChange": false}});
        assert_eq!(action, expected);
    }
}
