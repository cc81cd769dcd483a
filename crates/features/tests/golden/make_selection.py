"""Chooses the features of the default data with pandas and scikit-learn: selection.json.

    millrace generate --out DATA          (no other options: the default data)
    python make_selection.py DATA ../../../../models/engagement.toml
"""

import json
import pathlib
import sys
import tomllib

import numpy as np
import pandas as pd
from sklearn.feature_selection import SelectKBest, f_regression
from sklearn.model_selection import train_test_split

HERE = pathlib.Path(__file__).parent
data, spec_path = map(pathlib.Path, sys.argv[1:3])
spec = tomllib.loads(spec_path.read_text())
contract = tomllib.loads((spec_path.parent / spec["contract"]).read_text())["columns"]
table = pd.concat([pd.read_parquet(p) for p in sorted(data.rglob("*.parquet"))], ignore_index=True)

target = table[spec["target"]]
split = spec["split"]
training, holdout = train_test_split(
    table,
    test_size=split["holdout_share"],
    random_state=split["seed"],
    stratify=pd.cut(target, bins=split["stratify_bins"]),
)
y = training[spec["target"]].to_numpy()

encoded = {}
for name, column in contract.items():
    if column["role"] != "feature" or name in spec["features"]["exclude"]:
        continue
    match column["type"]:
        case "category":
            for word in column["values"]:
                encoded[f"{name}={word}"] = (training[name] == word).astype(float)
        case "ordered":
            ranks = {word: float(rank) for rank, word in enumerate(column["values"])}
            encoded[name] = training[name].map(ranks).astype(float)
        case _:
            encoded[name] = training[name].astype(float)
encoded = pd.DataFrame(encoded)

constant = [name for name in encoded if encoded[name].nunique() <= 1]
left = encoded.drop(columns=constant)


def f_over_present_rows(column):
    present = column.notna().to_numpy()
    return f_regression(column[present].to_numpy().reshape(-1, 1), y[present])[0][0]


strength = {name: f_over_present_rows(left[name]) for name in left}
correlation = left.corr().abs()
position = {name: j for j, name in enumerate(left)}
kept = []
dropped = []
for name in sorted(left, key=lambda name: (strength[name], position[name]), reverse=True):
    if any(correlation.loc[name, other] > spec["selection"]["maximum_correlation"] for other in kept):
        dropped.append(name)
    else:
        kept.append(name)
kept = [name for name in left if name in kept]

scores = np.array([strength[name] for name in kept])
best = SelectKBest(lambda X, y: scores, k=spec["selection"]["best"]).fit(np.zeros((2, len(kept))), [0, 1])
chosen = [kept[j] for j in best.get_support(indices=True)]
document = {
    "rows": len(table),
    "training_rows": len(training),
    "first_training_rows": training.index[:10].tolist(),
    "encoded": encoded.shape[1],
    "constant": constant,
    "correlated": sorted(dropped),
    "chosen": chosen,
    "f": [float(strength[name]) for name in chosen],
}
(HERE / "selection.json").write_text(json.dumps(document, indent=1) + "\n")
