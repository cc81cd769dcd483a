#!/usr/bin/env python3
"""Every SQL text of this repository, of its state machines and of its documents: parsed as Trino's, which is Athena's, by
sqlglot; answered by DataFusion (`millrace query`) and by the emulator's Athena (DuckDB), with the same rows.

    tests/sql_dialect.py            all of them, on an emulator of its own
    tests/sql_dialect.py --parse    only parsed: no emulator, no programs

The programs are those of `make build`.
"""

import csv
import io
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import packages

ROOT = Path(__file__).resolve().parent.parent
INSIDE = "MILLRACE_DIALECT_INSIDE"
PROGRAM = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release/millrace"
RUN, DAY = "dialect", "2026-11-21"
# What the questions of the state machines ask for, in the run that is made here.
VALUES = {"visible.run_id": f"{RUN}-inference", "table": "predictions", "model": "engagement", "scored_on": DAY}
# Texts that are refused, so that the check is known to look: each is understood by DuckDB or by DataFusion.
REFUSED = (
    "SELECT model::varchar FROM runs", "SELECT * EXCLUDE (model) FROM runs", "SELECT `model` FROM runs", "SELECT model FROM runs LIMIT 1, 2",
    "SELECT DISTINCT ON (model) model FROM runs", "SELECT model FROM runs QUALIFY true", "SELECT model FROM runs WHERE model ILIKE 'a%'",
    "SELECT count(*) AS end FROM runs", "SELECT list_sort(model) FROM runs", "SELECT model, count(*) FROM runs GROUP BY ALL", "DROP TABLE runs",
    "SELECT model FROM runs WHERE (model = 'a'",
)
NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")
TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d+)?( UTC|Z|\+00:00)?")


def in_an_environment():
    """The same script with its packages, and with an emulator unless it only parses."""
    command = [packages.python(), __file__, *sys.argv[1:]]
    if "--parse" not in sys.argv:
        command = [ROOT / "scripts/emulator", "run", *command]
    return subprocess.run(command, env=os.environ | {INSIDE: "1"}).returncode


def store_with_runs(folder):
    """A store in which every question finds something: all models, rows put aside, and a run that failed."""
    store = folder / "store"
    for table in ("customers", "gemstones"):
        millrace("generate", "--table", table, "--rows", "20000", "--out", folder / table, "--quiet")
    # Customers who are there already: their second rows go into quarantine.
    millrace("generate", "--rows", "100", "--seed", "7", "--out", folder / "twice", "--quiet")
    (file,), (day,) = (folder / "twice").rglob("*.parquet"), (folder / "customers").iterdir()
    shutil.copy(file, day / "twice.parquet")
    for spec, table in {"engagement": "customers", "churn": "customers", "gemstones": "gemstones"}.items():
        run = RUN if spec == "engagement" else f"{RUN}-{spec}"
        millrace("run", "--data", folder / table, "--spec", ROOT / f"models/{spec}.toml", "--run-id", run, "--at", f"{DAY}T06:00:00Z",
                 "--allow-other-clock", "--store", store, "--quiet")
    (folder / "broken").mkdir()
    (folder / "broken/customers.parquet").write_bytes(b"PAR1 and no more")
    failed = subprocess.run([PROGRAM, "run", "--data", folder / "broken", "--run-id", "broken", "--store", store, "--quiet"],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if failed.returncode == 0:
        raise SystemExit("a run on a broken file succeeded")
    return store


def millrace(*words):
    return subprocess.run([PROGRAM, *words], check=True, stdout=subprocess.PIPE, text=True).stdout


def here(store, sql):
    """DataFusion's rows, the header first."""
    return list(csv.reader(io.StringIO(millrace("query", sql, "--csv", "--store", store))))


def cell(text):
    """A value without the habits of whoever printed it: numbers as numbers, a time without its zone, nothing as nothing."""
    if text is None or text == "":
        return ""
    if NUMBER.fullmatch(text):
        return float(text)
    time = TIME.fullmatch(text)
    if time:
        return f"{time[1]} {time[2]}{(time[3] or '').rstrip('0').rstrip('.')}"
    return text


def same(one, other):
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-15)
    return one == other


def alike(one, other):
    """The same rows; in the same order only where the question asks for one, which both then keep within equal keys."""
    one, other = ([[cell(value) for value in row] for row in rows] for rows in (one, other))
    def ordered(rows):
        return sorted(rows, key=lambda row: [str(value) if not isinstance(value, float) else f"{value:.9g}" for value in row])

    one, other = one[:1] + ordered(one[1:]), other[:1] + ordered(other[1:])
    return len(one) == len(other) and all(
        len(row) == len(its) and all(same(*pair) for pair in zip(row, its)) for row, its in zip(one, other)
    )


def parsed(questions):
    from dialect import trino

    failed = 0
    for place, sql in questions:
        for fault in trino.faults(sql):
            failed += 1
            print(f"  FAILED  {place}: {fault}\n{sql}")
    for sql in REFUSED:
        if not trino.faults(sql):
            failed += 1
            print(f"  FAILED  Trino does not know this, and it was let through: {sql}")
    return failed


def answered(questions):
    from dialect import athena

    failed, rows = 0, 0
    with tempfile.TemporaryDirectory(prefix="millrace-dialect-") as folder:
        store = store_with_runs(Path(folder))
        athena.publish(store)
        for place, sql in questions:
            ours, theirs = here(store, athena.without_comments(sql)), athena.ask(sql)
            rows += len(ours) - 1
            if not alike([[], *ours[1:]], [[], *theirs[1:]]):
                failed += 1
                print(f"  FAILED  {place}: DataFusion and DuckDB differ\n{sql}\n  {ours[:4]}\n  {theirs[:4]}")
            if len(ours) == 1:
                failed += 1
                print(f"  FAILED  {place}: nothing is found, so that nothing is compared")
    print(f"sql: {len(questions) - failed} of {len(questions)} questions have the same rows ({rows}) in DataFusion and in the emulator's Athena")
    return failed


def main():
    from dialect import questions

    found = [*questions.of_files(), *questions.of_documents(), *questions.of_machines(VALUES)]
    failed = parsed(found)
    print(f"sql: {len(found)} questions parsed as Trino's, {len(REFUSED)} foreign ones refused, {failed} faults")
    if "--parse" not in sys.argv:
        failed += answered(found)
    return 1 if failed or not found else 0


if __name__ == "__main__":
    sys.exit(main() if INSIDE in os.environ else in_an_environment())
