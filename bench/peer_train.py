"""The reference's training in Python: pandas, scikit-learn, xgboost, with every core.

Reads the same Parquet, follows the same spec: split, encoding, the best columns, scaling, GridSearchCV,
refit and the metrics on the held-out rows. Prints them as one line of JSON.

usage: peer_train.py DATA SPEC CONTRACT
"""

import json
import sys
import tomllib

import numpy as np
import pandas as pd
import xgboost as xgb
from sklearn.feature_selection import SelectKBest, f_regression
from sklearn.impute import SimpleImputer
from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score
from sklearn.model_selection import GridSearchCV, KFold, train_test_split
from sklearn.preprocessing import StandardScaler


def encode(frame, columns):
    """One-hot for categories in the contract's order of words, rank for ordered words."""
    parts = []
    for name, column in columns.items():
        if column["role"] != "feature":
            continue
        values = frame[name]
        if column["type"] == "category":
            dummies = pd.get_dummies(pd.Categorical(values, categories=column["values"]), prefix=name, dtype=float)
            dummies.index = frame.index
            parts.append(dummies)
        elif column["type"] == "ordered":
            ranks = {word: rank for rank, word in enumerate(column["values"])}
            parts.append(values.map(ranks).astype(float).rename(name))
        else:
            parts.append(values.astype(float))
    return pd.concat(parts, axis=1)


def main():
    data, spec_path, contract_path = sys.argv[1:4]
    spec = tomllib.load(open(spec_path, "rb"))
    columns = tomllib.load(open(contract_path, "rb"))["columns"]
    frame = pd.read_parquet(data)
    y = frame[spec["target"]].to_numpy()
    features = encode(frame, columns)

    train, test, y_train, y_test = train_test_split(
        features, y, test_size=0.2, stratify=pd.cut(y, bins=4, labels=False), random_state=42
    )
    train = train.loc[:, train.nunique(dropna=True) > 1]
    # f_regression takes no missing values, so the choice is made on filled columns.
    selector = SelectKBest(f_regression, k=min(spec["selection"]["best"], train.shape[1]))
    selector.fit(SimpleImputer(strategy="median").fit_transform(train), y_train)
    chosen = train.columns[selector.get_support()]
    scaler = StandardScaler()
    x_train = scaler.fit_transform(train[chosen]).astype(np.float32)
    x_test = scaler.transform(test[chosen]).astype(np.float32)

    space = spec["search"]["space"]
    # One thread a fit and as many fits as cores: the quickest way to spend the cores.
    search = GridSearchCV(
        xgb.XGBRegressor(objective="reg:squarederror", random_state=42, n_jobs=1, tree_method="hist"),
        {name: list(values) for name, values in space.items()},
        cv=KFold(spec["search"]["folds"]), scoring="r2", n_jobs=-1,
    )
    search.fit(x_train, y_train)
    predicted = search.best_estimator_.predict(x_test)
    print(json.dumps({
        "best": search.best_params_,
        "cross_validated_r2": float(search.best_score_),
        "r2": float(r2_score(y_test, predicted)),
        "rmse": float(np.sqrt(mean_squared_error(y_test, predicted))),
        "mae": float(mean_absolute_error(y_test, predicted)),
    }))


if __name__ == "__main__":
    main()
