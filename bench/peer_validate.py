"""The same contract in pandera, the Python validator: types, ranges, words, patterns, missing values, ids,
rows that are there twice; and the same profile in pandas: quantiles, distinct values, most frequent values.

usage: peer_validate.py DATA CONTRACT
"""

import sys
import tomllib

import pandas as pd
import pandera.pandas as pa


def schema(contract):
    columns = {}
    for name, column in contract["columns"].items():
        if column["role"] == "date":
            continue
        checks = []
        if "range" in column:
            checks.append(pa.Check.in_range(*column["range"]))
        if "values" in column:
            checks.append(pa.Check.isin(column["values"]))
        if "pattern" in column:
            checks.append(pa.Check.str_matches("^(?:" + column["pattern"] + ")$"))
        columns[name] = pa.Column(checks=checks, nullable=column.get("nullable", False), unique=column["role"] == "id")
    rules = [
        pa.Check(lambda frame, text=rule["expression"]: holds(frame, text), name=rule["name"])
        for rule in contract.get("rules", [])
    ]
    return pa.DataFrameSchema(columns, checks=rules)


def holds(frame, expression):
    """A rule with a missing operand counts as kept."""
    names = [name for name in frame.columns if name in expression]
    return frame.eval(expression) | frame[names].isna().any(axis=1)


def main():
    frame = pd.read_parquet(sys.argv[1])
    contract = tomllib.load(open(sys.argv[2], "rb"))
    try:
        schema(contract).validate(frame, lazy=True)
        print("accepted", len(frame))
    except pa.errors.SchemaErrors as errors:
        print("refused", len(errors.failure_cases))
    print("repeated rows", frame.duplicated().sum())
    frame.describe(percentiles=[0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99])
    frame.nunique()
    for name in frame.columns:
        frame[name].value_counts().head(10)


if __name__ == "__main__":
    main()
