"""Makes golden.json: what fairlearn 0.15.0, scipy and scikit-learn say about small cases.

Run from anywhere: python make.py (needs fairlearn==0.15.0, scipy, scikit-learn, numpy, pandas).
Missing attribute values are given to fairlearn as a group of their own, because it would turn them into a string or lose them.
"""

import json
import warnings
from pathlib import Path

import fairlearn
import numpy as np
import pandas as pd
from fairlearn import metrics as fl
from scipy.stats import pearsonr
from scipy.stats.contingency import association
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

assert fairlearn.__version__ == "0.15.0"
warnings.simplefilter("ignore")
MISSING = "~missing"


def number(value):
    value = float(value)
    return None if np.isnan(value) else value


def disparities(truth, label, groups, weights, method):
    given = dict(sensitive_features=groups, method=method, sample_weight=weights)
    odds = fl.equalized_odds_difference
    odds_ratio = fl.equalized_odds_ratio
    return {
        "demographic_parity_difference": number(fl.demographic_parity_difference(truth, label, **given)),
        "demographic_parity_ratio": number(fl.demographic_parity_ratio(truth, label, **given)),
        "equalized_odds_difference_worst_case": number(odds(truth, label, agg="worst_case", **given)),
        "equalized_odds_difference_mean": number(odds(truth, label, agg="mean", **given)),
        "equalized_odds_ratio_worst_case": number(odds_ratio(truth, label, agg="worst_case", **given)),
        "equalized_odds_ratio_mean": number(odds_ratio(truth, label, agg="mean", **given)),
        "equal_opportunity_difference": number(fl.equal_opportunity_difference(truth, label, **given)),
        "equal_opportunity_ratio": number(fl.equal_opportunity_ratio(truth, label, **given)),
    }


def by_group(truth, label, truth_score, score, groups, weights):
    """Each group's numbers; groups without rows are only counted."""
    rates = {
        "selection_rate": fl.selection_rate,
        "true_positive_rate": fl.true_positive_rate,
        "false_positive_rate": fl.false_positive_rate,
    }
    means = {"mean_score": (truth_score, score), "mean_error": (truth_score, score - truth_score)}

    def frame(metric, of_truth, of_label):
        return fl.MetricFrame(
            metrics=metric, y_true=of_truth, y_pred=of_label, sensitive_features=groups, sample_params={"sample_weight": weights}
        ).by_group

    count = fl.MetricFrame(metrics=fl.count, y_true=truth, y_pred=label, sensitive_features=groups).by_group
    columns = {name: frame(metric, truth, label) for name, metric in rates.items()}
    columns |= {name: frame(fl.mean_prediction, of_truth, of_score) for name, (of_truth, of_score) in means.items()}
    rows = {}
    for key in count.index:
        if np.isnan(count[key]):
            continue
        parts = key if isinstance(key, tuple) else (key,)
        name = " & ".join("(missing)" if part == MISSING else part for part in parts)
        rows[name] = {"count": int(count[key])} | {column: number(values[key]) for column, values in columns.items()}
    return rows, int(count.isna().sum())


def case(name, truth, score, attributes, weights=None, threshold=0.5):
    truth, score = np.asarray(truth, float), np.asarray(score, float)
    label_of_truth, label = (truth > threshold).astype(int), (score > threshold).astype(int)
    groups = pd.DataFrame({key: [MISSING if value is None else value for value in values] for key, values in attributes.items()})
    groups = groups if len(attributes) > 1 else groups.iloc[:, 0]
    weights = None if weights is None else np.asarray(weights, float)
    rows, empty = by_group(label_of_truth, label, truth, score, groups, weights)
    return {
        "name": name,
        "truth": truth.tolist(),
        "score": score.tolist(),
        "threshold": threshold,
        "attributes": attributes,
        "weights": None if weights is None else weights.tolist(),
        "between_groups": disparities(label_of_truth, label, groups, weights, "between_groups"),
        "to_overall": disparities(label_of_truth, label, groups, weights, "to_overall"),
        "groups": rows,
        "empty_cells": empty,
    }


def draw(seed, rows):
    random = np.random.default_rng(seed)
    truth = random.uniform(0, 1, rows).round(3)
    score = np.clip(truth + random.normal(0, 0.25, rows), 0, 1).round(3)
    return random, truth, score


def choose(random, words, rows, shares=None):
    return [None if word == MISSING else str(word) for word in random.choice(words, rows, p=shares)]


def fairness_cases():
    random, truth, score = draw(1, 120)
    gender = choose(random, ["f", "m", "x"], 120, [0.5, 0.4, 0.1])
    place = choose(random, ["north", "south", "east", "west"], 120)
    weights = random.uniform(0.1, 3, 120).round(3)
    with_gaps = [None if random.random() < 0.15 else value for value in gender]
    yield case("plain", truth, score, {"gender": gender})
    yield case("another threshold", truth, score, {"gender": gender}, threshold=0.7)
    yield case("weights", truth, score, {"gender": gender}, weights)
    yield case("missing values", truth, score, {"gender": with_gaps})
    yield case("one group", truth, score, {"gender": ["f"] * 120}, weights)
    yield case("intersection", truth, score, {"gender": with_gaps, "place": place}, weights)
    few = [place[row] if gender[row] == "m" else "north" for row in range(120)]
    yield case("empty cells", truth, score, {"gender": gender, "place": few})
    yield case("three attributes", truth[:60], score[:60], {"a": gender[:60], "b": place[:60], "c": with_gaps[:60]})
    no_positives = np.where(np.array(gender) == "x", truth / 4, truth)
    yield case("a group without positives", no_positives, score, {"gender": gender})
    no_negatives = np.where(np.array(gender) == "x", 0.9, truth)
    yield case("a group without negatives", no_negatives, score, {"gender": gender}, weights)
    yield case("nobody selected", truth, score / 4, {"gender": gender})
    yield case("nobody selected wrongly", truth, truth, {"gender": gender})
    yield case("everybody selected", truth, [1.0] * 120, {"gender": gender}, weights)
    yield case("no positives at all", truth / 4, score, {"gender": gender})
    yield case("no negatives at all", [1.0] * 120, score, {"gender": gender})
    yield case("labels", (truth > 0.5).astype(float), (score > 0.5).astype(float), {"gender": gender})
    yield case("two rows", [1.0, 0.0], [1.0, 0.0], {"gender": ["f", "m"]})


def eta(codes, numbers):
    """The correlation ratio by its definition; neither scipy nor scikit-learn has it."""
    frame = pd.DataFrame({"code": codes, "number": numbers})
    means = frame.groupby("code")["number"].transform("mean")
    return float(np.sqrt(((means - frame.number.mean()) ** 2).sum() / ((frame.number - frame.number.mean()) ** 2).sum()))


def association_cases():
    random = np.random.default_rng(2)
    codes = random.integers(0, 4, 150)
    other = np.where(random.random(150) < 0.4, codes, random.integers(0, 5, 150))
    left = (random.normal(0, 1, 150) + 0.5 * codes).round(3)
    right = (-0.6 * left + random.normal(0, 1, 150) + 100).round(3)
    table = pd.crosstab(other, codes).to_numpy()
    return {
        "codes": codes.tolist(),
        "other": other.tolist(),
        "left": left.tolist(),
        "right": right.tolist(),
        "correlation_ratio": eta(codes, left),
        # With two groups eta is scipy's |point-biserial r|: checks the definition above.
        "codes_in_two": (codes > 1).astype(int).tolist(),
        "correlation_ratio_in_two": abs(float(pearsonr((codes > 1).astype(float), left).statistic)),
        "cramers_v": float(association(table, method="cramer", correction=False)),
        "pearson": abs(float(pearsonr(left, right).statistic)),
    }


def probe_case():
    random = np.random.default_rng(3)
    rows = 240
    group = random.choice(3, rows, p=[0.5, 0.3, 0.2])
    inputs = random.normal(0, 1, (rows, 4)) + np.outer(group, [0.9, -0.4, 0.0, 0.1])
    inputs[:, 2] = inputs[:, 0] * 3 + random.normal(0, 0.5, rows) + 50
    inputs = inputs.round(3)
    with_gaps = inputs.copy()
    with_gaps[random.random((rows, 4)) < 0.05] = np.nan
    mean, deviation = np.nanmean(with_gaps, axis=0), np.nanstd(with_gaps, axis=0)
    standard = np.nan_to_num((with_gaps - mean) / deviation, nan=0.0)
    fold = np.arange(rows) % 5
    model = lambda: LogisticRegression(C=1 / 2.0, solver="newton-cholesky", tol=1e-12)
    whole = model().fit(standard, group == 1)
    areas = []
    for one in range(3):
        parts = []
        for held_out in range(5):
            fitted = model().fit(standard[fold != held_out], group[fold != held_out] == one)
            rest = fold == held_out
            parts.append(roc_auc_score(group[rest] == one, fitted.decision_function(standard[rest])))
        areas.append(float(np.mean(parts)))
    ties = random.integers(0, 6, 80) / 5
    answers = random.random(80) < 0.3 + 0.4 * ties
    return {
        "columns": [[number(value) for value in column] for column in with_gaps.T],
        "group": group.tolist(),
        "fold": fold.tolist(),
        "penalty": 2.0,
        "coefficients_of_group_1": whole.coef_[0].tolist() + whole.intercept_.tolist(),
        "areas": areas,
        "tied_scores": ties.tolist(),
        "tied_labels": answers.tolist(),
        "tied_area": float(roc_auc_score(answers, ties)),
    }


def main():
    golden = {"fairness": list(fairness_cases()), "association": association_cases(), "probe": probe_case()}
    path = Path(__file__).with_name("golden.json")
    path.write_text(json.dumps(golden, separators=(",", ":"), allow_nan=False) + "\n")


main()
