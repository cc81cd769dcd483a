"""Makes the golden files of this folder with Python's xgboost (xgboost-cpu 3.4.1, numpy).

    python make.py

For every model NAME it writes
    NAME.ubj                         the model, as XGBoost saves it
    NAME.full.margins                margins (output_margin=True) of inputs.full
    NAME.missing.margins             margins of inputs.missing
    NAME.full.contributions          pred_contribs of the first rows of inputs.full
    NAME.missing.contributions       pred_contribs of the first rows of inputs.missing
and the two inputs, row-major. All numbers are little-endian f32.
"""

import numpy as np
import xgboost

FEATURES = 12
ROWS = 500
CONTRIBUTION_ROWS = 60
TRAINING_ROWS = 3000

NUMBERS = np.random.default_rng(20240607)


def table(rows):
    values = NUMBERS.normal(size=(rows, FEATURES))
    values[:, 1] = np.round(values[:, 1] * 4)  # few distinct values: many equal to a threshold
    values[:, 2] = (values[:, 2] > 0.3).astype(float)  # a one-hot column
    values[:, 3] = np.round(np.exp(values[:, 3] * 2), 2)  # skewed
    values[:, 4] *= 1e-6
    values[:, 5] *= 1e6
    return values.astype(np.float32)


def target(values):
    v = values.astype(float)
    signal = np.sin(v[:, 0]) + 0.2 * v[:, 1] * v[:, 2] + 0.1 * np.log1p(v[:, 3]) + v[:, 4] * 3e5
    signal += np.where(v[:, 5] > 0, v[:, 6], -v[:, 7]) + 0.3 * v[:, 8] * v[:, 9]
    return (signal + NUMBERS.normal(size=len(v)) * 0.5).astype(np.float32)


def with_holes(values):
    holes = values.copy()
    holes[NUMBERS.random(values.shape) < 0.15] = np.nan
    holes[0, :] = np.nan
    return holes


def write(name, numbers):
    np.ascontiguousarray(numbers, dtype="<f4").tofile(name)


def main():
    training = table(TRAINING_ROWS)
    training_target = target(training)
    training_holes = with_holes(training)
    full = table(ROWS)
    full[:100] = training[:100]  # values that are thresholds themselves
    inputs = {"full": full, "missing": with_holes(full)}
    names = [f"feature_{index}" for index in range(FEATURES)]
    for name, values in inputs.items():
        write(f"inputs.{name}", values)

    models = [
        ("depth3", training, training_target, 3, 60, "reg:squarederror"),
        ("depth6", training, training_target, 6, 40, "reg:squarederror"),
        ("depth9", training, training_target, 9, 6, "reg:squarederror"),
        ("depth3_missing", training_holes, training_target, 3, 60, "reg:squarederror"),
        ("depth6_missing", training_holes, training_target, 6, 40, "reg:squarederror"),
        ("depth9_missing", training_holes, training_target, 9, 6, "reg:squarederror"),
        ("logistic", training_holes, (training_target > 0.7).astype(np.float32), 4, 10, "binary:logistic"),
    ]
    for name, values, truth, depth, trees, objective in models:
        matrix = xgboost.DMatrix(values, truth, feature_names=names)
        parameters = {
            "max_depth": depth,
            "eta": 0.1,
            "objective": objective,
            "subsample": 0.8,
            "colsample_bytree": 0.8,
            "seed": 42,
            "nthread": 1,
            "tree_method": "hist",
        }
        model = xgboost.train(parameters, matrix, trees)
        model.save_model(f"{name}.ubj")
        for kind, rows in inputs.items():
            data = xgboost.DMatrix(rows, feature_names=names)
            write(f"{name}.{kind}.margins", model.predict(data, output_margin=True))
            data = xgboost.DMatrix(rows[:CONTRIBUTION_ROWS], feature_names=names)
            write(f"{name}.{kind}.contributions", model.predict(data, pred_contribs=True))

    # What is not supported, to see that it is refused by name.
    few = xgboost.DMatrix(training[:200], training_target[:200], feature_names=names)
    small = {"max_depth": 2, "seed": 1, "nthread": 1}
    xgboost.train({**small, "booster": "gblinear"}, few, 1).save_model("refused_gblinear.ubj")
    xgboost.train({**small, "booster": "dart", "rate_drop": 0.5}, few, 3).save_model("refused_dart.ubj")
    xgboost.train({**small, "objective": "count:poisson"}, xgboost.DMatrix(
        training[:200], np.abs(training_target[:200])), 1).save_model("refused_objective.ubj")
    classes = (np.arange(200) % 3).astype(np.float32)
    xgboost.train({**small, "objective": "multi:softprob", "num_class": 3}, xgboost.DMatrix(
        training[:200], classes), 1).save_model("refused_classes.ubj")
    two = np.stack([training_target[:200], training_target[200:400]], axis=1)
    xgboost.train(small, xgboost.DMatrix(training[:200], two), 1).save_model("refused_targets.ubj")
    categories = training[:200].copy()
    categories[:, 0] = np.arange(200) % 5
    truth = (categories[:, 0] % 2).astype(np.float32)
    xgboost.train(small, xgboost.DMatrix(
        categories, truth, feature_types=["c"] + ["float"] * (FEATURES - 1), enable_categorical=True
    ), 1).save_model("refused_categorical.ubj")
    xgboost.train(small, few, 1).save_model("small.ubj")


if __name__ == "__main__":
    main()
