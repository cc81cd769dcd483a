"""Makes tables and what scikit-learn's forests (1.9.1) reach on them, by how much that varies with the seed: forests.json.

    python make.py

Each table is Friedman's first with holes, or classes cut out of it: 1,200 rows for training, the rest to judge by. Numbers are
row-major, little-endian f32.
"""

import json
import pathlib

import numpy as np
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.metrics import log_loss, r2_score, roc_auc_score

HERE = pathlib.Path(__file__).parent
NUMBERS = np.random.default_rng(1991)
ROWS, TRAINING = 2000, 1200


def spread(scores):
    return {"mean": float(np.mean(scores)), "deviation": float(np.std(scores, ddof=1))}


def main():
    x = NUMBERS.random((ROWS, 10)).astype(np.float32)
    x[:, 8] = np.round(x[:, 8] * 3)
    y = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2 + 10 * x[:, 3] + 5 * x[:, 4] + NUMBERS.normal(size=ROWS)
    x[NUMBERS.random(ROWS) < 0.1, 3] = np.nan
    classes = np.digitize(y + NUMBERS.normal(size=ROWS), [12.0, 17.0])
    x.tofile(HERE / "table.f32")
    fit, judge = slice(0, TRAINING), slice(TRAINING, ROWS)
    r2, auc, loss = [], [], []
    for seed in range(12):
        model = RandomForestRegressor(100, random_state=seed).fit(x[fit], y[fit])
        r2.append(r2_score(y[judge], model.predict(x[judge])))
        two = RandomForestClassifier(100, random_state=seed).fit(x[fit], classes[fit] == 2)
        auc.append(roc_auc_score(classes[judge] == 2, two.predict_proba(x[judge])[:, 1]))
        three = RandomForestClassifier(100, random_state=seed, min_samples_leaf=3).fit(x[fit], classes[fit])
        loss.append(log_loss(classes[judge], three.predict_proba(x[judge])))
    document = {
        "training": TRAINING,
        "target": y.tolist(),
        "classes": classes.tolist(),
        "r2": spread(r2),
        "auc_of_the_third": spread(auc),
        "log_loss": spread(loss),
    }
    (HERE / "forests.json").write_text(json.dumps(document) + "\n")
    print({name: document[name] for name in ("r2", "auc_of_the_third", "log_loss")})


if __name__ == "__main__":
    main()
