"""The tables of a store in a folder, in the emulator's S3 and catalogue, as infra/lib/catalogue.ts puts them into AWS's."""

import json
import re
import time
from pathlib import Path

import boto3

from dialect.questions import ROOT, views

BUCKET, DATABASE, WORK_GROUP = "millrace-dialect", "millrace_dialect", "primary"
HIVE = "org.apache.hadoop.hive.ql.io"
FORMATS = {
    "parquet": (f"{HIVE}.parquet.MapredParquetInputFormat", f"{HIVE}.parquet.MapredParquetOutputFormat",
                f"{HIVE}.parquet.serde.ParquetHiveSerDe"),
    "json_lines": ("org.apache.hadoop.mapred.TextInputFormat", f"{HIVE}.HiveIgnoreKeyTextOutputFormat",
                   "org.openx.data.jsonserde.JsonSerDe"),
}
LIMIT_SECONDS = 60


def publish(store):
    """Every file of the store's tables, and the catalogue that names them."""
    s3, glue = boto3.client("s3"), boto3.client("glue")
    s3.create_bucket(Bucket=BUCKET)
    files = [file for file in sorted(Path(store, "tables").rglob("*")) if file.is_file() and not file.name.endswith(".lock")]
    for file in files:
        s3.upload_file(str(file), BUCKET, str(file.relative_to(store)))
    glue.create_database(DatabaseInput={"Name": DATABASE})
    for table in json.loads((ROOT / "infra/tables.json").read_text())["tables"]:
        glue.create_table(DatabaseName=DATABASE, TableInput={
            "Name": table["name"], "TableType": "EXTERNAL_TABLE", "PartitionKeys": columns(table["partition_keys"]),
            "Parameters": {"EXTERNAL": "TRUE", "classification": table["format"].split("_")[0]},
            "StorageDescriptor": described(table, f"s3://{BUCKET}/tables/{table['folder']}/"),
        })
        for values, place in partitions(store, table, files):
            glue.create_partition(DatabaseName=DATABASE, TableName=table["name"], PartitionInput={
                "Values": list(values), "StorageDescriptor": described(table, f"s3://{BUCKET}/{place}/"),
            })


def columns(given):
    return [{"Name": one["name"], "Type": one["type"]} for one in given]


def described(table, place):
    reads, writes, library = FORMATS[table["format"]]
    return {"Columns": columns(table["columns"]), "Location": place, "InputFormat": reads, "OutputFormat": writes,
            "SerdeInfo": {"SerializationLibrary": library}}


def partitions(store, table, files):
    keys = [one["name"] for one in table["partition_keys"]]
    if not keys:
        return
    form = re.compile(rf"(tables/{table['folder']}/{'/'.join(f'{key}=([^/]+)' for key in keys)})/")
    found = {form.match(str(file.relative_to(store))) for file in files}
    yield from {(one.groups()[1:], one[1]) for one in found if one}


def with_views(sql):
    """The question with the views that it names written before it: the emulator's Athena has none."""
    known, wanted = dict(views()), {}

    def gather(text):
        for name in re.findall(r"\b(?:FROM|JOIN)\s+([a-z_]+)", text):
            if name in known and name not in wanted:
                gather(known[name])
                wanted[name] = known[name]

    gather(sql)
    return f"WITH {', '.join(f'{name} AS ({text})' for name, text in wanted.items())} {sql}" if wanted else sql


def without_comments(sql):
    return "\n".join(line for line in sql.splitlines() if not line.startswith("--"))


def ask(sql):
    """Athena's rows, the header first."""
    athena = boto3.client("athena")
    query = athena.start_query_execution(
        QueryString=with_views(without_comments(sql)), WorkGroup=WORK_GROUP, QueryExecutionContext={"Database": DATABASE},
        ResultConfiguration={"OutputLocation": f"s3://{BUCKET}/answers/"},
    )["QueryExecutionId"]
    deadline = time.monotonic() + LIMIT_SECONDS
    while (status := athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"])["State"] in ("QUEUED", "RUNNING"):
        if time.monotonic() > deadline:
            raise SystemExit(f"no answer after {LIMIT_SECONDS} s: {sql}")
        time.sleep(0.05)
    if status["State"] != "SUCCEEDED":
        raise SystemExit(f"the query {status['State']}: {status.get('StateChangeReason')}\n{sql}")
    pages = athena.get_paginator("get_query_results").paginate(QueryExecutionId=query)
    return [[cell.get("VarCharValue") for cell in row["Data"]] for page in pages for row in page["ResultSet"]["Rows"]]
