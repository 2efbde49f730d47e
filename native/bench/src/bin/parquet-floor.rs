//! The physical floor of a bulk append: what parquet-rs's own writer takes for the same rows once they lie
//! in memory as Arrow. Reads Parquet files, writes one file a thread, and prints the nanoseconds of writing.
//!
//! Usage: `parquet-floor <codec> <output directory> <threads> <input file>...`

use std::error::Error;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Instant;

use arrow::array::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [codec, output, threads, inputs @ ..] = arguments.as_slice() else {
        return Err(
            "give a codec, an output directory, a number of threads and input files".into(),
        );
    };
    let (codec, threads) = (compression(codec)?, threads.parse()?);
    let shares = read(inputs, threads)?;
    let begin = Instant::now();
    std::thread::scope(|scope| {
        let writers: Vec<_> = shares
            .iter()
            .enumerate()
            .map(|(i, batches)| {
                let file = PathBuf::from(output).join(format!("{i}.parquet"));
                scope.spawn(move || write(&file, batches, codec))
            })
            .collect();
        writers
            .into_iter()
            .try_for_each(|writer| writer.join().map_err(|_| "a writer panicked")?)
    })?;
    println!("{}", begin.elapsed().as_nanos());
    Ok(())
}

fn compression(codec: &str) -> Outcome<Compression> {
    match codec {
        "none" => Ok(Compression::UNCOMPRESSED),
        "snappy" => Ok(Compression::SNAPPY),
        "zstd" => Ok(Compression::ZSTD(ZstdLevel::try_new(1)?)),
        other => Err(format!("Cannot compress with {other}: give none, snappy or zstd").into()),
    }
}

/// The rows of all files, dealt out to the threads.
fn read(files: &[String], threads: usize) -> Outcome<Vec<Vec<RecordBatch>>> {
    let mut shares = vec![Vec::new(); threads];
    for (i, file) in files.iter().enumerate() {
        let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(file)?)?;
        for batch in reader.with_batch_size(8192).build()? {
            shares[i % threads].push(batch?);
        }
    }
    shares.retain(|share| !share.is_empty());
    Ok(shares)
}

fn write(file: &Path, batches: &[RecordBatch], codec: Compression) -> Outcome<()> {
    let properties = WriterProperties::builder().set_compression(codec).build();
    let mut writer =
        ArrowWriter::try_new(File::create(file)?, batches[0].schema(), Some(properties))?;
    for batch in batches {
        writer.write(batch)?;
    }
    writer.close()?;
    Ok(())
}
