//! The native methods of `io.sluice.spark.jni.Native`.

use jni::objects::{JByteArray, JClass, JLongArray, JObjectArray, JString};
use jni::sys::jlong;
use jni::{Env, EnvUnowned};
use serde::Deserialize;
use sluice_core::commit::{WriteRequest, WriteTransaction};
use sluice_core::error::Error;
use sluice_core::faults::{self, Fault};
use sluice_core::write::task::TaskWriter;

use crate::guard::{Outcome, enter};
use crate::handles::{TASKS, TRANSACTIONS};
use crate::{control, lend, logs};

/// Where in Spark a task runs.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TaskRequest {
    partition_id: u32,
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_sluice_spark_jni_Native_buildId<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
) -> JString<'local> {
    enter(env, |env| {
        logs::install();
        Ok(env.new_string(sluice_core::build_id())?)
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_sluice_spark_jni_Native_releaseCallback<'local>(
    _env: EnvUnowned<'local>,
    _class: JClass<'local>,
) -> jlong {
    lend::release_callback()
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_sluice_spark_jni_Native_control<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    request: JByteArray<'local>,
) -> JByteArray<'local> {
    enter(env, |env| {
        let request = env.convert_byte_array(&request)?;
        let answer = control::handle(&request)?;
        Ok(env.byte_array_from_slice(&answer)?)
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_sluice_spark_jni_Native_openTransaction<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    request: JByteArray<'local>,
) -> jlong {
    enter(env, |env| {
        let request = env.convert_byte_array(&request)?;
        let request: WriteRequest = serde_json::from_slice(&request).map_err(|e| {
            Error::internal(format!("Cannot read a write request: {e}")).caused_by(e)
        })?;
        Ok(TRANSACTIONS.open(WriteTransaction::open(request)?))
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_sluice_spark_jni_Native_transactionPlan<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    transaction: jlong,
) -> JByteArray<'local> {
    enter(env, |env| {
        let plan = TRANSACTIONS.with(transaction, |t| Ok(t.plan().to_vec()))?;
        Ok(env.byte_array_from_slice(&plan)?)
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_sluice_spark_jni_Native_commitTransaction<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    transaction: jlong,
    receipts: JObjectArray<'local, JByteArray<'local>>,
) -> JByteArray<'local> {
    enter(env, |env| {
        let receipts = read_receipts(env, &receipts)?;
        let report = TRANSACTIONS.with(transaction, |t| t.commit(&receipts))?;
        let report = serde_json::to_vec(&report)
            .map_err(|e| Error::internal("Cannot report a commit").caused_by(e))?;
        Ok(env.byte_array_from_slice(&report)?)
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_sluice_spark_jni_Native_abortTransaction<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    transaction: jlong,
    receipts: JObjectArray<'local, JByteArray<'local>>,
) {
    enter(env, |env| {
        let copied = read_receipts(env, &receipts)?;
        let complete = copied.len() == receipts.len(env)?;
        Ok(TRANSACTIONS.with(transaction, |t| t.abort(&copied, complete))?)
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_sluice_spark_jni_Native_closeTransaction<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    transaction: jlong,
) {
    enter(env, |_| {
        TRANSACTIONS.close(transaction);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_sluice_spark_jni_Native_openTask<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    plan: JByteArray<'local>,
    request: JByteArray<'local>,
    schema_address: jlong,
) -> jlong {
    enter(env, |env| {
        let plan = env.convert_byte_array(&plan)?;
        let request = env.convert_byte_array(&request)?;
        let request: TaskRequest = serde_json::from_slice(&request).map_err(|e| {
            Error::internal(format!("Cannot read a task request: {e}")).caused_by(e)
        })?;
        // SAFETY: Native.openTask's contract: the address of an ArrowSchema valid during the call.
        let schema = unsafe { lend::read_schema(schema_address) }?;
        Ok(TASKS.open(TaskWriter::open(&plan, request.partition_id, schema)?))
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_sluice_spark_jni_Native_writeBatch<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    task: jlong,
    array_address: jlong,
) {
    enter(env, |_| {
        assert!(
            !faults::take(Fault::PanicInWrite),
            "a test asked for this panic"
        );
        Ok(TASKS.with(task, |writer| {
            let schema = writer.input_schema().clone();
            // SAFETY: Native.writeBatch's contract: the address of an ArrowArray of the schema given
            // to openTask, valid and unshared during the call.
            unsafe { lend::with_batch(array_address, &schema, |batch| writer.write(batch)) }
        })?)
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_sluice_spark_jni_Native_taskMetrics<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    task: jlong,
) -> JLongArray<'local> {
    enter(env, |env| {
        let metrics = TASKS.with(task, |writer| Ok(writer.metrics()))?;
        let values = [
            metrics.rows as i64,
            metrics.bytes as i64,
            metrics.files as i64,
            metrics.partitions as i64,
            metrics.partitioning.as_nanos() as i64,
            metrics.encoding.as_nanos() as i64,
            metrics.storage.as_nanos() as i64,
            metrics.memory as i64,
        ];
        to_long_array(env, &values)
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_sluice_spark_jni_Native_reclaimMemory<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    task: jlong,
    bytes: jlong,
) -> jlong {
    enter(env, |_| {
        let wanted = u64::try_from(bytes).unwrap_or(0);
        Ok(TASKS.with(task, |writer| writer.reclaim(wanted))? as jlong)
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_sluice_spark_jni_Native_finishTask<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    task: jlong,
) -> JByteArray<'local> {
    enter(env, |env| {
        let receipt = TASKS.with(task, TaskWriter::finish)?;
        Ok(env.byte_array_from_slice(&receipt)?)
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_sluice_spark_jni_Native_abortTask<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    task: jlong,
) {
    enter(env, |_| Ok(TASKS.with(task, TaskWriter::abort)?))
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_sluice_spark_jni_Native_closeTask<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    task: jlong,
) {
    enter(env, |_| {
        TASKS.close(task);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_sluice_spark_jni_Native_drainLogs<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
) -> JByteArray<'local> {
    enter(env, |env| Ok(env.byte_array_from_slice(&logs::drain())?))
}

/// Copies the receipts; slots of tasks that left none are null.
pub(crate) fn read_receipts<'local>(
    env: &mut Env<'local>,
    receipts: &JObjectArray<'local, JByteArray<'local>>,
) -> Outcome<Vec<Vec<u8>>> {
    let mut copied = Vec::new();
    for index in 0..receipts.len(env)? {
        let receipt = env.with_local_frame(2, |env| -> Outcome<_> {
            let bytes = receipts.get_element(env, index)?;
            if bytes.is_null() {
                return Ok(None);
            }
            Ok(Some(env.convert_byte_array(&bytes)?))
        })?;
        copied.extend(receipt);
    }
    Ok(copied)
}

/// A Java array of its own memory.
pub(crate) fn to_long_array<'local>(
    env: &mut Env<'local>,
    values: &[i64],
) -> Outcome<JLongArray<'local>> {
    let array = JLongArray::new(env, values.len())?;
    array.set_region(env, 0, values)?;
    Ok(array)
}
