"""The same differences between groups, with intervals from 1,000 draws within the groups, in numpy: the quickest way that
Python has, for only the four counts of a group matter, and those of all draws come from one call.

usage: peer_fairness.py PREDICTIONS SPEC     prints a line of JSON: the differences, and their intervals, by attribute
"""

import json
import sys
import tomllib

import numpy as np
import pandas as pd

SEED = 42
PERCENTILES = [2.5, 97.5]


def rates(counts):
    """Selection rate, true and false positive rate of groups; the last axis holds the counts by truth and selection."""
    negative, false_positive, missed, true_positive = np.moveaxis(counts, -1, 0)
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(np.stack([
            (false_positive + true_positive) / counts.sum(axis=-1),
            true_positive / (missed + true_positive),
            false_positive / (negative + false_positive),
        ]))


def differences(counts):
    """Demographic parity and equalized odds, the worst case of both rates. The groups lie on the axis before the last."""
    selection, true_positive, false_positive = np.ptp(rates(counts), axis=-1)
    return np.stack([selection, np.maximum(true_positive, false_positive)])


def judge(groups, cells, draws, generator):
    counts = np.stack([np.bincount(cells[groups == group], minlength=4) for group in range(groups.max() + 1)])
    drawn = np.stack([generator.multinomial(row.sum(), row / row.sum(), size=draws) for row in counts], axis=1)
    intervals = np.percentile(differences(drawn), PERCENTILES, axis=1)
    return {"differences": differences(counts).tolist(), "intervals": intervals.T.tolist()}


def main():
    with open(sys.argv[2], "rb") as file:
        gate = tomllib.load(file)["fairness"]
    frame = pd.read_parquet(sys.argv[1], columns=["truth", "prediction", *gate["attributes"]])
    threshold = gate["threshold"]
    cells = 2 * (frame["truth"].to_numpy() > threshold) + (frame["prediction"].to_numpy() > threshold)
    generator = np.random.default_rng(SEED)
    found = {}
    for name in gate["attributes"]:
        values = frame[name]
        if name in gate.get("bands", {}):
            values = np.searchsorted(gate["bands"][name], values.to_numpy(), side="right")
        groups = pd.factorize(values, use_na_sentinel=False)[0]
        found[name] = judge(groups, cells, gate["bootstrap_draws"], generator)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
