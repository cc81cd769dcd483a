"""Makes golden numbers of every measure with scikit-learn 1.9.1 (numpy): every.json.

    python every.py

What scikit-learn does not have (lift, Gini, decile lift) is computed here the long way round: each row of a tie gets the
tie's mean, and then places are counted.
"""

import json
import pathlib
import warnings

import numpy as np
from sklearn import metrics as m
from sklearn.calibration import calibration_curve

HERE = pathlib.Path(__file__).parent
NUMBERS = np.random.default_rng(16)
LEVELS = [5, 10, 20, 25, 50, 75, 80, 90, 95]
warnings.simplefilter("ignore")


def shared(order_by, values, weights):
    """Values in the order of the keys, falling; rows of equal keys have the mean of their values."""
    values = values.astype(float).copy()
    for key in np.unique(order_by):
        tie = order_by == key
        if weights[tie].sum() > 0:
            values[tie] = np.average(values[tie], weights=weights[tie])
    order = np.argsort(-order_by, kind="stable")
    return values[order], weights[order]


def part(order_by, values, weights, low, high):
    """The total of what lies between two shares of the rows, from the highest key down."""
    values, weights = shared(order_by, values, weights)
    ends = np.cumsum(weights)
    starts = ends - weights
    low, high = low * ends[-1], high * ends[-1]
    inside = np.clip(np.minimum(ends, high) - np.maximum(starts, low), 0, None)
    return (values * inside).sum() / (high - low)


def lift(order_by, values, weights, low, high):
    return part(order_by, values, weights, low, high) / np.average(values, weights=weights)


def gini(order_by, values, weights):
    values, weights = shared(-order_by, values, weights)
    x = np.concatenate([[0], np.cumsum(weights)]) / weights.sum()
    y = np.concatenate([[0], np.cumsum(weights * values)]) / (weights * values).sum()
    return 1 - 2 * m.auc(x, y)


def numbers(truth, predictions, weights):
    p = predictions.astype(np.float64)
    given = {} if weights is None else {"sample_weight": weights}
    w = np.ones(len(truth)) if weights is None else weights
    positive = (truth > -1).all() and (p > -1).all()
    has_total = (truth >= 0).all() and truth.sum() > 0
    values = {
        "r2": m.r2_score(truth, p, **given),
        "rmse": m.root_mean_squared_error(truth, p, **given),
        "mae": m.mean_absolute_error(truth, p, **given),
        "rmsle": m.root_mean_squared_log_error(truth, p, **given) if (truth >= 0).all() and (p >= 0).all() else None,
        "mape": m.mean_absolute_percentage_error(truth, p, **given),
        "gini": gini(p, truth, w) / gini(truth, truth, w) if has_total and len(set(truth)) > 1 else None,
        "decile_lift": lift(p, truth, w, 0.0, 0.1) if has_total else None,
    }
    assert positive
    for level in LEVELS:
        values[f"quantile_loss_{level}"] = m.mean_pinball_loss(truth, p, alpha=level / 100, **given)
    deciles = [lift(p, truth, w, k / 10, (k + 1) / 10) for k in range(10)] if has_total else None
    return {
        "truth": truth.tolist(),
        "predictions": p.tolist(),
        "weights": None if weights is None else weights.tolist(),
        "values": values,
        "deciles": deciles,
    }


def calibration(truth, p, weights):
    """scikit-learn's bins; the sum over bins, each weighted by its rows."""
    edges = np.linspace(0, 1, 11)
    bins = np.searchsorted(edges[1:-1], p)
    if weights is None:
        shares, means = calibration_curve(truth, p, n_bins=10)
        counts = np.array([(bins == b).sum() for b in range(10)])
        return float(np.abs(shares - means) @ counts[counts > 0] / len(p))
    off = [abs((weights * (p - truth))[bins == b].sum()) for b in range(10)]
    return sum(off) / weights.sum()


def of_labels(truth, label, given, both):
    values = {
        "accuracy": m.accuracy_score(truth, label, **given),
        "balanced_accuracy": m.balanced_accuracy_score(truth, label, **given) if both else None,
        "mcc": m.matthews_corrcoef(truth, label, **given) if both else None,
    }
    for name, score in [("precision", m.precision_score), ("recall", m.recall_score), ("f1", m.f1_score)]:
        for kind in ("macro", "weighted"):
            values[f"{name}_{kind}"] = score(truth, label, average=kind, **given)
    return values


def binary(truth, p, threshold, weights):
    given = {} if weights is None else {"sample_weight": weights}
    w = np.ones(len(truth)) if weights is None else weights
    label = (p >= threshold).astype(int)
    both = 0 < truth.sum() < len(truth)
    values = of_labels(truth, label, given, both)
    values |= {
        "log_loss": m.log_loss(truth, p, labels=[0, 1], **given),
        "brier": m.brier_score_loss(truth, p, labels=[0, 1], **given),
        "calibration_error": calibration(truth, p, weights),
        "precision": m.precision_score(truth, label, **given) if label.any() else None,
        "recall": m.recall_score(truth, label, **given) if truth.any() else None,
        "f1": m.f1_score(truth, label, **given) if truth.any() else None,
    }
    fpr, tpr, _ = m.roc_curve(truth, p, drop_intermediate=False, **given) if both else (None, None, None)
    values |= {
        "auc_roc": m.roc_auc_score(truth, p, **given) if both else None,
        "auc_pr": m.average_precision_score(truth, p, **given) if both else None,
        "ks": float(np.abs(tpr - fpr).max()) if both else None,
    }
    for percent in (1, 5, 10):
        values[f"lift_at_{percent}_percent"] = lift(p, truth, w, 0, percent / 100) if both else None
    return {
        "truth": truth.tolist(),
        "probabilities": p.tolist(),
        "threshold": threshold,
        "weights": None if weights is None else weights.tolist(),
        "values": values,
        "confusion": m.confusion_matrix(truth, label, labels=[0, 1], **given).tolist(),
    }


def many(truth, p, weights):
    given = {} if weights is None else {"sample_weight": weights}
    classes = list(range(p.shape[1]))
    label = p.argmax(axis=1)
    values = of_labels(truth, label, given, True)
    one_by_one = [calibration((truth == c).astype(int), p[:, c], weights) for c in classes]
    hot = np.eye(len(classes))[truth]
    values |= {
        "log_loss": m.log_loss(truth, p, labels=classes, **given),
        "brier": m.brier_score_loss(truth, p, labels=classes, **given),
        "calibration_error": float(np.mean(one_by_one)),
        # One class against all others: scikit-learn's own multi-class AUC takes no labels that are not there.
        "auc_roc": float(np.mean([m.roc_auc_score(hot[:, c], p[:, c], **given) for c in classes])),
        "auc_pr": m.average_precision_score(hot, p, average="macro", **given),
    }
    return {
        "truth": truth.tolist(),
        "classes": len(classes),
        "probabilities": p.ravel().tolist(),
        "weights": None if weights is None else weights.tolist(),
        "values": values,
        "confusion": m.confusion_matrix(truth, label, labels=classes, **given).tolist(),
    }


def main():
    weights = lambda rows: np.round(NUMBERS.gamma(1.0, 1.0, rows), 3)
    of_numbers, two, more = [], [], []
    for rows, digits in [(7, 2), (60, 3), (250, 1), (250, 6)]:
        truth = np.round(np.exp(NUMBERS.normal(0, 1.2, rows)), 2) * (NUMBERS.random(rows) > 0.2)
        guess = np.round(truth * np.exp(NUMBERS.normal(0, 0.5, rows)) + 0.1, digits).astype(np.float32)
        of_numbers += [numbers(truth, guess, None), numbers(truth, guess, weights(rows))]
    signed = NUMBERS.normal(0, 0.3, 50).clip(-0.9)
    of_numbers.append(numbers(signed, (signed * 0.8).astype(np.float32), None))
    of_numbers.append(numbers(np.array([1.5, 1.5]), np.array([1.5, 2.5], np.float32), None))

    for rows, digits, rate in [(6, 2, 0.5), (80, 1, 0.3), (300, 3, 0.1), (300, 12, 0.5)]:
        truth = (NUMBERS.random(rows) < rate).astype(int)
        truth[:2] = [0, 1]
        p = np.round(1 / (1 + np.exp(-NUMBERS.normal(2.0 * truth - 1, 1.0))), digits)
        for threshold in (0.5, 0.13):
            two += [binary(truth, p, threshold, None), binary(truth, p, threshold, weights(rows))]
    certain = np.array([0.0, 1.0, 1.0, 0.0, 1e-300, 1 - 2**-53, 0.5, 0.3, 0.7, 0.1])
    two.append(binary(np.array([1, 0, 1, 0, 1, 0, 1, 0, 1, 0]), certain, 0.5, None))
    two.append(binary(np.array([0, 1, 1, 0]), np.full(4, 0.4), 0.5, None))
    two.append(binary(np.zeros(5, int), np.array([0.1, 0.2, 0.6, 0.7, 0.9]), 0.5, None))
    two.append(binary(np.ones(5, int), np.array([0.1, 0.2, 0.6, 0.7, 0.9]), 0.5, None))

    for rows, classes, quarters in [(40, 3, True), (200, 5, False), (200, 4, True)]:
        truth = np.concatenate([np.arange(classes), NUMBERS.integers(0, classes, rows - classes)])
        p = np.exp(NUMBERS.normal(0, 1, (rows, classes)) + 1.2 * np.eye(classes)[truth])
        p /= p.sum(axis=1, keepdims=True)
        if quarters:  # many ties, and certainties
            p = np.floor(p * 8) / 8
            p[:, 0] += 1 - p.sum(axis=1)
        more += [many(truth, p, None), many(truth, p, weights(rows))]

    document = {"numbers": of_numbers, "binary": two, "many": more}
    (HERE / "every.json").write_text(json.dumps(document, indent=None, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
