//! Plans scans of Parquet files that belong to no table. Which of them can be read, tasks find out
//! ([`crate::scan::task::plain`]).

use delta_kernel::schema::StructType;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::resolver::Resolver;
use crate::error::{Error, Result};
use crate::scan::message::{ReadPlan, encode};
use crate::scan::session::Session;
use crate::storage::StorageOptions;
use crate::version::build_id;

/// Which columns Spark wants of some Parquet files.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlainRequest {
    /// What messages call the files.
    pub name: String,
    /// Of one of them, or of a directory.
    pub location: String,
    #[serde(default)]
    pub storage: StorageOptions,
    /// Spark schema in JSON.
    pub schema: Value,
    /// The last fields of it, whose values are the directories'.
    pub partition_columns: Vec<String>,
}

/// Plans a scan of plain files, for [`crate::scan::task::read::TaskReader`].
///
/// Errors: Internal for a schema of types that Delta tables cannot have.
pub fn plan(request: PlainRequest) -> Result<Vec<u8>> {
    let mut wanted = request.schema;
    strip(&mut wanted);
    let unreadable = |e| Error::internal("Cannot read the schema of Parquet files").caused_by(e);
    let schema: StructType = serde_json::from_value(wanted.clone()).map_err(unreadable)?;
    let resolver = Resolver {
        table: &request.name,
        schema: &schema,
        partition_columns: &request.partition_columns,
        by_id: false,
        row_tracking: None,
    };
    let fields = resolver.resolve(&wanted)?;
    let stored = schema.fields();
    let stored = stored.filter(|field| !request.partition_columns.contains(field.name()));
    let stored = StructType::try_new(stored.cloned())
        .map_err(|e| Error::from_kernel("read the schema of Parquet files", e))?;
    encode(&ReadPlan {
        build: build_id().to_owned(),
        fields,
        table: request.name,
        version: None,
        plain: Some(stored),
        location: request.location,
        storage: request.storage,
        filter: None,
        session: Session::default(),
    })
}

/// Takes what fields say beside name and type out of a schema: it is not about files that are no table's.
fn strip(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if let Some(metadata) = members.get_mut("metadata") {
                *metadata = Value::Object(Map::new());
            }
            members.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}
