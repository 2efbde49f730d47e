//! One native task over and over, with nothing around it: for profilers and instruction counters.
//!
//! Usage: `one-task <sample> <codec> <batches> <times>`; prints the nanoseconds of the fastest.

use std::error::Error;

use sluice_bench::samples;
use sluice_bench::table::BenchTable;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, codec, batches, times] = arguments.as_slice() else {
        return Err("give a sample, a codec, a number of batches and a number of times".into());
    };
    let (_, shape) = samples::SHAPES
        .iter()
        .find(|(known, _)| known == name)
        .ok_or_else(|| {
            format!(
                "Cannot find sample {name}: give one of {:?}",
                samples::SHAPES.map(|(name, _)| name)
            )
        })?;
    let sample = shape(batches.parse()?);
    let table = BenchTable::create(&sample, codec)?;
    let mut fastest = u128::MAX;
    for _ in 0..times.parse()? {
        fastest = fastest.min(table.time(&sample)?.as_nanos());
    }
    println!("{fastest}");
    Ok(())
}
