"""A deployed stack, used as an operator and an analyst use it: by the services' own interfaces alone."""

import base64
import json
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import boto3

REPOSITORY = Path(__file__).resolve().parent.parent
DOCUMENTS = ("models/engagement.toml", "contracts/customers.toml")
POLL_SECONDS = 0.5
# A container of the emulator may run for ten minutes, and a training starts one or two.
LIMIT_SECONDS = 1500
VIEW = re.compile(r"^/\* Presto View: (\S+) \*/$")


@dataclass(frozen=True)
class Execution:
    """One that has ended."""

    name: str
    status: str
    output: dict
    error: str
    cause: str
    states: list

    def succeeded(self):
        if self.status != "SUCCEEDED":
            sys.exit(f"{self.name} {self.status}: {self.error}: {self.cause}")
        return self.output


class Stack:
    """What the outputs of a deployment lead to."""

    def __init__(self, outputs_file, millrace):
        (self.outputs,) = json.loads(Path(outputs_file).read_text()).values()
        self.millrace = millrace
        self.steps = boto3.client("stepfunctions")
        self.store = self.outputs["Store"]
        self.features = self.outputs["FeaturesBucket"]

    def object(self, key):
        """The bytes of an object of the store."""
        bucket = self.store.removeprefix("s3://").rstrip("/")
        return boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()

    def keys(self, prefix):
        bucket = self.store.removeprefix("s3://").rstrip("/")
        pages = boto3.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return [one["Key"] for page in pages for one in page.get("Contents", [])]

    def bring_documents(self):
        """The spec and its contract, into the features bucket; gives the spec's place."""
        s3 = boto3.client("s3")
        for document in DOCUMENTS:
            s3.upload_file(str(REPOSITORY / document), self.features, document)
        return f"s3://{self.features}/{DOCUMENTS[0]}"

    def bring_rows(self, folder, rows, *options):
        """Made-up customers, unless they are there; gives their place."""
        place = f"s3://{self.features}/{folder}"
        found = boto3.client("s3").list_objects_v2(Bucket=self.features, Prefix=f"{folder}/")
        if found["KeyCount"] == 0:
            self.command("generate", "--out", place, "--rows", str(rows), *options, "--quiet")
        return place

    def command(self, *words):
        """What `millrace` prints."""
        done = subprocess.run([self.millrace, *words], check=True, stdout=subprocess.PIPE, text=True)
        return done.stdout

    def start(self, machine, name, given):
        """`machine` is TrainingMachine or InferenceMachine; gives the execution's ARN."""
        text = json.dumps(given)
        return self.steps.start_execution(stateMachineArn=self.outputs[machine], name=name, input=text)["executionArn"]

    def execute(self, machine, name, given):
        """Starts an execution and follows it, printing its states as they come."""
        return self.follow(self.start(machine, name, given))

    def follow(self, arn):
        name = arn.rsplit(":", 1)[1]
        began, seen = time.monotonic(), 0
        print(f"== {name}", flush=True)
        while True:
            status = self.steps.describe_execution(executionArn=arn)
            entered = self.states(arn)
            for state in entered[seen:]:
                print(f"{time.monotonic() - began:8.1f} s  {state}", flush=True)
            seen = len(entered)
            if status["status"] != "RUNNING":
                output = json.loads(status.get("output", "{}"))
                return Execution(name, status["status"], output, status.get("error"), status.get("cause"), entered)
            if time.monotonic() - began > LIMIT_SECONDS:
                sys.exit(f"{name} was still running after {LIMIT_SECONDS} s")
            time.sleep(POLL_SECONDS)

    def states(self, arn):
        pages = self.steps.get_paginator("get_execution_history").paginate(executionArn=arn)
        events = [event for page in pages for event in page["events"]]
        return [event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event]

    def view(self, name):
        """The SELECT of a view as it was deployed; nothing for a table."""
        try:
            table = boto3.client("glue").get_table(DatabaseName=self.outputs["Database"], Name=name)["Table"]
        except boto3.client("glue").exceptions.EntityNotFoundException:
            return None
        kept = VIEW.match(table.get("ViewOriginalText") or "")
        return kept and json.loads(base64.b64decode(kept[1]))["originalSql"]

    def with_views(self, sql):
        """The question with the views that it names written before it, for an Athena that has none."""
        found = {}
        self._gather(sql, found)
        return f"WITH {', '.join(f'{name} AS ({text})' for name, text in found.items())} {sql}" if found else sql

    def _gather(self, sql, found):
        for name in re.findall(r"\b(?:FROM|JOIN)\s+([a-z_]+)", sql):
            text = None if name in found else self.view(name)
            if text:
                # What a view names comes before it.
                self._gather(text, found)
                found[name] = text

    def ask(self, sql):
        """Athena's answer, the header first."""
        athena = boto3.client("athena")
        query = athena.start_query_execution(
            QueryString=self.with_views(sql),
            QueryExecutionContext={"Database": self.outputs["Database"]},
            WorkGroup=self.outputs["WorkGroup"],
        )["QueryExecutionId"]
        while True:
            status = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
            if status["State"] not in ("QUEUED", "RUNNING"):
                break
            time.sleep(POLL_SECONDS / 5)
        if status["State"] != "SUCCEEDED":
            sys.exit(f"the query {status['State']}: {status.get('StateChangeReason')}\n{sql}")
        rows = athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]
        return [[cell.get("VarCharValue", "") for cell in row["Data"]] for row in rows]
