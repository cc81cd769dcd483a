"""Measures Millrace and its Python peers side by side, in turn, and prints ratios.

usage: run.py FOLDER     (the target folder's release directory: programs, and the example `bench_forest`)
DOCS=1 scores up to ten million rows as well and writes docs/PERFORMANCE.md; FULL=1 does that, and searches the whole grid
of 108 candidates; QUICK=1 is a smoke test of two minutes.
"""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import cold_start as cold_starts
import measure
from report import Point, Section, write

ROOT = Path(__file__).resolve().parent.parent
FULL = os.environ.get("FULL") == "1"
DOCS = FULL or os.environ.get("DOCS") == "1"
QUICK = os.environ.get("QUICK") == "1"
ROWS = 5_000 if QUICK else 100_000
RUNS = 1 if QUICK else 5
GROWTH = [100_000, 1_000_000, 10_000_000]


class Bench:
    """What every measurement needs: the programs, the peer's interpreter, a folder, and the same data."""

    def __init__(self, release, work):
        self.millrace, self.example = release / "millrace", release / "examples" / "bench_forest"
        self.inference = release / "millrace-inference"
        self.python, self.work, self.store = sys.executable, work, work / "store"
        self.spec, self.contract = work / "models/engagement.toml", work / "contracts/customers.toml"
        # The peer knows scikit-learn's split only, and both must learn from the same rows.
        by_id, peers = 'method = "by_id"', 'method = "scikit_learn"'
        spec = (ROOT / "models/engagement.toml").read_text()
        assert by_id in spec
        spec = spec.replace(by_id, peers)
        self.spec.parent.mkdir()
        self.contract.parent.mkdir()
        self.spec.write_text(spec if FULL else reduced(spec))
        shutil.copy(ROOT / "contracts/customers.toml", self.contract)
        self.data = self.generate("customers", ROWS)

    def ours(self, *words):
        return [self.millrace, "--quiet", "--store", self.store, *words]

    def peer(self, name, *words):
        return [self.python, ROOT / f"bench/peer_{name}.py", *words]

    def whole(self, run, data, out):
        """The command: validates, scores and, because it is a candidate, writes a file and publishes nothing."""
        return self.ours("score", "--data", data, "--version", "run:race", "--out", out, "--run-id", run)

    def scoring(self, run, like):
        """The program that scores, alone, as a container runs it: it is asked what another run was asked."""
        asked = json.loads((self.store / "runs" / like / "score-00000/input.json").read_text())
        asked["run"]["run_id"] = run
        place = self.store / "runs" / run / "score-00000" / "input.json"
        place.parent.mkdir(parents=True)
        place.write_text(json.dumps(asked))
        return [self.inference, place]

    def generate(self, name, rows, days=1):
        place = self.work / name
        measure.run(self.ours("generate", "--out", place, "--rows", str(rows), "--days", str(days)))
        return place


def reduced(text):
    """A sixth of the grid, so that it ends in minutes: 18 candidates, with all depths and numbers of trees. The smoke
    test has no deep trees."""
    text = text.replace("learning_rate = [0.01, 0.1, 0.3]", "learning_rate = [0.1]")
    text = text.replace("colsample_bytree = [0.8, 1.0]", "colsample_bytree = [0.8]")
    return text.replace("max_depth = [3, 6, 9]", "max_depth = [3, 6]") if QUICK else text


def validate(bench):
    section = Section(f"Validating and profiling {ROWS:,} rows against the contract", "pandera and pandas")
    ours = bench.ours("validate", "--data", bench.data, "--contract", bench.contract, "--at", "2026-11-02T00:00:00Z")
    a, b, _ = measure.pair(ours, bench.peer("validate", bench.data, bench.contract), RUNS)
    section.add_costs("", a, b)
    return section


def train(bench):
    candidates = 108 if FULL else 12 if QUICK else 18
    section = Section(f"Training, {candidates} candidates on 5 folds", "scikit-learn's GridSearchCV with the same XGBoost, all cores")
    results = {}
    peer, printed = measure.run(bench.peer("train", bench.data, bench.spec, bench.contract))
    results["python"] = json.loads(printed)
    # The smoke test leaves out the search that is not bound to the grid.
    for strategy in ("exhaustive", "race") if QUICK else ("exhaustive", "race", "tpe"):
        ours, printed = measure.run(
            [bench.millrace, "--json", "--store", bench.store, "train", "--data", bench.data, "--spec", bench.spec,
             "--strategy", strategy, "--run-id", strategy])
        results[strategy] = json.loads(printed.splitlines()[-1])["metrics"]
        section.add_costs(strategy, ours, peer)
    held_out = ", ".join(f"{name} {result['r2']:.4f}" for name, result in results.items())
    section.note(f"R2 on the held-out rows: {held_out}.")
    section.note("The peer chooses and scales the columns once, before its folds; here each fold does so for itself.")
    return section


def fairness(bench):
    """Of the rows that the search held out, which have the protected attributes beside truth and prediction."""
    section = Section(f"Differences between groups, with intervals of 1,000 draws, {ROWS // 5:,} rows", "pandas and numpy's multinomial draws")
    rows = bench.store / "runs/race/train-1/holdout.parquet"
    ours = [bench.millrace, "--json", "fairness", "--predictions", rows, "--truth", "truth", "--score", "prediction", "--spec", bench.spec]
    a, b, printed = measure.pair(ours, bench.peer("fairness", rows, bench.spec), RUNS)
    section.add_costs("", a, b)
    section.note(same_differences(*map(json.loads, printed)))
    return section


def same_differences(ours, peer):
    for attribute in ours["attributes"]:
        found = attribute["between_groups"]
        pairs = zip(("demographic_parity_difference", "equalized_odds_difference_worst_case"), peer[attribute["name"]]["differences"])
        if any(abs(found[name] - other) > 1e-9 for name, other in pairs):
            raise SystemExit(f"the differences by {attribute['name']} differ: millrace {found}; python {peer}")
    return "Both found the same differences; only ours reports on intersections, too small groups and verdicts."


def score(bench):
    section = Section(f"Scoring {ROWS:,} rows, Parquet to Parquet", "pyarrow and XGBoost's inplace_predict, vectorised")
    out, mine, number = bench.work / "peer.parquet", bench.work / "ours.parquet", iter(range(10_000))
    whole = lambda: bench.whole(f"whole-{next(number)}", bench.data, mine)
    peer = bench.peer("score", bench.data, bench.store / "runs/race/train-1", bench.spec, bench.contract, out)
    measure.run(whole())
    measure.run(peer)
    # The peer does not validate: what is compared with it is the program that scores, alone.
    a, b, _ = measure.pair(lambda: bench.scoring(f"bench-{next(number)}", "whole-0"), peer, RUNS)
    section.add_costs("", a, b)
    section.note(same_scores(bench, mine, out))
    all_of_it = measure.median([measure.run(whole())[0] for _ in range(RUNS)])
    section.note(f"`millrace score --out`, which also validates the rows: {all_of_it.wall_seconds:.2f} s wall, "
                 f"{all_of_it.cpu_seconds:.2f} s of processor time, {all_of_it.peak_mib:.0f} MiB.")
    return section


def same_scores(bench, mine, out):
    """Both wrote the same scores, or the comparison means nothing."""
    code = ("import pyarrow.parquet as p; t = p.read_table(r'%s')['engagement_score_pred'].to_numpy(); "
            "print(f'{len(t)},{t.sum():.3f}')")
    (_, ours), (_, peer) = [measure.run([bench.python, "-c", code % file]) for file in (mine, out)]
    rows, total = ours.strip().split(",")
    peer_rows, peer_total = peer.strip().split(",")
    if rows != peer_rows or abs(float(total) - float(peer_total)) > 0.0015:
        raise SystemExit(f"the scores differ: millrace {rows} rows, sum {total}; python {peer.strip()}")
    return f"Both wrote the same scores: {int(rows):,} rows, sum {float(total):,.3f}."


def kernel(bench):
    """No reading and no writing: the trees alone."""
    margins = Section("The trees alone, one thread, nanoseconds per row", "XGBoost's inplace_predict")
    reasons = Section("Shapley values, one thread, nanoseconds per row", "XGBoost's pred_contribs")
    folder = bench.work / "kernel"
    _, peer = measure.run(bench.peer("kernel", folder))
    _, ours = measure.run([bench.example, folder])
    lines = [{(d["model"], d["rows"]): d for d in map(json.loads, text.splitlines())} for text in (ours, peer)]
    for key, mine in lines[0].items():
        what = f"{key[0].replace('depth', 'depth ').replace('_trees', ', trees ')}, {'10 % missing' if key[1] == 'missing' else 'nothing missing'}"
        margins.add(what, mine["margin"], lines[1][key]["margin"], "ns")
        if key[1] == "full" and key[0].endswith("trees100"):
            reasons.add(what, mine["contributions"], lines[1][key]["contributions"], "ns")
    return [margins, reasons]


def cold_start(bench):
    return cold_starts.measure(bench.millrace.parent, "", 3 if QUICK else 30)


def growth(bench):
    """The same work on more and more rows: a straight line in time, none in memory."""
    curve = []
    for rows in GROWTH:
        days = max(1, rows // 1_000_000)
        data = bench.generate(f"growth-{rows}", rows // days, days)
        measure.run(bench.whole(f"whole-{rows}", data, bench.work / "growth.parquet"))
        cost, _ = measure.run(bench.scoring(f"growth-{rows}", f"whole-{rows}"))
        curve.append(Point(rows, cost.wall_seconds, cost.peak_mib))
        print(f"  {rows:>10,} rows: {cost.wall_seconds:.2f} s, {cost.peak_mib:.0f} MiB", flush=True)
        shutil.rmtree(data)
    return curve


def main():
    work = Path(tempfile.mkdtemp(prefix="millrace-bench-"))
    try:
        bench, sections = Bench(Path(sys.argv[1]), work), []
        parts = [validate, train, score, cold_start] + ([] if QUICK else [fairness, kernel])
        for part in parts:
            made = part(bench)
            made = made if isinstance(made, list) else [made]
            print(*made, sep="\n", flush=True)
            sections += made
        if DOCS:
            print("\nScoring more and more rows")
            write(ROOT / "docs", f"{'FULL' if FULL else 'DOCS'}=1 make bench", sections, growth(bench))
            print("written: docs/PERFORMANCE.md")
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
