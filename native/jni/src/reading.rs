//! The native methods of `io.sluice.spark.jni.Native` that read.

use jni::objects::{JByteArray, JClass, JIntArray, JLongArray, JObjectArray};
use jni::sys::{jint, jlong};
use jni::{Env, EnvUnowned};
use serde::de::DeserializeOwned;
use sluice_core::error::{Error, Result};
use sluice_core::metadata::plan::{self as metadata, MetadataRequest};
use sluice_core::metadata::read::MetadataReader;
use sluice_core::scan::message;
use sluice_core::scan::plan::pack::{self, Packing};
use sluice_core::scan::plan::plain;
use sluice_core::scan::plan::planner::{self, ScanRequest};
use sluice_core::scan::task::batch::describe;
use sluice_core::scan::task::read::TaskReader;
use sluice_core::write::transfer::{Limits, transfer};

use crate::exports::to_long_array;
use crate::guard::{Outcome, enter};
use crate::handles::{READERS, TASKS};

/// Summary (JSON), plan and files of a scan.
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_sluice_spark_jni_Native_planScan<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    request: JByteArray<'local>,
) -> JObjectArray<'local, JByteArray<'local>> {
    enter(env, |env| {
        let request: ScanRequest = parse(&env.convert_byte_array(&request)?)?;
        let planned = planner::plan(request)?;
        let summary = message::encode(&planned.summary)?;
        to_java(env, &[summary, planned.plan, planned.files])
    })
}

/// Keys of the partitions (JSON), then each partition.
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_sluice_spark_jni_Native_packScan<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    files: JByteArray<'local>,
    packing: JByteArray<'local>,
) -> JObjectArray<'local, JByteArray<'local>> {
    enter(env, |env| {
        let packing: Packing = parse(&env.convert_byte_array(&packing)?)?;
        let packed = pack::pack(&env.convert_byte_array(&files)?, &packing)?;
        let mut messages = vec![message::encode(&packed.keys)?];
        messages.extend(packed.partitions);
        to_java(env, &messages)
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_sluice_spark_jni_Native_openReader<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    plan: JByteArray<'local>,
    partition: JByteArray<'local>,
) -> jlong {
    enter(env, |env| {
        let plan = env.convert_byte_array(&plan)?;
        let partition = env.convert_byte_array(&partition)?;
        Ok(READERS.open(Box::new(TaskReader::open(&plan, &partition)?)))
    })
}

/// Summary (JSON) and plan of a read of a metadata table.
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_sluice_spark_jni_Native_planMetadata<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    request: JByteArray<'local>,
) -> JObjectArray<'local, JByteArray<'local>> {
    enter(env, |env| {
        let request: MetadataRequest = parse(&env.convert_byte_array(&request)?)?;
        let planned = metadata::plan(request)?;
        let summary = message::encode(&planned.summary)?;
        to_java(env, &[summary, planned.plan])
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_sluice_spark_jni_Native_openMetadataReader<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    plan: JByteArray<'local>,
) -> jlong {
    enter(env, |env| {
        let plan = env.convert_byte_array(&plan)?;
        Ok(READERS.open(Box::new(MetadataReader::open(&plan)?)))
    })
}

/// The plan of a scan of files that are no table's.
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_sluice_spark_jni_Native_planPlain<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    request: JByteArray<'local>,
) -> JByteArray<'local> {
    enter(env, |env| {
        let plan = plain::plan(parse(&env.convert_byte_array(&request)?)?)?;
        Ok(env.byte_array_from_slice(&plan)?)
    })
}

/// Zero for a file that is left to Spark.
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_sluice_spark_jni_Native_openPlainReader<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    plan: JByteArray<'local>,
    slice: JByteArray<'local>,
) -> jlong {
    enter(env, |env| {
        let plan = env.convert_byte_array(&plan)?;
        let slice = parse(&env.convert_byte_array(&slice)?)?;
        let reader = TaskReader::open_plain(&plan, slice)?;
        Ok(reader.map_or(0, |reader| READERS.open(Box::new(reader))))
    })
}

/// Writes the batch that a reader is at.
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_sluice_spark_jni_Native_transferBatch<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    task: jlong,
    reader: jlong,
    columns: JIntArray<'local>,
    rows: jint,
    bytes: jlong,
) {
    enter(env, |env| {
        let mut indexes = vec![0; columns.len(env)?];
        columns.get_region(env, 0, &mut indexes)?;
        let indexes: Vec<_> = indexes.into_iter().map(|index| index as usize).collect();
        let limits = Limits {
            rows: rows as usize,
            bytes: bytes as usize,
        };
        Ok(TASKS.with(task, |writer| {
            READERS.with(reader, |reader| {
                transfer(reader.as_ref(), &indexes, writer, limits)
            })
        })?)
    })
}

/// Null at the end, else the bytes held and the description of a batch, whose addresses are valid until the next call on
/// the reader.
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_sluice_spark_jni_Native_readBatch<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    reader: jlong,
) -> JLongArray<'local> {
    enter(env, |env| {
        let description = READERS.with(reader, |reader| {
            Ok(reader.next_batch()?.then(|| describe(reader.as_ref())))
        })?;
        let Some(description) = description else {
            return Ok(JLongArray::default());
        };
        to_long_array(env, &description)
    })
}

/// Bytes fetched so far.
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_sluice_spark_jni_Native_readBytes<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    reader: jlong,
) -> jlong {
    enter(env, |_| {
        Ok(READERS.with(reader, |reader| Ok(reader.bytes()))? as jlong)
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_sluice_spark_jni_Native_closeReader<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    reader: jlong,
) {
    enter(env, |_| {
        READERS.close(reader);
        Ok(())
    })
}

pub(crate) fn parse<T: DeserializeOwned>(message: &[u8]) -> Result<T> {
    serde_json::from_slice(message)
        .map_err(|e| Error::internal(format!("Cannot read a scan request: {e}")).caused_by(e))
}

pub(crate) fn to_java<'local>(
    env: &mut Env<'local>,
    messages: &[Vec<u8>],
) -> Outcome<JObjectArray<'local, JByteArray<'local>>> {
    let array = JObjectArray::<JByteArray>::new(env, messages.len(), JByteArray::null())?;
    for (index, message) in messages.iter().enumerate() {
        env.with_local_frame(2, |env| -> Outcome<()> {
            let bytes = env.byte_array_from_slice(message)?;
            array.set_element(env, index, &bytes)?;
            Ok(())
        })?;
    }
    Ok(array)
}
