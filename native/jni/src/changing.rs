//! The native methods of `io.sluice.spark.jni.Native` that change rows.

use jni::EnvUnowned;
use jni::objects::{JByteArray, JClass, JObjectArray};
use jni::sys::{jint, jlong};
use sluice_core::error::{Error, Result};
use sluice_core::rows::positions::{Positions, Touch};
use sluice_core::rows::rewrite::Copies;
use sluice_core::scan::message;
use sluice_core::write::task::TaskWriter;
use sluice_core::write::transfer::{Limits, transfer};

use crate::exports::read_receipts;
use crate::guard::enter;
use crate::handles::{POSITIONS, READERS, TASKS, TRANSACTIONS};
use crate::lend;
use crate::reading::{parse, to_java};

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_sluice_spark_jni_Native_openPositions<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
) -> jlong {
    enter(env, |_| Ok(POSITIONS.open(Positions::default())))
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_sluice_spark_jni_Native_addPositions<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    positions: jlong,
    kind: jint,
    address: jlong,
    count: jint,
) {
    enter(env, |_| {
        let (touch, count) = (touch(kind)?, usize::try_from(count).unwrap_or(0));
        Ok(POSITIONS.with(positions, |positions| {
            // SAFETY: Native.addPositions' contract: the address of so many pairs, lent for the call.
            unsafe { lend::with_pairs(address, count, |pairs| positions.add(touch, pairs)) }
        })?)
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_sluice_spark_jni_Native_finishPositions<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    positions: jlong,
) -> JByteArray<'local> {
    enter(env, |env| {
        let bytes = POSITIONS.with(positions, |positions| positions.encode())?;
        Ok(env.byte_array_from_slice(&bytes)?)
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_sluice_spark_jni_Native_closePositions<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    positions: jlong,
) {
    enter(env, |_| {
        POSITIONS.close(positions);
        Ok(())
    })
}

/// What was resolved (JSON), then the plan of the tasks that copy rows that stay and the slices of each, then the same for
/// the change data feed, if it asks for some.
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_sluice_spark_jni_Native_resolveChange<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    transaction: jlong,
    files: JByteArray<'local>,
    positions: JObjectArray<'local, JByteArray<'local>>,
    resolution: JByteArray<'local>,
) -> JObjectArray<'local, JByteArray<'local>> {
    enter(env, |env| {
        let files = match files.is_null() {
            true => None,
            false => Some(env.convert_byte_array(&files)?),
        };
        let positions = read_receipts(env, &positions)?;
        let resolution = parse(&env.convert_byte_array(&resolution)?)?;
        let (resolved, copies) = TRANSACTIONS.with(transaction, |t| {
            t.resolve_change(files.as_deref(), &positions, resolution)
        })?;
        let mut messages = vec![message::encode(&resolved)?];
        for Copies { plan, partitions } in copies {
            messages.push(plan);
            messages.extend(partitions);
        }
        to_java(env, &messages)
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_sluice_spark_jni_Native_stageCopies<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    transaction: jlong,
    receipts: JObjectArray<'local, JByteArray<'local>>,
) {
    enter(env, |env| {
        let receipts = read_receipts(env, &receipts)?;
        Ok(TRANSACTIONS.with(transaction, |t| t.stage_copies(&receipts))?)
    })
}

/// Null if the change data feed asks for nothing.
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_sluice_spark_jni_Native_transactionChangesPlan<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    transaction: jlong,
) -> JByteArray<'local> {
    enter(env, |env| {
        let plan = TRANSACTIONS.with(transaction, |t| Ok(t.changes_plan().map(<[u8]>::to_vec)))?;
        Ok(match plan {
            Some(plan) => env.byte_array_from_slice(&plan)?,
            None => JByteArray::null(),
        })
    })
}

/// A task writer for rows that a reader of the same table gives.
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_sluice_spark_jni_Native_openCopyTask<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    plan: JByteArray<'local>,
    partition: jint,
) -> jlong {
    enter(env, |env| {
        let plan = env.convert_byte_array(&plan)?;
        let task = u32::try_from(partition).unwrap_or(0);
        Ok(TASKS.open(TaskWriter::for_copies(&plan, task)?))
    })
}

/// Writes the batch that a reader is at, all its columns.
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_sluice_spark_jni_Native_copyBatch<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    task: jlong,
    reader: jlong,
    rows: jint,
    bytes: jlong,
) {
    enter(env, |_| {
        let limits = Limits {
            rows: usize::try_from(rows).unwrap_or(1).max(1),
            bytes: usize::try_from(bytes).unwrap_or(1),
        };
        Ok(READERS.with(reader, |reader| {
            let columns: Vec<usize> = (0..reader.batch().columns().len()).collect();
            TASKS.with(task, |writer| {
                transfer(reader.as_ref(), &columns, writer, limits)
            })
        })?)
    })
}

fn touch(kind: jint) -> Result<Touch> {
    match kind {
        0 => Ok(Touch::Deleted),
        1 => Ok(Touch::Updated),
        _ => Err(Error::internal(format!("Cannot touch rows in way {kind}"))),
    }
}
