"""Makes golden coefficients with scikit-learn 1.9.1 (numpy), its tolerances tightened: linear.json.

    python make.py
"""

import json
import pathlib
import warnings

import numpy as np
from sklearn.linear_model import ElasticNet, Lasso, LinearRegression, LogisticRegression, Ridge

HERE = pathlib.Path(__file__).parent
NUMBERS = np.random.default_rng(1996)
warnings.simplefilter("ignore")


def table(rows, columns):
    """Correlated columns of very different sizes and centres, one of zeros and ones, one that never varies."""
    x = NUMBERS.normal(size=(rows, columns))
    x[:, 1] = 0.7 * x[:, 0] + 0.5 * x[:, 1]
    x[:, 2] = (x[:, 2] > 0.8).astype(float)
    x[:, 3] = 1000 + 250 * x[:, 3]
    x[:, 4] = 0.001 * np.exp(x[:, 4])
    x[:, 5] = 3.5
    return np.round(x, 6)


def signal(x):
    return 1.5 * x[:, 0] - x[:, 1] + 0.8 * x[:, 2] + 0.004 * (x[:, 3] - 1000) + 90 * x[:, 4] + 0.2 * x[:, 6]


def fit(model, x, y, weights, rows):
    model.fit(x, y, **({} if weights is None else {"sample_weight": weights}))
    coefficients, intercepts = np.atleast_2d(model.coef_), np.atleast_1d(model.intercept_)
    if len(coefficients) > 2 and getattr(model, "C", 0) == np.inf:
        # The same number added to every class changes nothing: of all solutions the one that adds up to 0.
        coefficients, intercepts = coefficients - coefficients.mean(0), intercepts - intercepts.mean()
    return {
        "weighted": weights is not None,
        "intercepts": intercepts.tolist(),
        "coefficients": coefficients.tolist(),
        "predictions": (model.predict_proba(x) if hasattr(model, "predict_proba") else model.predict(x))[:5].tolist(),
    }


def numbers(x, weights):
    y = np.round(signal(x) + NUMBERS.normal(size=len(x)) * 0.7, 6)
    fits = []
    for w in (None, weights):
        total = len(x) if w is None else w.sum()
        tight = {"tol": 1e-14, "max_iter": 1_000_000}
        models = [(0.0, 0.0, LinearRegression())]
        for strength in (0.001, 0.1, 2.0):
            models.append((strength, 0.0, Ridge(alpha=strength * total, solver="svd")))
        for strength in (0.001, 0.05, 0.5):
            models.append((strength, 1.0, Lasso(alpha=strength, **tight)))
            models.append((strength, 0.4, ElasticNet(alpha=strength, l1_ratio=0.4, **tight)))
        for strength, share, model in models:
            fits.append({"strength": strength, "l1_share": share, **fit(model, x, y, w, len(x))})
    return {"target": y.tolist(), "fits": fits}


def classes(x, weights, count):
    # Of an even number of classes lasso has many best solutions: as many coefficients may grow as others shrink.
    scaled = (x - x.mean(0)) / np.where(x.std(0) > 0, x.std(0), 1)
    if count == 2:
        y = (signal(x) - signal(x).mean() + 1.5 * NUMBERS.logistic(size=len(x)) > 0.5).astype(int)
    else:
        weight = NUMBERS.normal(size=(x.shape[1], count))
        y = (scaled @ weight + 1.5 * NUMBERS.gumbel(size=(len(x), count))).argmax(1)
    fits = []
    for w in (None, weights):
        total = len(x) if w is None else w.sum()
        for strength, share in [(0.0, 0.0), (0.001, 0.0), (0.1, 0.0), (0.01, 1.0), (0.02, 0.5)]:
            if strength == 0:
                model = LogisticRegression(C=np.inf, solver="newton-cg", tol=1e-12, max_iter=10_000)
            elif share == 0:
                model = LogisticRegression(C=1 / (strength * total), solver="newton-cg", tol=1e-12, max_iter=10_000)
            else:
                c = 1 / (strength * total)
                model = LogisticRegression(C=c, l1_ratio=share, solver="saga", tol=1e-13, max_iter=1_000_000)
            fits.append({"strength": strength, "l1_share": share, **fit(model, scaled, y, w, len(x))})
    return {"columns": scaled.T.tolist(), "target": y.tolist(), "classes": count, "fits": fits}


def main():
    documents = []
    # Five classes of sixty rows could be told apart without an error: no finite coefficients are best then.
    for rows, columns, counts in [(60, 7, (2, 3)), (300, 9, (2, 3, 5))]:
        x = table(rows, columns)
        weights = np.round(NUMBERS.gamma(2.0, 0.5, rows), 3)
        documents.append(
            {
                "columns": x.T.tolist(),
                "weights": weights.tolist(),
                "numbers": numbers(x, weights),
                "classes": [classes(x, weights, count) for count in counts],
            }
        )
    text = json.dumps(documents, separators=(",", ":"))
    (HERE / "linear.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
