"""Makes golden calibrations and thresholds with scikit-learn 1.9.1 (numpy, scipy): calibration.json.

    python make.py
"""

import json
import pathlib

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logit
from sklearn.calibration import _sigmoid_calibration
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import precision_recall_curve

HERE = pathlib.Path(__file__).parent
NUMBERS = np.random.default_rng(42)


def platt(p, y):
    odds = logit(np.clip(p, 1e-15, 1 - 1e-15))
    # scikit-learn's own stops early: its slope and intercept begin a search that goes on to the end.
    a, b = _sigmoid_calibration(odds, y)
    high, low = (y.sum() + 1) / (y.sum() + 2), 1 / ((1 - y).sum() + 2)
    target = np.where(y == 1, high, low)

    def loss(ab):
        z = ab[0] * odds + ab[1]
        return (np.logaddexp(0, z) - target * z).sum()

    def slope(ab):
        left = expit(ab[0] * odds + ab[1]) - target
        return np.array([(left * odds).sum(), left.sum()])

    end = minimize(loss, [-a, -b], jac=slope, method="BFGS", options={"gtol": 1e-11}).x
    assert np.abs(end - [-a, -b]).max() < 1e-2, (end, a, b)
    return end


def case(rows, digits, bend):
    truth = (NUMBERS.random(rows) < 0.3).astype(int)
    truth[:2] = [0, 1]
    p = np.round(expit(bend * NUMBERS.normal(1.6 * truth - 0.8, 1.0) - 0.5), digits)
    grid = np.round(np.linspace(0, 1, 41), 3)
    isotonic = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(p, truth)
    slope, intercept = platt(p, truth)
    precision, recall, thresholds = precision_recall_curve(truth, p)
    precision, recall = precision[:-1], recall[:-1]
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-300)
    costs = [((p >= t) & (truth == 0)).sum() + 20 * ((p < t) & (truth == 1)).sum() for t in thresholds]
    return {
        "truth": truth.tolist(),
        "given": p.tolist(),
        "grid": grid.tolist(),
        "isotonic": isotonic.predict(grid).tolist(),
        "platt": [slope, intercept],
        "f1": float(f1.max()),
        "precision_at_recall_80": float(precision[recall >= 0.8].max()),
        "recall_at_precision_50": float(recall[precision >= 0.5].max()),
        "cost_1_20": int(min(costs)),
    }


def main():
    cases = [case(40, 2, 1.0), case(200, 1, 2.5), case(500, 3, 0.4), case(500, 12, 3.0)]
    (HERE / "calibration.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
