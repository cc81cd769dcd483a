"""What the scenes share: the programs of a build, a folder of their own, a small table, and a store with a live model."""

import csv
import io
import json
import os
import random
import shutil
import signal
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

# Nothing of a scene takes so long, unless something hangs.
PATIENCE = 60

CONTRACT = """
name = "visits"
version = 1
[limits]
maximum_bad_row_share = 0.05
[columns]
id      = { role = "id", type = "text" }
opens   = { role = "feature", type = "float" }
orders  = { role = "feature", type = "float" }
calls   = { role = "feature", type = "float" }
waiting = { role = "feature", type = "float" }
spent   = { role = "target", type = "float" }
"""

SPEC = """
name = "visits"
contract = "visits.toml"
target = "spent"
[features]
exclude = []
[split]
stratify_bins = 4
[search]
strategy = "exhaustive"
folds = 3
[search.space]
n_estimators = [60]
max_depth = [3]
learning_rate = [0.2]
subsample = [1.0]
colsample_bytree = [1.0]
[scores]
table = "predictions"
column = "spent_predicted"
decimals = 4
[quality]
minimum_r2 = 0.5
must_not_be_worse_than_live_by = 0.005
attempts = 1
"""
COLUMNS = ["id", "opens", "orders", "calls", "waiting", "spent"]
ROWS = 2_400


class Hole(Exception):
    """The promise is not kept; the text says how that was seen."""


def keeps(promise, seen):
    """Ends the scene with a hole unless the promise is kept."""
    if not promise:
        raise Hole(" ".join(str(seen).split())[:300])


def rows(count=ROWS, noise=0.25, seed=3):
    """A table in which the first rows stay the same, however many there are."""
    table = []
    for row in range(count):
        chance = random.Random(seed * 1_000_003 + row)
        opens, orders, calls, waiting = (round(chance.random(), 4) for _ in range(4))
        spent = 2 * opens + orders * orders + 0.5 * calls * waiting + noise * (sum(chance.random() for _ in range(3)) - 1.5)
        table.append([f"C{row * 7_919 % 1_000_003:07}", opens, orders, calls, waiting, round(spent, 5)])
    return table


def as_csv(table, columns=COLUMNS):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([columns, *table])
    return out.getvalue()


@dataclass
class Answer:
    code: int
    out: str
    error: str

    @property
    def said(self):
        return self.error + self.out

    def succeeded(self):
        """For what a scene needs, hole or not."""
        if self.code != 0:
            raise RuntimeError(f"a command that the scene needs failed: {self.said}")
        return self.out


class World:
    """A folder with a store, and the programs of a build."""

    def __init__(self, build, folder):
        self.build, self.folder = Path(build).resolve(), Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.store = self.folder / "store"

    def path(self, name):
        return self.folder / name

    def write(self, name, text):
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def spec(self, name="visits", **changes):
        """The spec with these lines changed, and its contract beside it."""
        text = SPEC
        for key, value in changes.items():
            before = next(line for line in text.splitlines() if line.startswith(f"{key} = "))
            text = text.replace(before, f"{key} = {value}")
        if not self.path("visits.toml").exists():
            self.write("visits.toml", CONTRACT)
        return self.write(f"{name}-spec.toml", text)

    def data(self, name="data.csv", **table):
        return self.write(name, as_csv(rows(**table)))

    def many(self, copies):
        """Rows enough that scoring them takes a while: the same ones, each time with other ids."""
        header, *lines = as_csv(rows()).splitlines(keepends=True)
        text = "".join(f"{copy}{line}" for copy in range(copies) for line in lines)
        return self.write("many.csv", header + text)

    def words(self, *words):
        return [self.build / "millrace", "--store", self.store, *map(str, words)]

    def environment(self, more=None):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MILLRACE_")}
        return kept | {"TMPDIR": str(self.temporary())} | (more or {})

    def temporary(self):
        folder = self.path("temporary")
        folder.mkdir(exist_ok=True)
        return folder

    def millrace(self, *words, cwd=None, env=None, patience=PATIENCE):
        return self.call(self.words(*words), cwd, self.environment(env), patience)

    def call(self, words, cwd=None, env=None, patience=PATIENCE):
        options = {"cwd": cwd or self.folder, "env": env, "stdin": subprocess.DEVNULL}
        try:
            done = subprocess.run(words, capture_output=True, text=True, timeout=patience, **options)
        except subprocess.TimeoutExpired:
            return Answer(-1, "", f"it was still running after {patience} s")
        return Answer(done.returncode, done.stdout, done.stderr)

    def begin(self, *words, env=None):
        """Started in a group of its own, and not waited for."""
        null = subprocess.DEVNULL
        return subprocess.Popen(
            self.words(*words), cwd=self.folder, env=self.environment(env), stdin=null, stdout=null, stderr=null, start_new_session=True
        )

    def run(self, name, data, spec=None, **options):
        return self.millrace("run", "--data", data, "--spec", spec or self.spec(), "--run-id", name, "--quiet", **options)

    def score(self, run, data, *words, **options):
        return self.millrace("score", "--model", "visits", "--data", data, "--run-id", run, *words, **options)

    def models(self, *words, **options):
        return self.millrace("models", "--model", "visits", *words, **options)

    def ask(self, sql):
        """The rows of an answer; none where there is no such table yet."""
        answer = self.millrace("query", sql, "--csv")
        return list(csv.reader(io.StringIO(answer.out)))[1:] if answer.code == 0 else []

    def shown(self):
        """The runs whose scores readers see."""
        return {row[0] for row in self.ask("SELECT DISTINCT run_id FROM predictions")}

    def live(self):
        """The run that the live version is of."""
        rows = self.ask("SELECT run_id FROM model_versions WHERE state = 'live'")
        return rows[0][0] if rows else None

    def document(self, name):
        return json.loads((self.store / name).read_text())

    def files(self, pattern="**/*"):
        return sorted(path for path in self.store.glob(pattern) if path.is_file())


def kill(child):
    """Without a word, with every program that it started."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    child.wait()


def until(condition, patience=PATIENCE):
    """Whether it came true in time."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.002)
    return False


class House:
    """Gives each scene a world of its own; one run is made for all of them and copied."""

    def __init__(self, build, folder):
        self.build, self.folder = build, Path(folder)
        self.lock = threading.Lock()

    def empty(self, name):
        return World(self.build, self.folder / name)

    def with_live_model(self, name):
        """After the run `first`: version v1.0.0 is live, and readers see its scores. The data is `data.csv`."""
        with self.lock:
            base = self.folder / "base"
            if not base.exists():
                world = World(self.build, base)
                world.run("first", world.data()).succeeded()
        shutil.copytree(base, self.folder / name)
        return self.empty(name)
