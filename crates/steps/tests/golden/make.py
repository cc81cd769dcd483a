"""Makes golden fills and caps with scikit-learn 1.9.1 (SimpleImputer) and numpy (quartiles): steps.json.

    python make.py
"""

import json
import pathlib

import numpy as np
from sklearn.impute import SimpleImputer

HERE = pathlib.Path(__file__).parent
NUMBERS = np.random.default_rng(5)

cases = []
for rows, digits in [(1, 2), (2, 2), (7, 1), (50, 0), (201, 3)]:
    values = np.round(NUMBERS.standard_t(2, rows) * 10, digits)
    values[NUMBERS.random(rows) < 0.2] = np.nan
    values[0] = 1.5
    column = values[:, None]
    first, third = np.nanquantile(values, [0.25, 0.75])
    low, high = first - 1.5 * (third - first), third + 1.5 * (third - first)
    capped = np.clip(column, low, high) if third > first else column
    cases.append(
        {
            "values": [None if np.isnan(v) else v for v in values],
            "range": [low, high] if third > first else None,
            "median": SimpleImputer(strategy="median").fit(column).statistics_[0],
            "mode": SimpleImputer(strategy="most_frequent").fit(column).statistics_[0],
            "median_of_capped": SimpleImputer(strategy="median").fit(capped).statistics_[0],
        }
    )
(HERE / "steps.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")
