"""The way from nothing to an answer, on the stack and on this machine: both must come to the same, byte for byte."""

import csv
import hashlib
import io
import json
from pathlib import Path

import boto3

CONFIG = Path(__file__).resolve().parents[2] / "infra/config/local.json"
# What crates/adapter/src/memory.rs has a validation hold.
BASE_BYTES, BYTES_PER_BYTE = 128 << 20, 8
MODEL = "engagement"
STARTED_AT = "2026-11-21T06:00:00Z"
DAY = "2026-11-21"
TIERS = (
    "SELECT engagement_tier, churn_risk_tier, count(*) AS customers FROM predictions"
    " GROUP BY engagement_tier, churn_risk_tier ORDER BY engagement_tier, churn_risk_tier"
)
LIVE = f"SELECT version FROM model_versions WHERE model = '{MODEL}' AND state = 'live'"


def play(stage):
    run_locally(stage)
    stack, checks = stage.stack, stage.checks
    training = stack.execute("TrainingMachine", "first-training", {
        "spec": stage.spec, "data": stage.data, "run_id": "first-training", "started_at": STARTED_AT, "allow_other_clock": True,
    })
    check_training(stage, training.succeeded())
    inference = stack.execute("InferenceMachine", "first-inference", {
        "model": MODEL, "data": stage.data, "run_id": "first-inference", "started_at": STARTED_AT, "allow_other_clock": True,
    })
    scored = inference.succeeded()
    check_validation(stage, training, inference)
    checks.equal("every customer is scored", scored["rows_scored"] + scored["rows_quarantined"], stage.rows)
    check_tables(stage, scored)
    check_bytes(stage)
    check_schedules(stage)
    checks.true("whoever listens is told of both ends", all(
        stage.notices.of(run, "succeeded") for run in ("first-training", "first-inference")
    ))


def run_locally(stage):
    """The same data, run ids and time in a folder."""
    stage.local("run", "--data", str(stage.here("customers")), "--run-id", "first", "--at", STARTED_AT, "--allow-other-clock", "--quiet")


def check_training(stage, trained):
    checks, ask = stage.checks, stage.stack.ask
    checks.equal("the training made the first version and promoted it", (trained["version"], trained["promoted_to"]), ("v1.0.0", "live"))
    checks.equal("the registry says which version is live", ask(LIVE)[1:], [["v1.0.0"]])
    verdicts = "SELECT DISTINCT gate, decision FROM gate_verdicts WHERE run_id = 'first-training' ORDER BY gate"
    checks.equal("both gates passed it", ask(verdicts)[1:], [["fairness", "passed"], ["quality", "passed"]])
    ended = "SELECT run_id, result FROM runs WHERE run_id = 'first-training'"
    checks.equal("the run is recorded as succeeded", ask(ended)[1:], [["first-training", "succeeded"]])


def check_validation(stage, *executions):
    """All customers are more than the function's memory holds, so a container validates them."""
    memory = json.loads(CONFIG.read_text())["functions"]["memoryMiB"]["validate"] << 20
    size = sum(file.stat().st_size for file in (stage.folder / "customers").rglob("*.parquet"))
    too_large = BASE_BYTES + BYTES_PER_BYTE * size > memory
    by_container = ["ValidateLarge" in execution.states for execution in executions]
    stage.checks.equal("a container validates what is more than the function holds", by_container, [too_large] * len(executions))


def check_tables(stage, scored):
    checks, ask = stage.checks, stage.stack.ask
    counted = ask("SELECT count(*), count(DISTINCT customer_id), min(run_id), max(run_id) FROM predictions")[1]
    rows = str(scored["rows_scored"])
    checks.equal("Athena sees every customer once, of this run", counted, [rows, rows, "first-inference", "first-inference"])
    here = list(csv.reader(io.StringIO(stage.local("query", TIERS, "--csv"))))
    checks.equal("Athena counts the tiers as the run on this machine does", ask(TIERS)[1:], here[1:])
    views = [name for name in ("current_predictions", "latest_per_customer") if ask(f"SELECT count(*) FROM {name}")[1] != [rows]]
    checks.equal("the views of the live model and of each customer show the same rows", views, [])


def check_bytes(stage):
    """What analysts read, and the model itself."""
    for what, folder in {
        "the predictions": f"tables/predictions/model={MODEL}/scored_on={DAY}/run=first-inference/",
        "the model's files": f"models/{MODEL}/v1.0.0/",
    }.items():
        there = {key: digest(stage.stack.object(key)) for key in stage.stack.keys(folder) if comparable(key)}
        root = stage.folder / "store"
        here = {
            str(file.relative_to(root)): digest(file.read_bytes())
            for file in (root / folder).rglob("*") if file.is_file() and comparable(file.name)
        }
        stage.checks.true(f"{what} are files", len(there) > 0)
        stage.checks.equal(f"{what} have the same bytes on the stack and on this machine", there, here)


def comparable(key):
    """A manifest names places and who registered it, which differ."""
    return not key.endswith(("manifest.json", ".lock"))


def digest(content):
    return hashlib.sha256(content).hexdigest()


def check_schedules(stage):
    scheduler = boto3.client("scheduler")
    found = []
    for one in scheduler.list_schedules()["Schedules"]:
        schedule = scheduler.get_schedule(GroupName=one["GroupName"], Name=one["Name"])
        found.append((schedule["Name"], schedule["State"], schedule["Target"]["Arn"]))
    outputs = stage.stack.outputs
    stage.checks.equal("both schedules are there, off, and start the right machine", sorted(found), [
        ("millrace-local-scoring-engagement", "DISABLED", outputs["InferenceMachine"]),
        ("millrace-local-training-engagement", "DISABLED", outputs["TrainingMachine"]),
    ])
