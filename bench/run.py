"""Measures Millrace and the Python peer side by side, in turn, as whole processes; prints ratios.

usage: run.py MILLRACE_FOLDER     (the folder with the built programs)
FULL=1 searches the whole grid of 108 candidates; QUICK=1 is a smoke test of two minutes.
"""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import measure

ROOT = Path(__file__).resolve().parent.parent
FULL = os.environ.get("FULL") == "1"
QUICK = os.environ.get("QUICK") == "1"
ROWS = 5_000 if QUICK else 100_000
RUNS = 1 if QUICK else 5


def reduced(text):
    """A grid that ends in minutes: 16 candidates, 80 fits."""
    return (
        text.replace("n_estimators = [50, 100, 200]", "n_estimators = [50, 100]")
        .replace("max_depth = [3, 6, 9]", "max_depth = [3, 6]")
        .replace("learning_rate = [0.01, 0.1, 0.3]", "learning_rate = [0.1, 0.3]")
        .replace("colsample_bytree = [0.8, 1.0]", "colsample_bytree = [0.8]")
    )


def prepare(work, millrace):
    (work / "models").mkdir()
    (work / "contracts").mkdir()
    spec = (ROOT / "models/engagement.toml").read_text()
    (work / "models/engagement.toml").write_text(spec if FULL else reduced(spec))
    shutil.copy(ROOT / "contracts/customers.toml", work / "contracts/customers.toml")
    measure.run([millrace, "--quiet", "generate", "--out", work / "customers", "--rows", str(ROWS)])
    return work / "customers", work / "models/engagement.toml", work / "contracts/customers.toml"


def train(work, millrace, python, data, spec, contract):
    store = work / "store"
    results = {}
    peer, printed = measure.run([python, ROOT / "bench/peer_train.py", data, spec, contract])
    results["python"] = json.loads(printed)
    for strategy in ("exhaustive", "race"):
        ours, printed = measure.run(
            [millrace, "--json", "--store", store, "train", "--data", data, "--spec", spec,
             "--strategy", strategy, "--run-id", strategy])
        results[strategy] = json.loads(printed.splitlines()[-1])["metrics"]
        print(measure.table(f"\ntraining, {strategy} against GridSearchCV ({'108' if FULL else '16'} candidates, 5 folds)", ours, peer))
    print(f"\n  held-out R2: python {results['python']['r2']:.4f}, exhaustive {results['exhaustive']['r2']:.4f}, "
          f"race {results['race']['r2']:.4f}")
    return store


def score(work, millrace, python, data, spec, contract, store):
    folder = store / "runs/race/train-1"
    out = work / "peer.parquet"
    number = iter(range(10_000))

    def ours():
        return [millrace, "--quiet", "--store", store, "score", "--data", data, "--version", "run:race",
                "--run-id", f"bench-{next(number)}"]

    peer = [python, ROOT / "bench/peer_score.py", data, folder, spec, contract, out]
    measure.run(ours())
    measure.run(peer)
    a, b, _ = measure.pair(ours, peer, RUNS)
    print(measure.table(f"\nscoring {ROWS:,} rows, Parquet to Parquet", a, b))
    same(millrace, store, python, out)


def same(millrace, store, python, out):
    """Both wrote the same scores, or the comparison means nothing."""
    _, ours = measure.run([millrace, "--store", store, "query", "--csv",
                           "SELECT count(*) AS rows, round(sum(engagement_score_pred), 3) AS total FROM predictions"])
    code = ("import pyarrow.parquet as p; t = p.read_table(r'%s')['engagement_score_pred'].to_numpy(); "
            "print(f'{len(t)},{t.sum():.3f}')" % out)
    _, peer = measure.run([python, "-c", code])
    rows, total = ours.splitlines()[1].split(",")
    peer_rows, peer_total = peer.strip().split(",")
    if rows != peer_rows or abs(float(total) - float(peer_total)) > 0.0015:
        raise SystemExit(f"the scores differ: millrace {rows} rows, sum {total}; python {peer.strip()}")
    print(f"  same scores: {rows} rows, sum {float(total):.3f}")


def validate(millrace, python, data, contract):
    ours = [millrace, "--quiet", "validate", "--data", data, "--contract", contract, "--at", "2026-11-02T00:00:00Z"]
    peer = [python, ROOT / "bench/peer_validate.py", data, contract]
    a, b, _ = measure.pair(ours, peer, RUNS)
    print(measure.table(f"\nvalidating {ROWS:,} rows against the contract (peer: pandera)", a, b))


def main():
    programs = Path(sys.argv[1])
    millrace, python = programs / "millrace", sys.executable
    work = Path(tempfile.mkdtemp(prefix="millrace-bench-"))
    try:
        data, spec, contract = prepare(work, millrace)
        validate(millrace, python, data, contract)
        store = train(work, millrace, python, data, spec, contract)
        score(work, millrace, python, data, spec, contract, store)
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
