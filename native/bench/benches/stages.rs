//! The native stages of one append, each beside the floor that parquet-rs sets.
//!
//! `cargo bench --workspace --locked --all-features --bench stages [-- <pattern>]`

use std::time::{Duration, Instant};

use arrow::array::RecordBatch;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use sluice_bench::samples::{self, Sample};
use sluice_bench::table::BenchTable;

/// 131,072 rows.
const BATCHES: u64 = 16;

/// A task from its first batch to its receipt, beside parquet-rs's own writer on the same arrays in memory.
fn write(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("write");
    for (_, shape) in samples::SHAPES {
        let sample = shape(BATCHES);
        group.throughput(Throughput::Elements(sample.rows()));
        let table = BenchTable::create(&sample, "snappy").expect("a table");
        group.bench_function(BenchmarkId::new("task", sample.name), |bencher| {
            bencher.iter_custom(|times| repeat(times, || table.time(&sample).expect("a task")));
        });
        group.bench_function(BenchmarkId::new("parquet-rs", sample.name), |bencher| {
            bencher.iter_custom(|times| repeat(times, || floor(&sample, snappy())));
        });
    }
}

/// What the encoder's statistics cost, from which the table's are taken.
fn statistics(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("statistics");
    let sample = samples::lineitem(BATCHES);
    for level in [
        EnabledStatistics::None,
        EnabledStatistics::Chunk,
        EnabledStatistics::Page,
    ] {
        group.bench_function(format!("{level:?}"), |bencher| {
            bencher.iter_custom(|times| {
                repeat(times, || {
                    floor(&sample, snappy().set_statistics_enabled(level))
                })
            });
        });
    }
}

fn repeat(times: u64, mut once: impl FnMut() -> Duration) -> Duration {
    (0..times).map(|_| once()).sum()
}

fn snappy() -> WriterPropertiesBuilder {
    WriterProperties::builder().set_compression(Compression::SNAPPY)
}

fn floor(sample: &Sample, properties: WriterPropertiesBuilder) -> Duration {
    let sink = Vec::with_capacity(64 << 20);
    let schema = sample.batches[0].schema();
    let begin = Instant::now();
    let mut writer =
        ArrowWriter::try_new(sink, schema, Some(properties.build())).expect("a writer");
    let written: Result<(), _> = sample
        .batches
        .iter()
        .try_for_each(|batch: &RecordBatch| writer.write(batch));
    written.expect("rows");
    writer.finish().expect("a footer");
    begin.elapsed()
}

criterion_group! {
    name = stages;
    config = Criterion::default().sample_size(20).measurement_time(Duration::from_secs(8));
    targets = write, statistics
}
criterion_main!(stages);
