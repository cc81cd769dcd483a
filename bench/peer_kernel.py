"""XGBoost's own time for a row, on one thread, and the models and rows for the example `bench_forest`.

45 columns, of them 12 one-hot, 12,000 rows to learn from. Prints one line of JSON for each model and input.

usage: peer_kernel.py FOLDER
"""

import json

import sys
import time
from pathlib import Path

import numpy as np
import xgboost

COLUMNS, TRAINING_ROWS, ROWS, ROUNDS = 45, 12_000, 16_384, 7
CONTRIBUTION_ROWS = 200


def table(numbers, rows):
    values = numbers.normal(size=(rows, COLUMNS))
    values[:, 20:33] = np.round(np.exp(values[:, 20:33]), 1)
    values[:, 33:] = values[:, 33:] > 0.8
    return values.astype(np.float32)


def best(work, rows):
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times) / rows * 1e9


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    numbers = np.random.default_rng(1)
    training, rows = table(numbers, TRAINING_ROWS), table(numbers, ROWS)
    weights = numbers.normal(size=COLUMNS) / np.arange(1, COLUMNS + 1)
    truth = training @ weights + np.sin(training[:, 0] * 2) * training[:, 1]
    truth = (truth + numbers.normal(size=TRAINING_ROWS)).astype(np.float32)
    holes = rows.copy()
    holes[numbers.random(rows.shape) < 0.1] = np.nan
    training[numbers.random(training.shape) < 0.05] = np.nan
    inputs = {"full": rows, "missing": holes}
    for kind, values in inputs.items():
        values.astype("<f4").tofile(folder / f"rows.{kind}")
    matrix = xgboost.DMatrix(training, truth, nthread=1)
    models = {}
    for depth in (3, 6, 9):
        parameters = {"max_depth": depth, "eta": 0.1, "nthread": 1, "subsample": 0.8, "colsample_bytree": 0.8}
        model = xgboost.train(parameters, matrix, 500)
        models[f"depth{depth}_trees500"] = model
        models[f"depth{depth}_trees100"] = model[:100]
    for name, model in sorted(models.items()):
        model.save_model(folder / f"{name}.ubj")
        model.set_param({"nthread": 1})
        for kind, values in inputs.items():
            inplace = best(lambda: model.inplace_predict(values, predict_type="margin"), ROWS)
            data = xgboost.DMatrix(values[:CONTRIBUTION_ROWS], nthread=1)
            contributions = best(lambda: model.predict(data, pred_contribs=True), CONTRIBUTION_ROWS)
            print(json.dumps({"model": name, "rows": kind, "margin": inplace, "contributions": contributions}), flush=True)


if __name__ == "__main__":
    main()
