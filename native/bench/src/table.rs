//! An empty table that one task after the other writes to; nothing is ever committed to it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::json;
use sluice_core::commit::WriteTransaction;
use sluice_core::define::create::{Creation, create};
use sluice_core::define::definition::TableDefinition;
use sluice_core::error::{Error, Result};
use sluice_core::storage::Storage;
use sluice_core::write::task::TaskWriter;

use crate::samples::Sample;

/// A table in a temporary directory, which is deleted with it.
pub struct BenchTable {
    directory: PathBuf,
    plan: Vec<u8>,
}

impl BenchTable {
    /// A table for the rows of `sample`, its files compressed with `codec`.
    pub fn create(sample: &Sample, codec: &str) -> Result<Self> {
        let unique = format!("sluice-bench-{}-{}", std::process::id(), sample.name);
        let directory = std::env::temp_dir().join(unique);
        let location = format!("file://{}/", directory.display());
        let storage = Storage::open(&location, &BTreeMap::new())?;
        let definition = TableDefinition {
            schema: sample.schema.clone(),
            partition_columns: sample.partition_by.into_iter().map(str::to_owned).collect(),
            clustering_columns: Vec::new(),
            properties: BTreeMap::new(),
            constraints: BTreeMap::new(),
            description: None,
            managed: false,
        };
        create(Creation {
            name: sample.name,
            storage: &storage,
            definition: &definition,
            engine_info: "bench",
            operation: "CREATE TABLE",
            txn: None,
            replaced: None,
        })?;
        let request = json!({
            "table": sample.name,
            "location": location,
            "engineInfo": "bench",
            "writer": {"codecOption": codec, "executorCores": 1},
        });
        let request = serde_json::from_value(request)
            .map_err(|e| Error::internal("Cannot make a write request").caused_by(e))?;
        let plan = WriteTransaction::open(request)?.plan().to_vec();
        Ok(Self { directory, plan })
    }

    /// Time one task takes to write the rows of `sample`, from the first batch to the receipt. Its files
    /// are deleted afterwards.
    pub fn time(&self, sample: &Sample) -> Result<Duration> {
        let input = sample.batches[0].schema().as_ref().clone();
        let begin = Instant::now();
        let mut writer = TaskWriter::open(&self.plan, 0, input)?;
        for batch in &sample.batches {
            writer.write(batch)?;
        }
        writer.finish()?;
        let elapsed = begin.elapsed();
        writer.abort()?;
        Ok(elapsed)
    }
}

impl Drop for BenchTable {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}
