"""Both machines on many rows: time and peak memory of every stage, and what follows for more. See simulate-scale.

Containers run as programs, each under a wrapper that notes what the system says of it; functions run in the command's own
process, and their times come from the run's history. Sizes are those of infra/config/production.json, but for the function that
validates: the container does so in each case.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs/PERFORMANCE.md"
BEGIN, END = "<!-- scale: begin -->", "<!-- scale: end -->"
CONFIG = json.loads((ROOT / "infra/config/production.json").read_text())
PRICES = json.loads((ROOT / "infra/prices.json").read_text())
SAMPLE = int(os.environ.get("SAMPLE", "100000"))
MIB = 1 << 20
ON_PAPER = (100_000_000, 1_000_000_000)

WRAPPER = """#!%(python)s
import json, os, sys, time
program, memory = %(program)r, json.loads(%(memory)r)
run, stage = sys.argv[1].split("/")[-3:-1]
kind = "validation" if stage == "validate" else %(kind)r
environment = {**os.environ, "MILLRACE_MEMORY_MIB": str(memory[kind])}
began = time.perf_counter()
child = os.posix_spawn(program, [program, *sys.argv[1:]], environment)
_, status, usage = os.wait4(child, 0)
line = {"run": run, "stage": stage, "container": kind, "wall": time.perf_counter() - began,
        "cpu": usage.ru_utime + usage.ru_stime, "mib": usage.ru_maxrss / 1024}
with open(os.environ["MILLRACE_SCALE_LOG"], "a") as log:
    log.write(json.dumps(line) + "\\n")
sys.exit(os.waitstatus_to_exitcode(status) & 255)
"""


class Programs:
    """The command beside wrappers of the programs that it starts."""

    def __init__(self, release, work):
        self.folder, self.log = work / "bin", work / "containers.jsonl"
        self.folder.mkdir()
        shutil.copy(release / "millrace", self.folder / "millrace")
        memory = json.dumps({name: size["memoryMiB"] for name, size in CONFIG["containers"].items()})
        for kind in ("training", "inference"):
            name = f"millrace-{kind}"
            wrapper = self.folder / name
            wrapper.write_text(WRAPPER % {"python": sys.executable, "program": str(release / name), "memory": memory, "kind": kind})
            wrapper.chmod(0o755)

    def run(self, store, *words, **environment):
        """One command: its wall time and peak, without those of its children."""
        command = [self.folder / "millrace", "--json", "--store", store, *words]
        more = {"MILLRACE_SCALE_LOG": str(self.log), **environment}
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, **more})
        printed = process.stdout.read().decode()
        if process.wait() != 0:
            raise SystemExit(f"failed with {process.returncode}: {' '.join(map(str, command))}\n{printed}")
        return time.perf_counter() - began, printed

    def containers(self):
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return [json.loads(line) for line in lines]


def s3(method, path):
    request = urllib.request.Request(f"{os.environ['AWS_ENDPOINT_URL']}/{path}", method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    return opener.open(request, timeout=60).read().decode()


def spec_in(work):
    """engagement, with a sample; the rest is as it is shipped."""
    spec = (ROOT / "models/engagement.toml").read_text()
    folder = work / "models"
    folder.mkdir()
    (work / "contracts").mkdir()
    (folder / "engagement.toml").write_text(f"{spec}\n[rows]\nmost = {SAMPLE}\n")
    shutil.copy(ROOT / "contracts/customers.toml", work / "contracts/customers.toml")
    return folder / "engagement.toml"


def play(programs, spec, rows):
    """One run of each machine. A line for each stage: what it is, its seconds, its processor's, and its peak in MiB."""
    data, store = f"s3://scale-{rows}-data/customers", f"s3://scale-{rows}"
    s3("PUT", f"scale-{rows}-data")
    s3("PUT", f"scale-{rows}")
    generate(programs, data, rows)
    made = sum(int(size) for size in re.findall(r"<Size>(\d+)</Size>", s3("GET", f"scale-{rows}-data?list-type=2")))
    machine = {
        # So little that the container validates in each case, and one line goes through all counts of rows.
        "MILLRACE_FUNCTION_MEMORY_MIB": "129",
        "MILLRACE_BYTES_PER_SHARD": str(CONFIG["inference"]["bytesPerShard"]),
        "MILLRACE_ALLOW_OTHER_CLOCK": "1",
    }
    programs.run(store, "run", "--spec", spec, "--data", data, "--run-id", "scale", "--at", "2026-11-02T00:00:00Z", **machine)
    containers = programs.containers()
    lines = [line for run in ("training", "inference") for line in stages(programs, store, run, containers)]
    return {"rows": rows, "bytes": made, "stages": lines}


def generate(programs, data, rows):
    """All rows of one day: on another day the same customers come again."""
    programs.run("memory:", "generate", "--out", data, "--rows", str(rows))


def stages(programs, store, run, containers):
    _, printed = programs.run(store, "runs", "show", f"scale-{run}")
    shown = json.loads(printed)
    lines = []
    for state in shown["executions"][-1]["states"]:
        if state["state_type"] == "Task" and not state["state"].startswith("Collect"):
            lines.append({"run": run, "state": state["state"], "wall": state.get("seconds") or 0.0})
    mine = [one for one in containers if one["run"] == f"scale-{run}"]
    return [merged(name, [line for line in lines if line["state"] == name], mine) | {"run": run}
            for name in dict.fromkeys(line["state"] for line in lines)]


CONTAINERS = {"ValidateLarge": "validation", "Train": "training", "Score": "inference"}


def merged(name, visits, containers):
    mine = [one for one in containers if one["container"] == CONTAINERS.get(name)]
    return {
        "state": name, "visits": len(visits), "wall": sum(visit["wall"] for visit in visits),
        "cpu": sum(one["cpu"] for one in mine) if mine else None,
        "mib": max(one["mib"] for one in mine) if mine else None,
    }


def table(results):
    told = [line for line in results[-1]["stages"] if line["wall"] >= 0.5 or line["mib"]]
    head = " | ".join(f"{result['rows']:,} rows" for result in results)
    lines = [f"| stage | {head} |", "|---|" + "---:|" * len(results)]
    lines.append("| the table in S3 | " + " | ".join(f"{result['bytes'] / 1e6:,.0f} MB" for result in results) + " |")
    for line in told:
        cells = [cell(result, line["run"], line["state"]) for result in results]
        lines.append(f"| {line['run']}: {line['state']} | {' | '.join(cells)} |")
    return lines


def cell(result, run, state):
    found = next((line for line in result["stages"] if line["run"] == run and line["state"] == state), None)
    if found is None:
        return "-"
    visits = f"{found['visits']} x, " if found["visits"] > 1 else ""
    container = f" ({found['cpu']:,.1f} s), {found['mib']:,.0f} MiB" if found["mib"] else ""
    return f"{visits}{found['wall']:,.1f} s{container}"


def on_paper(result):
    """Time and dollars for more rows: what the processor did for each row, on the processors of the configuration."""
    rows, lines = result["rows"], ["| rows | validation, twice | training | scoring | dollars of containers |", "|---:|---:|---:|---:|---:|"]
    per_row = {state: sum(line["cpu"] or 0 for line in result["stages"] if line["state"] == state) / rows for state in ("ValidateLarge", "Score")}
    training = sum(line["cpu"] or 0 for line in result["stages"] if line["state"] == "Train")
    for wanted in ON_PAPER:
        validation, v_cost = container("validation", per_row["ValidateLarge"] * wanted)
        learning, t_cost = container("training", training)
        scoring, s_cost = container("inference", per_row["Score"] * wanted)
        hours = [validation, learning, scoring / CONFIG["inference"]["concurrency"]]
        lines.append(f"| {wanted:,} | {' | '.join(duration(each) for each in hours)} | {v_cost + t_cost + s_cost:,.2f} |")
    return lines


def container(name, processor_seconds):
    """How long it takes on all processors of a container, and what that costs."""
    size, price = CONFIG["containers"][name], PRICES["fargate"][CONFIG["architecture"]]
    hours = processor_seconds / (size["cpu"] / 1024) / 3600
    return hours * 3600, hours * (size["cpu"] / 1024 * price["processorHour"] + size["memoryMiB"] / 1024 * price["gibibyteHour"])


def duration(seconds):
    if seconds >= 3600:
        return f"{seconds / 3600:,.1f} h"
    return f"{seconds / 60:,.0f} min" if seconds >= 100 else f"{seconds:,.0f} s"


def write(results):
    programs = f"SAMPLE={SAMPLE} make simulate-scale ROWS=\"{' '.join(str(result['rows']) for result in results)}\""
    text = "\n".join([
        BEGIN, "", f"Written by `{programs}`. A cell has the seconds of a state, and of a container those of "
        "its processors, which other work on the machine disturbs less, and its peak memory.", "",
        *table(results), "",
        f"On paper, from the largest of these: the processor time of each row, on the processors of `production`; training has {SAMPLE:,} rows in each "
        "case. The start of containers is left out.", "",
        *on_paper(results[-1]), "", END])
    before, after = DOCUMENT.read_text(), None
    if BEGIN in before:
        after = before[: before.index(BEGIN)] + text + before[before.index(END) + len(END):]
    else:
        after = f"{before.rstrip()}\n\n## A hundred million rows\n\n{text}\n"
    DOCUMENT.write_text(after)


def main():
    release, counts = Path(sys.argv[1]).resolve(), [int(word.replace("_", "")) for word in sys.argv[2:]]
    results = []
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        programs, spec = Programs(release, work), spec_in(work)
        for rows in counts:
            results.append(play(programs, spec, rows))
            print(json.dumps(results[-1]), *table(results), sep="\n", flush=True)
    print("\n".join(on_paper(results[-1])))
    if os.environ.get("DOCS") == "1":
        write(results)


main()
