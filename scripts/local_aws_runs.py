"""Trains and scores on a deployed stack, as an operator would: by the services' own interfaces alone.

Called by scripts/local-aws. Every state is printed when it is entered; at the end Athena answers.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

import boto3

REPOSITORY = Path(__file__).resolve().parent.parent
MODEL = "engagement"
POLL_SECONDS = 0.5
# A container of the emulator may run for ten minutes, and a training starts one or two.
LIMIT_SECONDS = 1500


def bring(outputs, millrace, rows):
    """The spec, its contract and the rows, into the features bucket."""
    bucket = outputs["FeaturesBucket"]
    s3 = boto3.client("s3")
    for document in ("models/engagement.toml", "contracts/customers.toml"):
        s3.upload_file(str(REPOSITORY / document), bucket, document)
    folder = f"customers-{rows}"
    if s3.list_objects_v2(Bucket=bucket, Prefix=f"{folder}/")["KeyCount"] == 0:
        place = f"s3://{bucket}/{folder}"
        subprocess.run([millrace, "generate", "--out", place, "--rows", str(rows), "--quiet"], check=True)
    return f"s3://{bucket}/models/engagement.toml", f"s3://{bucket}/{folder}"


def refuse_second_scoring(outputs, model):
    """The emulator's Athena reads a table's whole folder: it cannot see that a day's scores were replaced."""
    bucket = outputs["Store"].removeprefix("s3://")
    day = time.strftime("%Y-%m-%d", time.gmtime())
    folder = f"tables/predictions/model={model}/scored_on={day}/"
    if boto3.client("s3").list_objects_v2(Bucket=bucket, Prefix=folder)["KeyCount"] > 0:
        sys.exit(f"{model} has scored on {day} here already, which the emulator cannot replace: scripts/local-aws-down first")


def execute(machine, name, given):
    """Starts an execution, prints its states as they come, and gives its output."""
    steps = boto3.client("stepfunctions")
    arn = steps.start_execution(stateMachineArn=machine, name=name, input=json.dumps(given))["executionArn"]
    began, seen = time.monotonic(), 0
    print(f"== {name}", flush=True)
    while True:
        status = steps.describe_execution(executionArn=arn)
        entered = states(steps, arn)
        for state in entered[seen:]:
            print(f"{time.monotonic() - began:8.1f} s  {state}", flush=True)
        seen = len(entered)
        if status["status"] != "RUNNING":
            break
        if time.monotonic() - began > LIMIT_SECONDS:
            sys.exit(f"{name} was still running after {LIMIT_SECONDS} s")
        time.sleep(POLL_SECONDS)
    if status["status"] != "SUCCEEDED":
        sys.exit(f"{name} {status['status']}: {status.get('error')}: {status.get('cause')}")
    return json.loads(status["output"])


def states(steps, arn):
    names, token = [], {}
    while True:
        page = steps.get_execution_history(executionArn=arn, maxResults=1000, **token)
        names += [e["stateEnteredEventDetails"]["name"] for e in page["events"] if "stateEnteredEventDetails" in e]
        if "nextToken" not in page:
            return names
        token = {"nextToken": page["nextToken"]}


def ask(outputs, sql):
    """Athena's answer, the header first."""
    athena = boto3.client("athena")
    query = athena.start_query_execution(
        QueryString=sql,
        QueryExecutionContext={"Database": outputs["Database"]},
        WorkGroup=outputs["WorkGroup"],
    )["QueryExecutionId"]
    while True:
        status = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
        if status["State"] not in ("QUEUED", "RUNNING"):
            break
        time.sleep(POLL_SECONDS)
    if status["State"] != "SUCCEEDED":
        sys.exit(f"the query {status['State']}: {status.get('StateChangeReason')}")
    rows = athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]
    return [[cell.get("VarCharValue", "") for cell in row["Data"]] for row in rows]


def show(title, rows):
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    print(f"\n== {title}")
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--outputs", required=True)
    parser.add_argument("--millrace", required=True)
    parser.add_argument("--rows", type=int, required=True)
    arguments = parser.parse_args()
    (outputs,) = json.loads(Path(arguments.outputs).read_text()).values()

    refuse_second_scoring(outputs, MODEL)
    spec, data = bring(outputs, arguments.millrace, arguments.rows)
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    trained = execute(outputs["TrainingMachine"], f"training-{stamp}", {"spec": spec, "data": data})
    print(f"{trained['model']} {trained['version']} is {trained['promoted_to']}")
    scored = execute(outputs["InferenceMachine"], f"scoring-{stamp}", {"model": MODEL, "data": data})

    run = f"scoring-{stamp}"
    counted = ask(outputs, f"SELECT count(*) AS customers FROM predictions WHERE run_id = '{run}'")
    if int(counted[1][0]) != scored["rows_scored"]:
        sys.exit(f"Athena sees {counted[1][0]} rows and not {scored['rows_scored']}")
    show(
        "Athena: how many customers are at risk of leaving?",
        ask(
            outputs,
            "SELECT churn_risk_tier, count(*) AS customers, round(avg(churn_probability), 3) AS mean_churn "
            f"FROM predictions WHERE run_id = '{run}' GROUP BY churn_risk_tier ORDER BY mean_churn DESC",
        ),
    )
    print(f"\n{scored['rows_scored']} customers scored by {scored['model']} {scored['version']}.")


if __name__ == "__main__":
    main()
