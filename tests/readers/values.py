"""Values of all readers in one spelling, so that they can be compared and kept as JSON."""
import json
import math
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

EPOCH = datetime(1970, 1, 1)


def spelled(value):
    """A value as JSON knows it: a float by its shortest digits, a decimal by its value, an instant by its microseconds."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        return f"float {value!r}"
    if isinstance(value, Decimal):
        return f"decimal {value.normalize():f}" if value else "decimal 0"
    if isinstance(value, datetime):
        zoneless = value.astimezone(timezone.utc).replace(tzinfo=None) if value.tzinfo else value
        return f"micros {(zoneless - EPOCH) // timedelta(microseconds=1)}"
    if isinstance(value, date):
        return f"day {value.isoformat()}"
    if isinstance(value, (bytes, bytearray, memoryview)):
        return f"bytes {bytes(value).hex()}"
    if isinstance(value, dict):
        return {str(key): spelled(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        entries = [entry(inner) for inner in value]
        if value and all(entries):
            return sorted(([spelled(k), spelled(v)] for k, v in entries), key=json.dumps)
        return [spelled(inner) for inner in value]
    raise TypeError(f"No spelling for {type(value).__name__}: {value!r}")


def entry(value):
    """The key and the value of a map's entry: Arrow gives tuples, readers without maps give structs of the two."""
    if isinstance(value, tuple) and len(value) == 2:
        return value
    if isinstance(value, dict) and value.keys() == {"key", "value"}:
        return value["key"], value["value"]
    return None


def rows_of(table):
    """The rows of an Arrow table, columns by name, in an order that does not depend on the reader's."""
    names = sorted(table.column_names)
    rows = [[name, table.column(name).to_pylist()] for name in names]
    zipped = [{name: spelled(values[i]) for name, values in rows} for i in range(table.num_rows)]
    return sorted(zipped, key=lambda row: json.dumps(row, sort_keys=True))
