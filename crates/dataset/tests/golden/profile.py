"""Writes profile.csv and profile.json: a small table, and what pandas and numpy say of its columns.

Run with pandas 3.1.1 and numpy 2.4.6: python profile.py
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd

FOLDER = Path(__file__).parent
ROWS = 3_001
QUANTILES = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99]


def table() -> pd.DataFrame:
    random = np.random.default_rng(7)
    frame = pd.DataFrame(
        {
            "visit_id": [f"V{number}" for number in range(ROWS)],
            "day": random.choice(["2026-10-30", "2026-10-31", "2026-11-01"], ROWS),
            "minutes": np.round(random.gamma(2.0, 30.0, ROWS), 3),
            "visits": random.poisson(3.0, ROWS),
            "member": random.random(ROWS) < 0.3,
            "plan": random.choice(["free", "plus", "pro"], ROWS, p=[0.6, 0.3, 0.1]),
            "score": random.beta(2.0, 3.0, ROWS),
        }
    )
    frame.loc[random.random(ROWS) < 0.07, "minutes"] = np.nan
    frame.loc[random.random(ROWS) < 0.05, "plan"] = None
    return frame


def numbers(column: pd.Series) -> dict:
    column = column.dropna().astype("float64")
    return {
        "minimum": column.min(),
        "maximum": column.max(),
        "mean": column.mean(),
        "deviation": column.std(ddof=0),
        "quantiles": column.quantile(QUANTILES).tolist(),
    }


def main() -> None:
    table().to_csv(FOLDER / "profile.csv", index=False)
    frame = pd.read_csv(FOLDER / "profile.csv")
    golden = {}
    for name in frame.columns:
        column = frame[name]
        counts = column.value_counts()
        golden[name] = {
            "count": len(column),
            "missing": int(column.isna().sum()),
            "distinct": int(column.nunique()),
            "largest_count": int(counts.iloc[0]),
        }
        if name in ("minutes", "visits", "member", "score"):
            golden[name]["numbers"] = numbers(column)
    (FOLDER / "profile.json").write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()
