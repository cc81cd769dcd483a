"""Compares forests on real tables with scikit-learn's (1.9.1): quality over five folds, and processor seconds of a fit on one core.

    python real.py GROW_FOREST DIAMONDS.csv

GROW_FOREST is the example of that name, built; DIAMONDS.csv is plotnine/data/diamonds.csv of plotnine's wheel (0.15.9). Python's
xgboost loads each model and predicts by it.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time

import numpy as np
import pandas as pd
import xgboost
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.metrics import r2_score, roc_auc_score
from sklearn.model_selection import KFold, StratifiedKFold

GROW, DIAMONDS = sys.argv[1:]
ORDER = {
    "cut": ["Fair", "Good", "Very Good", "Premium", "Ideal"],
    "color": list("JIHGFED"),
    "clarity": ["I1", "SI2", "SI1", "VS2", "VS1", "VVS2", "VVS1", "IF"],
}


def ours(x, y, judge, task, trees, seed):
    with tempfile.TemporaryDirectory() as folder:
        names = [os.path.join(folder, name) for name in ("x", "y", "model.ubj")]
        x.astype("<f4").tofile(names[0])
        y.astype("<f8").tofile(names[1])
        words = [GROW, names[0], names[1], str(x.shape[1]), task, str(trees), "1", str(seed), names[2]]
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        subprocess.run(words, check=True, env={**os.environ, "RAYON_NUM_THREADS": "1"}, stdout=subprocess.DEVNULL)
        seconds = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
        model = xgboost.Booster(model_file=names[2])
        names = [f"c{index}" for index in range(x.shape[1])]
        return model.predict(xgboost.DMatrix(judge.astype(np.float32), feature_names=names)), seconds


def compare(name, x, y, folds, task, trees, measure, peer):
    rows = []
    for number, (fit, judge) in enumerate(folds.split(x, y)):
        start = time.process_time()
        model = peer(trees, random_state=number, n_jobs=1).fit(x[fit], y[fit])
        seconds = time.process_time() - start
        theirs = model.predict_proba(x[judge])[:, 1] if task == "classes" else model.predict(x[judge])
        mine, own_seconds = ours(x[fit], y[fit], x[judge], task, trees, number)
        rows.append([measure(y[judge], theirs), measure(y[judge], mine), seconds, own_seconds])
    theirs, mine, seconds, own_seconds = np.mean(rows, axis=0)
    print(f"{name}: scikit-learn {theirs:.4f} in {seconds:.2f} s, Millrace {mine:.4f} in {own_seconds:.2f} s")


def main():
    x, y = load_breast_cancer(return_X_y=True)
    for seed in range(3):
        folds = StratifiedKFold(5, shuffle=True, random_state=seed)
        compare(f"breast cancer, AUC, shuffle {seed}", x, y, folds, "classes", 300, roc_auc_score, RandomForestClassifier)
    diamonds = pd.read_csv(DIAMONDS)
    for column, words in ORDER.items():
        diamonds[column] = diamonds[column].map({word: number for number, word in enumerate(words)})
    y = diamonds.pop("price").to_numpy(float)
    folds = KFold(5, shuffle=True, random_state=1)
    compare("diamonds, R2", diamonds.to_numpy(float), y, folds, "numbers", 100, r2_score, RandomForestRegressor)


if __name__ == "__main__":
    main()
