"""Makes golden numbers with xgboost 3.4.1 and scikit-learn 1.9.1: python.json.

    python make.py

Numbers that must be equal to the last bit of f32 are written as their bits.
"""

import json
import pathlib

import numpy as np
from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score
from sklearn.model_selection import GridSearchCV, KFold
from xgboost import XGBRegressor

HERE = pathlib.Path(__file__).parent
ROWS, COLUMNS = 300, 6


def table():
    """Whole-number arithmetic, so that the test makes the same table."""
    i = np.arange(ROWS, dtype=np.int64)[:, None]
    j = np.arange(COLUMNS, dtype=np.int64)[None, :]
    raw = ((i * (7 + 4 * j) + 13 * j * j + i * i % 101) % 97).astype(np.float64)
    X = ((raw - 48) / 16).astype(np.float32)
    X[(i[:, 0] * 5 + 3) % 11 == 0, 2] = np.nan
    noise = ((i[:, 0] * 31 + 7) % 23 - 11) / 40
    y = raw[:, 0] / 97 + raw[:, 1] * raw[:, 3] / 9409 + noise
    return X, y


def bits(values):
    return np.asarray(values, dtype=np.float32).view(np.uint32).tolist()


X, y = table()
fits = []
for settings in [
    dict(n_estimators=20, max_depth=3, learning_rate=0.1, subsample=1.0, colsample_bytree=1.0),
    dict(n_estimators=30, max_depth=6, learning_rate=0.3, subsample=0.8, colsample_bytree=0.8),
    dict(n_estimators=10, max_depth=9, learning_rate=0.01, subsample=0.8, colsample_bytree=1.0),
]:
    model = XGBRegressor(**settings, random_state=42, n_jobs=1, tree_method="hist")
    model.fit(X, y)
    predictions = model.predict(X)
    fits.append(
        {
            "hyperparameters": settings,
            "predictions": bits(predictions),
            "importances": [float(x) for x in model.feature_importances_],
            "r2": r2_score(y, predictions),
            "rmse": mean_squared_error(y, predictions) ** 0.5,
            "mae": mean_absolute_error(y, predictions),
        }
    )

grid = {
    "n_estimators": [5, 20],
    "max_depth": [2, 4],
    "learning_rate": [0.1, 0.3],
    "subsample": [0.8, 1.0],
    "colsample_bytree": [0.8, 1.0],
}
search = GridSearchCV(
    XGBRegressor(random_state=42, n_jobs=1, tree_method="hist"), grid, cv=KFold(5), scoring="r2"
).fit(X, y)
folds = [search.cv_results_[f"split{k}_test_score"] for k in range(5)]
document = {
    "fits": fits,
    "grid": grid,
    "candidates": [
        params | {"scores": [float(fold[n]) for fold in folds]}
        for n, params in enumerate(search.cv_results_["params"])
    ],
    "best": search.best_params_,
}
(HERE / "python.json").write_text(json.dumps(document, separators=(",", ":")) + "\n")
