//! Import of lent Arrow data (Arrow C Data Interface). Java owns every buffer; native code reads them
//! during one call and keeps nothing. The release callback is ours: it tells Java, by zeroing a cell
//! of Java's, that nothing refers to the batch any more.

use arrow::array::{Array as _, ArrayData, RecordBatch, RecordBatchOptions, StructArray};
use arrow::datatypes::{DataType, Schema};
use arrow::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi_and_data_type};
use std::sync::Arc;

use sluice_core::error::{Error, Result};

/// The struct of the Arrow C Data Interface ("ArrowArray"), of which the callback needs two fields.
#[repr(C)]
struct LentArray {
    numbers: [i64; 5],
    buffers: *mut (),
    children: *mut (),
    dictionary: *mut (),
    release: Option<unsafe extern "C" fn(*mut LentArray)>,
    private_data: *mut i64,
}

/// Release callback of every lent array: zeroes the cell that `private_data` points to, if any, and
/// marks the struct as released. The buffers stay Java's.
///
/// # Safety
/// `array` points to an ArrowArray that Java has filled, whose `private_data` is null or the address
/// of eight writable bytes.
unsafe extern "C" fn release_lent(array: *mut LentArray) {
    // SAFETY: by the contract above; the interface calls back with a valid array once.
    unsafe {
        if let Some(array) = array.as_mut() {
            if let Some(cell) = array.private_data.as_mut() {
                *cell = 0;
            }
            array.release = None;
        }
    }
}

/// Release callback of a lent schema: it owns nothing, so there is nothing to free. ArrowSchema has
/// `release` elsewhere than ArrowArray; it is cleared by whoever moves the struct.
///
/// The same address serves both structs, which is why Java gives schemas a null `private_data`: the
/// callback must not be run on a schema. See [`read_schema`].
pub fn release_callback() -> i64 {
    release_lent as *const () as usize as i64
}

/// Reads a schema of lanes.
///
/// # Safety
/// `address` is that of a valid ArrowSchema, with all it points to, for the length of the call.
pub unsafe fn read_schema(address: i64) -> Result<Schema> {
    // SAFETY: by the contract above. The struct is only looked at through a reference, neither moved
    // nor dropped, so its release callback does not run.
    let schema = unsafe { (address as usize as *const FFI_ArrowSchema).as_ref() };
    let schema = schema.ok_or_else(|| Error::internal("Cannot read the rows: no schema given"))?;
    Schema::try_from(schema).map_err(|e| Error::from_arrow("read the schema of the rows", e))
}

/// Borrows a lent batch for `body`.
///
/// # Safety
/// `address` is that of a valid ArrowArray of type `schema` as a struct, with all its buffers, for
/// the length of the call; nothing else uses it meanwhile.
pub unsafe fn with_batch<R>(
    address: i64,
    schema: &Arc<Schema>,
    body: impl FnOnce(&RecordBatch) -> Result<R>,
) -> Result<R> {
    let array = address as usize as *mut FFI_ArrowArray;
    if array.is_null() {
        return Err(Error::internal("Cannot read the rows: no batch given"));
    }
    let root = DataType::Struct(schema.fields().clone());
    // SAFETY: by the contract above. `from_raw` moves the struct out and leaves an empty one, so that
    // the callback runs exactly once, when the last reference is dropped.
    let data: ArrayData = unsafe { from_ffi_and_data_type(FFI_ArrowArray::from_raw(array), root) }
        .map_err(|e| Error::from_arrow("read the rows", e))?;
    let rows = StructArray::from(data);
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    let (_, columns, _) = rows.into_parts();
    let batch = RecordBatch::try_new_with_options(schema.clone(), columns, &options)
        .map_err(|e| Error::from_arrow("read the rows", e))?;
    body(&batch)
}

/// Borrows lent pairs of numbers for `body`.
///
/// # Safety
/// `address` is that of `count` pairs of 64-bit integers in native byte order, which nothing changes for the length of
/// the call.
pub unsafe fn with_pairs<R>(
    address: i64,
    count: usize,
    body: impl FnOnce(&[[i64; 2]]) -> Result<R>,
) -> Result<R> {
    let pairs = address as usize as *const [i64; 2];
    if pairs.is_null() || !pairs.is_aligned() {
        return Err(Error::internal(
            "Cannot read positions of rows: no memory given",
        ));
    }
    // SAFETY: by the contract above; not null and aligned.
    body(unsafe { std::slice::from_raw_parts(pairs, count) })
}
