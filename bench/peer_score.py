"""Scoring in Python at its best: pyarrow, vectorised encoding, XGBoost's inplace_predict, vectorised tiers.

Applies the model that Millrace trained, by its own recipe, and writes the same table as Parquet.

usage: peer_score.py DATA MODEL_FOLDER SPEC CONTRACT OUT
"""

import json
import sys
import tomllib

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import xgboost as xgb


def raw_column(table, column, words):
    """The unscaled numbers of one encoded column; NaN is missing."""
    values = table[column["source"]]
    kind = column["kind"]
    if kind in ("number", "boolean"):
        return pc.cast(values, pa.float64()).to_numpy(zero_copy_only=False)
    codes = pc.index_in(values, value_set=pa.array(words[column["source"]])).to_numpy(zero_copy_only=False)
    if kind == "rank":
        return codes
    if kind == "one_hot_missing":
        return np.isnan(codes).astype(float)
    return (codes == kind["one_hot"]).astype(float)


def main():
    data, folder, spec_path, contract_path, out = sys.argv[1:6]
    recipe = json.load(open(f"{folder}/recipe.json"))
    metadata = json.load(open(f"{folder}/metadata.json"))
    spec = tomllib.load(open(spec_path, "rb"))
    contract = tomllib.load(open(contract_path, "rb"))
    identity = next(name for name, column in contract["columns"].items() if column["role"] == "id")
    words = {source["name"]: source.get("words", []) for source in recipe["sources"]}
    wanted = [identity] + [source["name"] for source in recipe["sources"]]
    table = ds.dataset(data, format="parquet", partitioning="hive").to_table(columns=wanted)

    matrix = np.empty((table.num_rows, len(recipe["columns"])), dtype=np.float32)
    for position, column in enumerate(recipe["columns"]):
        raw = raw_column(table, column, words)
        matrix[:, position] = (raw - column["mean"]) / column["scale"]
    booster = xgb.Booster(model_file=f"{folder}/model.ubj")
    booster.feature_names = None
    scores = booster.inplace_predict(matrix).astype(np.float64)

    output = spec["scores"]
    low, high = output["range"]
    score = np.round(np.clip(scores, low, high), output["decimals"])
    churn = np.round(high - score, output["decimals"])
    target = metadata["target"]
    distance = np.abs((score - target["mean"]) / target["deviation"])
    tier = lambda tiers, values: pa.DictionaryArray.from_arrays(
        np.searchsorted(np.array(tiers["edges"]), values, side="left").astype(np.int32), pa.array(tiers["labels"])
    )
    rows = table.num_rows
    pq.write_table(pa.table({
        identity: table[identity],
        output["column"]: score,
        output["confidence"]["column"]: np.round(np.maximum(0, 1 - distance / 3), 2),
        output["tiers"]["column"]: tier(output["tiers"], score),
        output["inverse"]["column"]: churn,
        output["inverse"]["tiers"]["column"]: tier(output["inverse"]["tiers"], churn),
        "model_name": pa.array([spec["name"]]).take(pa.array(np.zeros(rows, np.int8))),
        "scored_at": pa.array(np.full(rows, 1_793_491_200_000), pa.timestamp("ms")),
    }), out, compression="zstd")
    print(json.dumps({"rows": rows, "mean": float(score.mean()), "sum": float(score.sum())}))


if __name__ == "__main__":
    main()
