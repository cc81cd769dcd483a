"""Makes the golden numbers of this folder with scikit-learn 1.9.1, pandas 3.1.1 and numpy.

    python make.py

NaN is written as null.
"""

import json
import math
import pathlib
import warnings

import numpy as np
import pandas as pd
from sklearn.feature_selection import SelectKBest, f_regression
from sklearn.model_selection import KFold, train_test_split
from sklearn.preprocessing import StandardScaler

warnings.simplefilter("ignore")
HERE = pathlib.Path(__file__).parent


def plain(values):
    return [None if math.isnan(x) else float(x) for x in values]


def write(name, document):
    (HERE / name).write_text(json.dumps(document, indent=None, separators=(",", ":")) + "\n")


def columns(random, rows):
    y = random.random(rows)
    missing = random.normal(size=rows) + y
    missing[random.random(rows) < 0.3] = np.nan
    return y, {
        "noise": random.normal(size=rows),
        "signal": 2 * y + random.normal(size=rows) * 0.3,
        "against": 1 - y + random.normal(size=rows) * 0.01,
        "constant": np.full(rows, 3.25),
        "nearly_constant": np.full(rows, 0.1),
        "far_from_zero": 1e6 + y + random.normal(size=rows),
        "tiny": 1e-9 * random.normal(size=rows),
        "boolean": (y + random.normal(size=rows) > 0.5).astype(float),
        "rank": np.floor(4 * random.random(rows)),
        "missing": missing,
        "one_value": np.where(np.arange(rows) == 3, 2.0, np.nan),
        "nothing": np.full(rows, np.nan),
    }


def regression():
    cases = []
    for seed, rows in [(1, 12), (2, 57), (3, 400)]:
        y, table = columns(np.random.default_rng(seed), rows)
        table["perfect"] = 3 * y - 1
        answers = {}
        for name, x in table.items():
            present = ~np.isnan(x)
            if present.sum() < 2:
                continue
            f, p = f_regression(x[present].reshape(-1, 1), y[present])
            answers[name] = [float(f[0]), float(p[0])]
        cases.append(
            {
                "target": plain(y),
                "columns": {name: plain(x) for name, x in table.items()},
                "answers": answers,
            }
        )
    write("regression.json", cases)


def k_best():
    cases = []
    scores = [
        [1.0, 2.0, 2.0, 2.0, 0.5],
        [3.0, 3.0, 3.0, 3.0],
        [math.nan, 1.0, math.nan, 0.0, 7.0, 7.0, 1.0],
        [math.nan, math.nan, math.nan],
        [0.0, 1e300, 1.7976931348623157e308, 0.0],
    ]
    for row in scores:
        for k in range(1, len(row) + 1):
            select = SelectKBest(lambda x, y, row=row: np.array(row), k=k)
            select.fit(np.zeros((3, len(row))), np.arange(3.0))
            cases.append({"scores": plain(row), "k": k, "kept": select.get_support(indices=True).tolist()})
    write("k_best.json", cases)


def scaler():
    cases = []
    for seed, rows in [(4, 9), (5, 33), (6, 257)]:
        _, table = columns(np.random.default_rng(seed), rows)
        table["offset"] = 1e8 + 1e-9 * np.arange(rows)
        table["large"] = 1e150 * np.random.default_rng(seed).normal(size=rows)
        del table["nothing"]  # scikit-learn gives NaN there, a recipe must not
        frame = pd.DataFrame(table)
        fitted = StandardScaler().fit(frame)
        scaled = fitted.transform(frame)
        cases.append(
            {
                "columns": {name: plain(frame[name]) for name in frame},
                "mean": dict(zip(frame, plain(fitted.mean_))),
                "scale": dict(zip(frame, plain(fitted.scale_))),
                "scaled": {name: plain(scaled[:, j].astype(np.float32)) for j, name in enumerate(frame)},
            }
        )
    write("scaler.json", cases)


def formula_target(rows, kind):
    """A target that the test can compute too: whole-number arithmetic and one division."""
    i = np.arange(rows, dtype=np.int64)
    base = (i * 7919 + 12345) % 10007
    if kind == "even":
        return base / 10007.0
    if kind == "skewed":
        return (base * base % 99991) * (base % 17) / (99991.0 * 16.0)
    return np.floor(base / 2502.0) / 3.0  # four values


def digest(indices):
    total = 0
    for position, index in enumerate(indices):
        total = (total * 1000003 + int(index) + position) % (1 << 61)
    return total


def split():
    cases = []
    for rows in [6, 9, 20, 21, 57, 100, 999, 100_000]:
        for kind in ["even", "skewed", "few"]:
            for bins, share, seed in [(4, 0.2, 42), (4, 0.33, 7), (1, 0.2, 42), (3, 0.25, 0)]:
                y = formula_target(rows, kind)
                strata = None if bins == 1 else pd.cut(y, bins=bins, labels=False)
                case = {"rows": rows, "kind": kind, "bins": bins, "share": share, "seed": seed}
                try:
                    train, test = train_test_split(
                        np.arange(rows), test_size=share, random_state=seed, stratify=strata
                    )
                except ValueError:
                    cases.append(case | {"refused": True})
                    continue
                if rows <= 57:
                    case |= {"training": train.tolist(), "holdout": test.tolist()}
                cases.append(
                    case | {"training_digest": digest(train), "holdout_digest": digest(test)}
                )
    folds = [
        {"rows": rows, "folds": k, "sizes": [[int(t[0]), int(t[-1]) + 1] for _, t in KFold(k).split(np.zeros(rows))]}
        for rows, k in [(5, 5), (7, 5), (80_000, 5), (23, 4), (10, 3)]
    ]
    write("split.json", {"splits": cases, "folds": folds})


regression()
k_best()
scaler()
split()
