//! The table of properties: those that users set, and what the protocol comes to as such.

use std::collections::BTreeMap;

use delta_kernel::schema::StructField;

use super::lanes::texts;
use super::source::{Emit, Source};
use crate::error::Result;
use crate::scan::task::batch::Batch;

/// Emits a row for each property.
///
/// Errors: InvalidInput for a column that there is not.
pub fn rows(source: &Source, emit: &mut Emit) -> Result<()> {
    let properties = properties(source);
    let column = |field: &StructField| {
        Ok(match field.name().as_str() {
            "key" => texts(properties.keys().map(Some)),
            "value" => texts(properties.values().map(Some)),
            other => return Err(source.no_column(other)),
        })
    };
    let fields = source.request.schema.fields();
    let columns = fields.map(column).collect::<Result<_>>()?;
    emit(Batch::of(properties.len(), columns));
    Ok(())
}

fn properties(source: &Source) -> BTreeMap<String, String> {
    let set = source.snapshot.metadata_configuration().clone();
    let protocol = source.snapshot.get_protocol_derived_properties();
    set.into_iter().chain(protocol).collect()
}
