"""Writes parity.json and association.json: what fairlearn, scipy and scikit-learn say.

python make.py, with fairlearn 0.15.0, scipy 1.17.1 and scikit-learn 1.9.1. NaN is written as null.
"""

import json
import math
import pathlib
import warnings

import fairlearn.metrics as fl
import numpy as np
import pandas as pd
import scipy.stats
import sklearn.metrics

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

    cases = [case("plain", *scores(240), {"gender": words(240, ["woman", "man", "other"])})]
    cases.append(case("weights", *scores(240), {"gender": words(240, ["woman", "man", "other"])},
                      random.gamma(2.0, 1.5, 240).round(4)))
    weights = random.integers(0, 3, 200)
    cases.append(case("weights of zero", *scores(200), {"gender": words(200, ["a", "b"])}, weights))
    cases.append(case("missing values", *scores(200), {"gender": words(200, ["woman", "man"], missing=0.2)}))
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
    cases.append(case("an intersection", *scores(300),
                      {"gender": words(300, ["woman", "man"]), "location": words(300, ["north", "south", "east"])}))
    cases.append(case("empty cells", *binary(24), {
        "gender": list("aaaaaaaabbbbbbbbcccccccc"), "location": list("xxxxyyyyxxxxxxxxyyyyyyyy")}))
    cases.append(case("an intersection with missing values and weights", *scores(300), {
        "gender": words(300, ["woman", "man"], missing=0.1),
        "location": words(300, ["north", "south", "east"], missing=0.1)},
        random.gamma(2.0, 1.0, 300).round(4)))
    cases.append(case("three attributes, many empty cells", *binary(40), {
        "age": words(40, ["young", "middle", "old"]),
        "gender": words(40, ["woman", "man", "other"], missing=0.1),
        "location": words(40, ["north", "south", "east", "west"])}))
    return {"threshold": THRESHOLD, "cases": cases}


def correlation_ratio(numbers, words):
    """From the F of a one-way analysis of variance: eta^2 = F (k-1) / (F (k-1) + n-k)."""
    parts = [numbers[words == word] for word in np.unique(words)]
    f = scipy.stats.f_oneway(*parts).statistic
    between, within = len(parts) - 1, len(numbers) - len(parts)
    return math.sqrt(f * between / (f * between + within))


def association():
    random = np.random.default_rng(7)
    eta, cramer, pearson, area = [], [], [], []
    for rows, kinds, pull in [(50, 2, 0.0), (120, 3, 0.5), (200, 5, 2.0), (80, 4, 0.1)]:
        codes = random.integers(0, kinds, rows)
        numbers = (random.normal(0, 1, rows) + pull * codes + 1000).round(4)
        eta.append({"codes": codes.tolist(), "numbers": numbers.tolist(), "expected": correlation_ratio(numbers, codes)})
        other = np.where(random.random(rows) < pull / 3, codes % 3, random.integers(0, 3, rows))
        table = pd.crosstab(codes, other).to_numpy()
        v = scipy.stats.contingency.association(table, method="cramer", correction=False)
        cramer.append({"left": codes.tolist(), "right": other.tolist(), "expected": float(v)})
        second = (numbers * pull + random.normal(0, 2, rows)).round(4)
        r = abs(scipy.stats.pearsonr(numbers, second).statistic)
        pearson.append({"left": numbers.tolist(), "right": second.tolist(), "expected": float(r)})
        truth = (codes > kinds // 2).astype(int) if kinds > 2 else codes
        score = (random.normal(0, 1, rows) + pull * truth).round(1)  # rounded, for ties
        expected = sklearn.metrics.roc_auc_score(truth, score)
        area.append({"truth": truth.tolist(), "score": score.tolist(), "expected": float(expected)})
    return {"correlation_ratio": eta, "cramers_v": cramer, "pearson": pearson, "area_under_curve": area}


for name, content in [("parity.json", parity()), ("association.json", association())]:
    text = json.dumps(content, allow_nan=False)
    (HERE / name).write_text(text.replace('{"name"', '\n{"name"') + "\n")
