//! The table of application transactions (Delta protocol, "Transaction Identifiers").

use std::collections::BTreeMap;

use arrow::array::{Array as _, AsArray as _, RecordBatch};
use delta_kernel::actions::LOG_TXN_SCHEMA;
use delta_kernel::engine::arrow_data::EngineDataArrowExt as _;
use delta_kernel::schema::StructField;

use super::file_rows::Longs;
use super::lanes::{longs, micros, texts};
use super::source::{Emit, Source};
use crate::clock;
use crate::error::{Error, Result};
use crate::scan::task::batch::Batch;

/// The newest version of an application, and when it was written, in milliseconds since the epoch.
struct Txn {
    version: i64,
    last_updated: Option<i64>,
}

/// Emits a row for each application whose newest transaction has not expired.
///
/// Errors: those of replaying the log.
pub fn rows(source: &Source, emit: &mut Emit) -> Result<()> {
    let broken = |e| source.broken(e);
    let engine = source.storage.engine.as_ref();
    let log = source.snapshot.log_segment();
    let mut newest = BTreeMap::new();
    for actions in log
        .read_actions(engine, LOG_TXN_SCHEMA.clone())
        .map_err(broken)?
    {
        let actions = actions.and_then(|batch| batch.actions.try_into_record_batch());
        add(&actions.map_err(broken)?, &mut newest)?;
    }
    let oldest = oldest(source);
    newest.retain(|_, txn| !matches!((oldest, txn.last_updated), (Some(o), Some(at)) if at <= o));
    emit(batch(&newest, source)?);
    Ok(())
}

/// The log is read from its end: the first transaction of an application is its newest.
fn add(actions: &RecordBatch, newest: &mut BTreeMap<String, Txn>) -> Result<()> {
    let unreadable = || Error::internal("Cannot read the transactions of a log as such");
    let txns = actions
        .column_by_name("txn")
        .and_then(|txns| txns.as_struct_opt())
        .ok_or_else(unreadable)?;
    let field = |name| txns.column_by_name(name).ok_or_else(unreadable);
    let ids = field("appId")?
        .as_string_opt::<i32>()
        .ok_or_else(unreadable)?;
    let versions = Longs::of(field("version")?, "version")?;
    let updated = Longs::of(field("lastUpdated")?, "lastUpdated")?;
    for row in 0..actions.num_rows() {
        if txns.is_valid(row)
            && ids.is_valid(row)
            && let Some(version) = versions.value(row)
        {
            newest
                .entry(ids.value(row).to_owned())
                .or_insert_with(|| Txn {
                    version,
                    last_updated: updated.value(row),
                });
        }
    }
    Ok(())
}

/// Transactions of this time, in milliseconds since the epoch, and before have expired
/// (`delta.setTransactionRetentionDuration`).
fn oldest(source: &Source) -> Option<i64> {
    let kept = source
        .snapshot
        .table_properties()
        .set_transaction_retention_duration?;
    let kept = i64::try_from(kept.as_millis()).ok()?;
    Some(clock::now_millis().saturating_sub(kept))
}

fn batch(newest: &BTreeMap<String, Txn>, source: &Source) -> Result<Batch> {
    let column = |field: &StructField| {
        Ok(match field.name().as_str() {
            "app_id" => texts(newest.keys().map(Some)),
            "version" => longs(newest.values().map(|txn| Some(txn.version))),
            "last_updated" => longs(newest.values().map(|txn| txn.last_updated.map(micros))),
            other => return Err(source.no_column(other)),
        })
    };
    let fields = source.request.schema.fields();
    let columns = fields.map(column).collect::<Result<_>>()?;
    Ok(Batch::of(newest.len(), columns))
}
