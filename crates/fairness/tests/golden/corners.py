"""Writes corners.json: what fairlearn 0.15.0 says where counts are tiny, zero or missing. NaN is written as null.

make.py beside it draws ordinary tables; here most cases are written by hand, so that a reader can follow them.
"""

import json
import math
import pathlib
import warnings

import fairlearn.metrics as fl
import numpy as np
import pandas as pd

HERE = pathlib.Path(__file__).parent
MISSING = "\x7fmissing"  # fairlearn refuses None; here it stands for it.
THRESHOLD = 0.5

warnings.filterwarnings("ignore")


def plain(value):
    """A Python number; NaN becomes null."""
    value = float(value)
    return None if math.isnan(value) else value


def measures(truth, prediction, features, weights, method):
    common = {"sensitive_features": features, "sample_weight": weights, "method": method}

    def of(function, **more):
        return plain(function(truth, prediction, **common, **more))

    return {
        "demographic_parity_difference": of(fl.demographic_parity_difference),
        "demographic_parity_ratio": of(fl.demographic_parity_ratio),
        "equalized_odds_difference_worst_case": of(fl.equalized_odds_difference, agg="worst_case"),
        "equalized_odds_difference_mean": of(fl.equalized_odds_difference, agg="mean"),
        "equalized_odds_ratio_worst_case": of(fl.equalized_odds_ratio, agg="worst_case"),
        "equalized_odds_ratio_mean": of(fl.equalized_odds_ratio, agg="mean"),
        "equal_opportunity_difference": of(fl.equal_opportunity_difference),
        "equal_opportunity_ratio": of(fl.equal_opportunity_ratio),
    }


def mean_score(truth, score, sample_weight=None):
    return np.average(score, weights=sample_weight)


def mean_error(truth, score, sample_weight=None):
    return np.average(np.asarray(score) - np.asarray(truth), weights=sample_weight)


def groups(truth_score, score, truth, prediction, features, weights):
    labelled = {
        "selection_rate": fl.selection_rate,
        "true_positive_rate": fl.true_positive_rate,
        "false_positive_rate": fl.false_positive_rate,
    }
    numbers = {"mean_score": mean_score, "mean_error": mean_error}

    def frame(functions, y_true, y_pred):
        parameters = {name: {"sample_weight": weights} for name in functions}
        return fl.MetricFrame(
            metrics=functions,
            y_true=y_true,
            y_pred=y_pred,
            sensitive_features=features,
            sample_params=parameters if weights is not None else None,
        )

    by_label = frame(labelled, truth, prediction)
    by_score = frame(numbers, truth_score, score)
    counts = features.assign(positive=truth).groupby(list(features.columns))["positive"].agg(["size", "sum"])
    rows = []
    for key, rates in by_label.by_group.iterrows():
        if rates.isna().any():
            continue  # an empty cell of the product
        words = key if isinstance(key, tuple) else (key,)
        size = counts.loc[key]
        rows.append(
            {
                "key": [None if word == MISSING else word for word in words],
                "count": int(size["size"]),
                "positives": int(size["sum"]),
                "negatives": int(size["size"] - size["sum"]),
                **{name: float(rates[name]) for name in labelled},
                **{name: float(by_score.by_group.loc[key][name]) for name in numbers},
            }
        )
    overall = {name: float(by_label.overall[name]) for name in labelled}
    overall |= {name: float(by_score.overall[name]) for name in numbers}
    return rows, overall


def case(name, truth_score, score, attributes, weights=None):
    truth_score, score = np.asarray(truth_score, float), np.asarray(score, float)
    truth, prediction = (truth_score > THRESHOLD).astype(int), (score > THRESHOLD).astype(int)
    features = pd.DataFrame({k: [MISSING if v is None else v for v in vs] for k, vs in attributes.items()})
    weights = None if weights is None else np.asarray(weights, float)
    rows, overall = groups(truth_score, score, truth, prediction, features, weights)
    return {
        "name": name,
        "truth": truth_score.tolist(),
        "score": score.tolist(),
        "attributes": attributes,
        "weights": None if weights is None else weights.tolist(),
        "between_groups": measures(truth, prediction, features, weights, "between_groups"),
        "to_overall": measures(truth, prediction, features, weights, "to_overall"),
        "groups": rows,
        "overall": overall,
    }


def parity():
    random = np.random.default_rng(20261121)

    def words(rows, choices, missing=0.0):
        picked = random.choice(choices, rows).tolist()
        return [None if random.random() < missing else word for word in picked]

    def scores(rows):
        truth = random.random(rows).round(3)
        return truth, np.clip(truth + random.normal(0, 0.25, rows), 0, 1).round(3)

    def binary(rows):
        return random.integers(0, 2, rows), random.integers(0, 2, rows)

    cases = []
    weights = random.integers(0, 3, 100)
    cases.append(case("weights of zero", *scores(100), {"gender": words(100, ["a", "b"])}, weights))
    cases.append(case("missing values", *scores(100), {"gender": words(100, ["woman", "man"], missing=0.2)}))
    cases.append(case("one group", *scores(60), {"gender": ["only"] * 60}))
    cases.append(case("one row", [1], [1], {"gender": ["only"]}))
    cases.append(case("a group without positives", [0, 0, 0, 1, 1, 0, 1, 0], [1, 0, 0, 1, 0, 1, 1, 0],
                      {"gender": list("aaabbbbb")}))
    cases.append(case("a group without negatives", [1, 1, 1, 1, 1, 0, 1, 0], [1, 0, 1, 1, 0, 1, 1, 0],
                      {"gender": list("aaabbbbb")}))
    cases.append(case("no positives at all", [0] * 8, [1, 0, 0, 1, 0, 1, 1, 0], {"gender": list("aaabbbbb")}))
    cases.append(case("no negatives at all", [1] * 8, [1, 0, 0, 1, 0, 1, 1, 0], {"gender": list("aaabbbbb")}))
    cases.append(case("nobody selected", [1, 0, 0, 1, 0, 1, 1, 0], [0] * 8, {"gender": list("aaabbbbb")}))
    cases.append(case("everybody selected", [1, 0, 0, 1, 0, 1, 1, 0], [1] * 8, {"gender": list("aaabbbbb")}))
    cases.append(case("one group selected entirely", [1, 0, 0, 1, 0, 1, 1, 0], [1, 1, 1, 0, 0, 0, 0, 0],
                      {"gender": list("aaabbbbb")}))
    cases.append(case("scores at the threshold", [0.5, 0.5, 0.500001, 0.499999, 1, 0], [0.5, 0.51, 0.5, 0.5, 0.6, 0.5],
                      {"gender": list("aabbab")}))
    cases.append(case("empty cells", *binary(24), {
        "gender": list("aaaaaaaabbbbbbbbcccccccc"), "location": list("xxxxyyyyxxxxxxxxyyyyyyyy")}))
    cases.append(case("an intersection with missing values and weights", *scores(160), {
        "gender": words(160, ["woman", "man"], missing=0.1),
        "location": words(160, ["north", "south", "east"], missing=0.1)},
        random.gamma(2.0, 1.0, 160).round(4)))
    cases.append(case("three attributes, many empty cells", *binary(40), {
        "age": words(40, ["young", "middle", "old"]),
        "gender": words(40, ["woman", "man", "other"], missing=0.1),
        "location": words(40, ["north", "south", "east", "west"])}))
    return {"threshold": THRESHOLD, "cases": cases}


content = json.dumps(parity(), allow_nan=False).replace('{"name"', '\n{"name"')
(HERE / "corners.json").write_text(content + "\n")
