"""Compares what the readers found with what Sluice wrote. Usage: judge.py <directory> <ledger>

Prints a line for each table and reader that is not right, and fails where that is not what the ledger says: a reader that got
better is news, too. `judge.py <directory> <ledger> --write` makes the ledger anew.
"""
import json
import re
import sys
from pathlib import Path

from read import READERS

NAMES = ["delta-spark", *READERS]


def rows_verdict(found, rows):
    if isinstance(found, str):
        return "refuses" if re.search("not yet supported|not supported|does not support|[Uu]nsupported|Not implemented", found) else "fails"
    return "right" if found == rows else "wrong"


def verdict(found, expected):
    """right, refuses, fails, wrong (other rows without an error), or filter wrong / fails: right rows, but other ones under a condition."""
    if "error" in found:
        return rows_verdict("error: " + found["error"], None)
    whole = rows_verdict(found["rows"], expected["rows"])
    if whole != "right":
        return whole
    filtered = {rows_verdict(rows, expected["filters"][condition]) for condition, rows in found["filters"].items()}
    return "filter wrong" if "wrong" in filtered else "filter fails" if filtered - {"right"} else "right"


def verdicts(root):
    expected = json.loads((root / "expected.json").read_text())
    found = {reader: json.loads((root / f"{reader}.json").read_text()) for reader in NAMES}
    return {f"{table}\t{reader}": verdict(found[reader][table], rows) for table, rows in expected.items() for reader in NAMES}


def main(root, ledger, write):
    now = {key: value for key, value in verdicts(root).items() if value != "right"}
    if write:
        ledger.write_text("".join(f"{key}\t{value}\n" for key, value in sorted(now.items())))
    noted = dict(line.rsplit("\t", 1) for line in ledger.read_text().splitlines())
    for key in sorted(now):
        print(f"{key}\t{now[key]}")
    changed = sorted(key for key in now.keys() | noted.keys() if now.get(key) != noted.get(key))
    for key in changed:
        print(f"Not as noted: {key}: {noted.get(key, 'right')} before, {now.get(key, 'right')} now", file=sys.stderr)
    sys.exit(bool(changed))


main(Path(sys.argv[1]), Path(sys.argv[2]), "--write" in sys.argv)
