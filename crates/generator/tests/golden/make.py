"""Writes columns.json: the digest of every column that a `millrace` draws.

    make.py MILLRACE

It was run with the command of commit 618489e, which drew neither `left_within_30_days` nor `lifetime_value`.
"""

import hashlib
import json
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import pyarrow.parquet as parquet

TABLES = {
    "customers": [],
    "planted": "--seed 7 --days 2 --missing 0.1 --outliers 0.05 --bias gender=0.2 --shift feed_time_minutes_day=0.5".split(),
    "gemstones": ["--table", "gemstones"],
}


def written(value):
    if value is None:
        return b"\0"
    if isinstance(value, bool):
        return b"\1" + bytes([value])
    if isinstance(value, int):
        return b"\1" + struct.pack("<q", value)
    if isinstance(value, float):
        return b"\1" + struct.pack("<d", value)
    return b"\1" + value.encode() + b"\n"


def digests(folder):
    found = {}
    for file in sorted(folder.rglob("*.parquet")):
        table = parquet.ParquetFile(file).read()
        for name in table.column_names:
            digest = found.setdefault(name, hashlib.sha256())
            digest.update(b"".join(map(written, table[name].to_pylist())))
    return {name: digest.hexdigest() for name, digest in found.items()}


golden = {}
for name, flags in TABLES.items():
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "rows"
        subprocess.run([sys.argv[1], "generate", "--quiet", "--rows", "12000", "--out", out, *flags], check=True)
        golden[name] = digests(out)
Path(__file__).with_name("columns.json").write_text(json.dumps(golden, indent=1) + "\n")
