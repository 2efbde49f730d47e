//! Control requests: one JSON object in, one out.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sluice_core::catalog::{self, Pointer};
use sluice_core::define::alter::{self, Alteration};
use sluice_core::define::create::{self, Creation};
use sluice_core::define::definition::TableDefinition;
use sluice_core::error::{Error, Result};
use sluice_core::faults;
use sluice_core::log::maintenance;
use sluice_core::scan::plan::aggregate::{self, AggregateRequest};
use sluice_core::scan::plan::partitions;
use sluice_core::scan::plan::planner::ScanRequest;
use sluice_core::storage::{Storage, StorageOptions};
use sluice_core::table;
use sluice_core::table::detail;
use sluice_core::table::history;
use sluice_core::table::time_travel;

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "camelCase")]
enum Request {
    DescribeTable {
        #[serde(flatten)]
        table: TableRef,
        version: Option<u64>,
    },
    CreateTable {
        #[serde(flatten)]
        table: TableRef,
        #[serde(flatten)]
        definition: Definition,
    },
    AlterTable {
        #[serde(flatten)]
        table: TableRef,
        #[serde(flatten)]
        alteration: Alteration,
    },
    DropTable(TableRef),
    TablePointer(Place),
    PointTable {
        #[serde(flatten)]
        table: TableRef,
        to: Pointer,
    },
    RemovePointer(Place),
    /// `to` is another location, reached in the same way.
    RenameTable {
        #[serde(flatten)]
        table: TableRef,
        to: String,
    },
    /// The version that was the newest at a time.
    VersionAt {
        #[serde(flatten)]
        table: TableRef,
        /// Microseconds since the epoch.
        timestamp: i64,
    },
    Aggregate(AggregateRequest),
    Partitions(ScanRequest),
    History {
        #[serde(flatten)]
        table: TableRef,
        limit: Option<u64>,
    },
    Detail(TableRef),
    ListDirectory(Place),
    CreateNamespace {
        #[serde(flatten)]
        place: Place,
        #[serde(default)]
        properties: BTreeMap<String, String>,
    },
    LoadNamespace(Place),
    AlterNamespace {
        #[serde(flatten)]
        place: Place,
        #[serde(default)]
        set: BTreeMap<String, String>,
        #[serde(default)]
        remove: Vec<String>,
    },
    DropNamespace {
        #[serde(flatten)]
        place: Place,
        cascade: bool,
    },
    #[serde(rename_all = "camelCase")]
    AwaitMaintenance {
        timeout_millis: u64,
    },
    BuildInfo,
    TestSwitch {
        name: String,
        value: String,
    },
}

#[derive(Deserialize)]
struct TableRef {
    table: String,
    #[serde(flatten)]
    place: Place,
}

#[derive(Deserialize)]
struct Place {
    location: String,
    #[serde(default)]
    storage: StorageOptions,
}

/// As [`TableDefinition`], which cannot be flattened because it refuses unknown fields.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Definition {
    schema: String,
    #[serde(default)]
    partition_columns: Vec<String>,
    #[serde(default)]
    clustering_columns: Vec<Vec<String>>,
    #[serde(default)]
    properties: BTreeMap<String, String>,
    #[serde(default)]
    constraints: BTreeMap<String, String>,
    description: Option<String>,
    #[serde(default)]
    managed: bool,
    engine_info: Option<String>,
}

impl From<Definition> for TableDefinition {
    fn from(definition: Definition) -> Self {
        Self {
            schema: definition.schema,
            partition_columns: definition.partition_columns,
            clustering_columns: definition.clustering_columns,
            properties: definition.properties,
            constraints: definition.constraints,
            description: definition.description,
            managed: definition.managed,
        }
    }
}

impl Place {
    fn open(&self) -> Result<Storage> {
        Storage::open(&self.location, &self.storage)
    }
}

/// Carries out a request.
///
/// Errors: InvalidInput for a request that is none, and whatever the operation fails with.
pub fn handle(request: &[u8]) -> Result<Vec<u8>> {
    let request: Request = serde_json::from_slice(request)
        .map_err(|e| Error::internal(format!("Cannot read a control request: {e}")).caused_by(e))?;
    let answer = answer(request)?;
    serde_json::to_vec(&answer).map_err(|e| Error::internal("Cannot write an answer").caused_by(e))
}

fn answer(request: Request) -> Result<Value> {
    match request {
        Request::DescribeTable { table: t, version } => {
            to_json(table::describe(&t.table, &t.place.open()?, version)?)
        }
        Request::CreateTable {
            table: t,
            definition,
        } => {
            let engine_info = definition.engine_info.clone();
            let version = create::create(Creation {
                name: &t.table,
                storage: &t.place.open()?,
                definition: &definition.into(),
                engine_info: engine_info.as_deref().unwrap_or(sluice_core::ENGINE_INFO),
                operation: "CREATE TABLE",
                txn: None,
                replaced: None,
            })?;
            Ok(json!({ "version": version }))
        }
        Request::AlterTable {
            table: t,
            alteration,
        } => {
            let version = alter::alter(&t.table, &t.place.open()?, &alteration)?;
            Ok(json!({ "version": version }))
        }
        Request::DropTable(t) => Ok(json!({ "dropped": catalog::drop_table(&t.place.open()?)? })),
        Request::TablePointer(place) => {
            Ok(json!({ "pointer": catalog::table_pointer(&place.open()?)? }))
        }
        Request::PointTable { table: t, to } => {
            catalog::point_table(&t.table, &t.place.open()?, &to)?;
            Ok(json!({}))
        }
        Request::RemovePointer(place) => {
            Ok(json!({ "dropped": catalog::remove_pointer(&place.open()?)? }))
        }
        Request::RenameTable { table: t, to } => {
            let to = Storage::open(&to, &t.place.storage)?;
            catalog::rename_table(&t.table, &t.place.open()?, &to)?;
            Ok(json!({}))
        }
        Request::VersionAt {
            table: t,
            timestamp,
        } => {
            let version = time_travel::version_at(&t.table, &t.place.open()?, timestamp)?;
            Ok(json!({ "version": version }))
        }
        Request::Aggregate(request) => to_json(aggregate::aggregate(&request)?),
        Request::Partitions(request) => to_json(partitions::partitions(&request)?),
        Request::History { table: t, limit } => {
            Ok(json!({ "commits": history::history(&t.table, &t.place.open()?, limit)? }))
        }
        Request::Detail(t) => to_json(detail::detail(&t.table, &t.place.open()?)?),
        Request::ListDirectory(place) => to_json(catalog::list_namespace(&place.open()?)?),
        Request::CreateNamespace { place, properties } => {
            catalog::create_namespace(&place.open()?, &properties)?;
            Ok(json!({}))
        }
        Request::LoadNamespace(place) => to_json(catalog::load_namespace(&place.open()?)?),
        Request::AlterNamespace { place, set, remove } => {
            catalog::alter_namespace(&place.open()?, &set, &remove)?;
            Ok(json!({}))
        }
        Request::DropNamespace { place, cascade } => {
            Ok(json!({ "dropped": catalog::drop_namespace(&place.open()?, cascade)? }))
        }
        Request::AwaitMaintenance { timeout_millis } => {
            let pending = maintenance::wait(Duration::from_millis(timeout_millis));
            Ok(json!({ "pending": pending }))
        }
        Request::BuildInfo => Ok(json!({
            "buildId": sluice_core::build_id(),
            "kernel": sluice_core::KERNEL_VERSION,
            "arrow": sluice_core::ARROW_VERSION,
            "version": env!("CARGO_PKG_VERSION"),
        })),
        Request::TestSwitch { name, value } => {
            faults::set(&name, &value)?;
            Ok(json!({}))
        }
    }
}

fn to_json(answer: impl Serialize) -> Result<Value> {
    serde_json::to_value(answer).map_err(|e| Error::internal("Cannot write an answer").caused_by(e))
}
