"""How long a function takes from the start of its process to its first answer, and what memory it has needed by then.

usage: cold_start.py RELEASE     (the folder with the programs; part of bench/run.py as well)

The events are those of a real run, on a store in a folder or, where MILLRACE_TEST_S3 names one, in a bucket:

    scripts/emulator run python3 bench/cold_start.py target/release
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from report import Section
from runtime_api import LONGEST_SECONDS, RuntimeApi

ROOT = Path(__file__).resolve().parent.parent
AT = "2026-11-21T08:00:00Z"
DAY = AT[:10]
# What is validated when starting is measured, and when memory is.
FEW_ROWS = 1_000
MANY_ROWS = 100_000
# Enough for the gates to judge a model.
TRAINED_ROWS = 20_000
# Milliseconds to the first answer, by what a function reads.
LIMIT_MS = {"registry": 20, "publish": 40, "validate": 40, "fairness-gate": 40}
LIMIT_MIB = 200
FUNCTION = {
    "AWS_LAMBDA_FUNCTION_NAME": "measured", "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "3008",
    "AWS_LAMBDA_LOG_GROUP_NAME": "measured", "AWS_LAMBDA_LOG_STREAM_NAME": "measured",
}


class Function:
    """One program with the event that it gets."""

    def __init__(self, program, event, store, forget):
        self.program, self.event, self.store, self.forget = program, event, store, forget

    def start(self):
        """Milliseconds and MiB of one start. What an earlier one left is removed first, or there would be no work."""
        self.forget()
        api = RuntimeApi(self.event)
        environment = os.environ | FUNCTION | {"MILLRACE_STORE": self.store, "AWS_LAMBDA_RUNTIME_API": api.address}
        began = time.perf_counter()
        process = subprocess.Popen([self.program], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        answered = api.answered.wait(LONGEST_SECONDS)
        process.kill()
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
        api.close()
        if not answered or api.failure:
            raise SystemExit(f"{self.program.name} did not answer well: {api.failure}")
        return (api.answered_at - began) * 1000, usage.ru_maxrss / 1024


class Run:
    """A run of the command, whose stages are asked once more by the functions."""

    def __init__(self, release, folder, store):
        self.release, self.store = release, store
        self.remove = remover(store)
        self.data = {rows: folder / f"data-{rows}" for rows in (FEW_ROWS, MANY_ROWS, TRAINED_ROWS)}
        spec = folder / "models/engagement.toml"
        spec.parent.mkdir(parents=True)
        (folder / "contracts").mkdir()
        spec.write_text(one_candidate((ROOT / "models/engagement.toml").read_text()))
        shutil.copy(ROOT / "contracts/customers.toml", folder / "contracts")
        for rows, place in self.data.items():
            self.command("generate", "--out", place, "--rows", str(rows))
        self.command("run", "--data", self.data[TRAINED_ROWS], "--spec", spec, "--run-id", "cold", "--at", AT, "--allow-other-clock")

    def command(self, *words):
        subprocess.run([self.release / "millrace", "--quiet", "--store", self.store, *words], check=True)

    def read(self, key):
        if not self.store.startswith("s3://"):
            return json.loads((Path(self.store) / key).read_text())
        bucket, prefix = split(self.store)
        return json.loads(s3().get_object(Bucket=bucket, Key=f"{prefix}/{key}")["Body"].read())

    def again(self, stage, program, changes={}):
        """What a stage of the run was asked, of its function."""
        folder = f"runs/cold-training/{stage}/"
        event = self.read(f"{folder}input.json") | changes
        return Function(self.release / program, event, self.store, lambda: self.remove(folder))

    def validating(self, rows):
        return self.again("validate", "validate", {"data": str(self.data[rows])})

    def functions(self):
        run = {"run_id": "cold-inference", "started_at": AT}
        served = "tables/served/engagement.json"
        rows = self.read(served)["rows"]
        publish = {"run": run, "table": "predictions", "model": "engagement", "version": "v1.0.0", "scored_on": DAY, "shards": 1, "rows": rows}
        resolve = {"action": "resolve", "run": run, "model": "engagement", "version": "live"}
        return {
            "registry": Function(self.release / "registry", resolve, self.store, lambda: self.remove("runs/cold-inference/resolve/")),
            "publish": Function(self.release / "publish", publish, self.store, lambda: self.remove(served)),
            "validate": self.validating(FEW_ROWS),
            "fairness-gate": self.again("quality-gate-1", "fairness-gate"),
        }


def one_candidate(text):
    """Training is not what is measured here, and few rows make a weak model."""
    lines = {
        "n_estimators": "[50]", "max_depth": "[3]", "learning_rate": "[0.3]", "subsample": "[1.0]", "colsample_bytree": "[1.0]",
        "minimum_r2": "0.1", "good_r2": "0.2", "maximum_rmse": "0.9", "maximum_demographic_parity_difference": "0.9",
    }
    changed = [
        f"{name} = {lines[name]}" if (name := line.split(" = ")[0]) in lines else line for line in text.splitlines()
    ]
    return "\n".join(changed)


def remover(store):
    """Removes an object, or all under a name that ends with a slash."""
    if not store.startswith("s3://"):
        return lambda key: (shutil.rmtree(Path(store) / key) if key.endswith("/") else (Path(store) / key).unlink()) \
            if (Path(store) / key).exists() else None
    bucket, prefix = split(store)

    def remove(key):
        found = s3().list_objects_v2(Bucket=bucket, Prefix=f"{prefix}/{key}").get("Contents", [])
        for one in found:
            s3().delete_object(Bucket=bucket, Key=one["Key"])

    return remove


def split(store):
    bucket, _, prefix = store.removeprefix("s3://").partition("/")
    return bucket, prefix


def s3():
    # Only in the emulator's Python, which is the only one that gets here.
    import boto3

    return boto3.client("s3")


def measure(release, store, starts):
    """The section for bench/report.py. `store` is empty for a folder."""
    release = Path(release).resolve()
    # In memory where there is such a folder: a function on Lambda does not wait for a disk.
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    folder = Path(tempfile.mkdtemp(prefix="millrace-cold-", dir=memory))
    try:
        where = "a store in a bucket of the emulator" if store else "a store in a folder"
        section = Section(f"Cold start: from the process to its first answer, median of {starts}, {where}", "the limit", is_limit=True)
        run = Run(release, folder, store or str(folder / "store"))
        many = run.validating(MANY_ROWS)
        for name, function in run.functions().items():
            milliseconds = statistics.median(function.start()[0] for _ in range(starts))
            section.add(f"`{name}`", milliseconds, LIMIT_MS[name], "ms")
        if store:
            section.note("A request to the emulator has a price of its own, and a function makes up to thirty, one after another.")
        _, peak = many.start()
        section.add(f"`validate` on {MANY_ROWS:,} rows, memory", peak, LIMIT_MIB, "MiB")
        return section
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print(measure(sys.argv[1], os.environ.get("MILLRACE_TEST_S3", ""), 30))
