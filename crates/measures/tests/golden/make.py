"""Makes golden numbers with scikit-learn 1.9.1 and pandas 3.1.1: measures.json.

    python make.py

Each case is a table by whole-number arithmetic, so that the test makes the same one.
"""

import json
import pathlib

import numpy as np
import pandas as pd
from sklearn.metrics import mean_absolute_error, r2_score, recall_score, root_mean_squared_error

HERE = pathlib.Path(__file__).parent
EDGES, LABELS = [0.3, 0.5, 0.7], ["Low", "Medium", "High", "Very High"]


def table(rows, factor, spread):
    i = np.arange(rows, dtype=np.int64)
    truth = ((i * factor + i * i % 89) % 97) / 100.0
    noise = ((i * 31 + 7) % 23 - 11) / 11.0
    predictions = (truth + spread * noise + 0.013).astype(np.float32)
    return truth, predictions


def tier(values):
    return pd.cut(values, [-np.inf, *EDGES, np.inf], labels=LABELS).astype(str)


def difference(truth, candidate, other):
    """R2 of two models on the same rows, less each other, with the delta method's 95 % interval."""
    centred = (truth - truth.mean()) ** 2
    gained = (truth - other) ** 2 - (truth - candidate) ** 2
    value = r2_score(truth, candidate) - r2_score(truth, other)
    influence = (gained - value * centred) / centred.mean()
    reach = 1.959963984540054 * influence.std(ddof=1) / np.sqrt(len(truth))
    return {"value": value, "low": value - reach, "high": value + reach}


cases = []
for rows, factor, spread in [(5, 7, 0.1), (50, 13, 0.2), (1000, 29, 0.05), (1000, 29, 0.4)]:
    truth, predictions = table(rows, factor, spread)
    _, other = table(rows, factor, spread * 1.1)
    wide = predictions.astype(np.float64)
    # What is written: clipped to 0 and 1, rounded to three digits, then put into tiers.
    written = np.round(np.clip(wide, 0, 1), 3)
    true_tier, predicted_tier = tier(truth), tier(written)
    recalls = recall_score(true_tier, predicted_tier, labels=LABELS, average=None, zero_division=np.nan)
    inside = [true_tier == label for label in LABELS]
    cases.append(
        {
            "rows": rows,
            "factor": factor,
            "spread": spread,
            "r2": r2_score(truth, wide),
            "rmse": root_mean_squared_error(truth, wide),
            "mae": mean_absolute_error(truth, wide),
            "clipped": int(((wide < 0) | (wide > 1)).sum()),
            "tiers": [
                {
                    "label": label,
                    "rows": int(of.sum()),
                    "predicted": int((predicted_tier == label).sum()),
                    "recall": float(recall) if of.any() else None,
                    "rmse": root_mean_squared_error(truth[of], wide[of]) if of.any() else None,
                    "mae": mean_absolute_error(truth[of], wide[of]) if of.any() else None,
                }
                for label, of, recall in zip(LABELS, inside, recalls)
            ],
            "difference": difference(truth, wide, other.astype(np.float64)),
        }
    )

constant = [
    {"truth": [1.5, 1.5], "predictions": predictions, "r2": r2_score([1.5, 1.5], predictions)}
    for predictions in ([1.5, 1.5], [1.5, 2.5])
]
document = {"cases": cases, "constant": constant}
(HERE / "measures.json").write_text(json.dumps(document, indent=1) + "\n")
