"""Appends Parquet files to an empty Delta table with delta-rs and prints the nanoseconds that took.

Usage: delta_rs.py <codec> <zstd level> <table directory> <partition column or ''> <input file>...
"""
import sys
import time

import pyarrow.dataset
from deltalake import DeltaTable, WriterProperties, write_deltalake


def main(codec, level, directory, partition_by, *files):
    rows = pyarrow.dataset.dataset(list(files), format="parquet")
    partitions = [partition_by] if partition_by else None
    DeltaTable.create(directory, rows.schema, partition_by=partitions)
    properties = WriterProperties(
        compression=codec.upper(), compression_level=int(level) if codec == "zstd" else None)
    begin = time.monotonic_ns()
    write_deltalake(directory, rows.scanner().to_reader(), mode="append", writer_properties=properties)
    print(time.monotonic_ns() - begin)


main(*sys.argv[1:])
