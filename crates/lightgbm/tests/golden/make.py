"""Makes golden models and their predictions with Python's lightgbm 4.7.0 (numpy).

    python make.py

For every model NAME it writes NAME.txt, the model, NAME.settings and NAME.target, what it was trained by, and NAME.predictions,
what it predicts of the table, a row's outputs side by side; and table.f64, the table, row-major. Targets are little-endian f32,
other numbers f64. Models are trained on the first 400 rows.
"""

import pathlib

import lightgbm
import numpy as np

HERE = pathlib.Path(__file__).parent
ROWS, COLUMNS = 400, 8
FIXED = ("verbosity", "num_threads", "deterministic", "force_col_wise")
NUMBERS = np.random.default_rng(7)


def table():
    x = NUMBERS.normal(size=(ROWS, COLUMNS))
    x[:, 1] = np.round(x[:, 1] * 2)  # few values, many of them 0
    x[:, 2] = NUMBERS.integers(0, 40, ROWS)  # a category, of more than 32 words
    x[:, 3] = NUMBERS.integers(0, 5, ROWS)
    x[:, 4] = np.exp(2 * x[:, 4])
    x[NUMBERS.random(ROWS) < 0.15, 0] = np.nan
    x[NUMBERS.random(ROWS) < 0.15, 2] = np.nan
    x[NUMBERS.random(ROWS) < 0.15, 4] = np.nan
    return x


def signal(x):
    holes = np.nan_to_num(x)
    return (
        np.where(np.isnan(x[:, 0]), 1.0, holes[:, 0])
        + 0.5 * holes[:, 1] * (holes[:, 3] - 2)
        + np.sin(holes[:, 2] * 2.3)
        + 0.2 * np.log1p(holes[:, 4])
        + 0.3 * NUMBERS.normal(size=len(x))
    )


def strange(x):
    """Rows that training never saw: unknown, negative and broken categories, zeros that are not quite 0, far values."""
    odd = x[:40].copy()
    odd[:10, 2] = [-1, 99, 1e9, 2.7, -0.5, 31, 32, 63, 64, 3e300]
    odd[10:20, 1] = [0.0, -0.0, 1e-36, -1e-36, 1e-30, 5e-36, np.nan, 1e300, -1e300, 1e-35]
    odd[20:30, 0] = [np.inf, -np.inf, 0, 0, 1e-36, np.nan, np.nan, -1e-36, 1, 2]
    odd[30:] = np.nan
    return odd


def main():
    x = table()
    y = signal(x)
    rows = np.vstack([x, strange(x)])
    rows.astype("<f8").tofile(HERE / "table.f64")
    positive = np.exp(y / 2)
    classes = np.digitize(y, np.quantile(y, np.linspace(0, 1, 11)[1:-1]))
    few = {"num_leaves": 12, "min_data_in_leaf": 5, "learning_rate": 0.2, "verbosity": -1, "num_threads": 1, "seed": 3}
    few |= {"deterministic": True, "force_col_wise": True}
    models = {
        "regression": ({"objective": "regression"}, y, [], 12),
        "l1": ({"objective": "regression_l1"}, y, [], 6),
        "quantile": ({"objective": "quantile", "alpha": 0.9}, y, [], 6),
        "square_root": ({"objective": "regression", "reg_sqrt": True}, y, [], 6),
        "binary": ({"objective": "binary", "sigmoid": 1.3}, (y > 0.8).astype(float), [], 12),
        "ten_classes": ({"objective": "multiclass", "num_class": 10, "num_leaves": 5}, classes, [], 4),
        "one_by_one": ({"objective": "multiclassova", "num_class": 3, "num_leaves": 5}, classes // 4, [], 4),
        "categories": ({"objective": "regression", "cat_smooth": 1, "min_data_per_group": 5}, y, [2, 3], 10),
        "forest": (
            {"boosting": "rf", "objective": "binary", "bagging_freq": 1, "bagging_fraction": 0.6, "feature_fraction": 0.7},
            (y > 0.8).astype(float),
            [],
            10,
        ),
        "tweedie": ({"objective": "tweedie", "tweedie_variance_power": 1.4}, positive * (y > 0), [], 8),
        "poisson": ({"objective": "poisson"}, np.round(positive), [], 6),
        "gamma": ({"objective": "gamma"}, positive, [], 6),
        "zero_is_missing": ({"objective": "regression", "zero_as_missing": True}, y, [], 8),
        "nothing_is_missing": ({"objective": "regression", "use_missing": False}, y, [], 8),
        "dropout": ({"boosting": "dart", "objective": "regression", "drop_rate": 0.5}, y, [], 8),
        "no_split": ({"objective": "regression", "min_data_in_leaf": 1000}, y, [], 2),
    }
    names = [f"feature_{index}" for index in range(COLUMNS)]
    for name, (parameters, target, categories, rounds) in models.items():
        data = lightgbm.Dataset(x, target, feature_name=names, categorical_feature=categories, free_raw_data=False)
        model = lightgbm.train({**few, **parameters}, data, rounds)
        model.save_model(HERE / f"{name}.txt")
        target.astype("<f4").tofile(HERE / f"{name}.target")
        settings = {**few, **parameters, "rounds": rounds, "categories": ",".join(map(str, categories))}
        own = [f"{key}={value}" for key, value in settings.items() if key not in FIXED]
        (HERE / f"{name}.settings").write_text("\n".join(own) + "\n")
        model.predict(rows).astype("<f8").tofile(HERE / f"{name}.predictions")
    data = lightgbm.Dataset(np.nan_to_num(x), y, feature_name=names)
    lightgbm.train({**few, "objective": "regression", "linear_tree": True}, data, 2).save_model(HERE / "refused_linear.txt")


if __name__ == "__main__":
    main()
