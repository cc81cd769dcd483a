"""What goes wrong: each time the reason is recorded and told, and readers keep what they had."""

import json
import subprocess
import time

import boto3

from scenes.specs import FEW_CANDIDATES, changed
from scenes.whole_way import LIVE, MODEL

WORKING_SECONDS = 120


def play(stage):
    unfair_data(stage)
    broken_data(stage)
    function_that_throws(stage)
    container_out_of_memory(stage)


def unfair_data(stage):
    data = stage.stack.bring_rows("unfair", "--rows", str(stage.rows_of_failures), "--bias", "gender=0.2")
    some_customers_twice(stage)
    # Neither what the unfairness costs in quality nor a second attempt shall hide what blocks it.
    lenient = changed(minimum_r2="0.3", maximum_rmse="0.5", must_not_be_worse_than_live_by="1.0", attempts="1", **FEW_CANDIDATES)
    execution = train(stage, "unfair", data, stage.stack.bring_spec("lenient", lenient))
    expect_failure(stage, execution, "unfair", "FairnessRejected")
    judged = "SELECT DISTINCT decision FROM gate_verdicts WHERE run_id = 'unfair' AND gate = 'fairness'"
    stage.checks.equal("unfair: the gate's verdict is recorded", stage.stack.ask(judged)[1:], [["blocked"]])
    rejected = "SELECT state FROM model_versions WHERE run_id = 'unfair'"
    stage.checks.equal("unfair: rows that were there already are put aside",
                       stage.stack.ask("SELECT count(*) FROM quarantine WHERE run_id = 'unfair'")[1:], [["100"]])
    stage.checks.equal("unfair: the version is registered as rejected", stage.stack.ask(rejected)[1:], [["rejected"]])


def some_customers_twice(stage):
    """Their second rows go into quarantine, which is a table as well."""
    s3, bucket = boto3.client("s3"), stage.stack.features
    stage.stack.bring_rows("twice", "--rows", "100", "--seed", "7")
    (found,) = s3.list_objects_v2(Bucket=bucket, Prefix="twice/")["Contents"]
    (day,) = s3.list_objects_v2(Bucket=bucket, Prefix="unfair/")["Contents"]
    s3.copy_object(Bucket=bucket, CopySource={"Bucket": bucket, "Key": found["Key"]}, Key=f"{day['Key'].rsplit('/', 1)[0]}/twice.parquet")


def broken_data(stage):
    """A file that was cut off while it was written."""
    s3 = boto3.client("s3")
    (found,) = s3.list_objects_v2(Bucket=stage.stack.features, Prefix="fewer-customers/")["Contents"]
    whole = s3.get_object(Bucket=stage.stack.features, Key=found["Key"])["Body"].read()
    s3.put_object(Bucket=stage.stack.features, Key="broken/customers.parquet", Body=whole[: len(whole) // 2])
    execution = train(stage, "broken", f"s3://{stage.stack.features}/broken", stage.spec)
    expect_failure(stage, execution, "broken", "CorruptParquet")


def function_that_throws(stage):
    """Publishing loses its store: what was scored stays unseen, until the same run is started again."""
    functions = boto3.client("lambda")
    name = "millrace-local-publish"
    variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    before = stage.seen()
    given = {"model": MODEL, "data": stage.small, "run_id": "thrown", "started_at": "2026-11-22T06:00:00Z",
             "allow_other_clock": True}
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": {}})
    try:
        execution = stage.stack.execute("InferenceMachine", "thrown", given)
    finally:
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
    expect_failure(stage, execution, "thrown", execution.error)
    stage.checks.true(f"thrown: what the function did has a name: {execution.error}", bool(execution.error))
    stage.checks.equal("thrown: it failed where it was published", end_of(stage, "thrown")["stage"], "Publish")
    stage.checks.equal("thrown: readers see what they saw", stage.seen(), before)
    again = stage.stack.execute("InferenceMachine", "thrown-again", {"run_id": "thrown"}).succeeded()
    stage.checks.equal("thrown: the same run, started again, ends well", again["rows_scored"] > 0, True)
    days = stage.seen()
    stage.checks.equal("thrown: then its day is seen as well", len(days), len(before) + 1)


def container_out_of_memory(stage):
    """A container that gets what the system sends one that wants more memory than it has."""
    given = {"spec": stage.spec, "data": stage.small, "run_id": "starved", "started_at": "2026-11-21T08:00:00Z",
             "allow_other_clock": True}
    arn = stage.stack.start("TrainingMachine", "starved", given)
    subprocess.run(["docker", "kill", at_work(stage, "starved")], check=True, stdout=subprocess.DEVNULL)
    execution = stage.stack.follow(arn)
    stage.checks.equal("starved: it is not started again", execution.states.count("Train"), 1)
    expect_failure(stage, execution, "starved", "OutOfMemory")
    stage.checks.true("starved: the cause says what to raise", "containers.training.memoryMiB" in execution.cause)


def stopped_container(stage, name, data):
    """A training whose first container is stopped at work, as ECS stops one; gives the execution, which must succeed all the same."""
    given = {"spec": stage.spec, "data": data, "run_id": name, "started_at": "2026-11-21T07:00:00Z",
             "allow_other_clock": True}
    arn = stage.stack.start("TrainingMachine", name, given)
    container = at_work(stage, name)
    subprocess.run(["docker", "kill", "--signal", "TERM", container], check=True, stdout=subprocess.DEVNULL)
    print(f"== stopped the container {container}")
    execution = stage.stack.follow(arn)
    stage.checks.equal(f"{name}: the container that was stopped is started once more", execution.states.count("Train"), 2)
    stage.checks.equal(f"{name}: the run succeeds all the same", (execution.status, execution.error), ("SUCCEEDED", None))
    return execution


def at_work(stage, run):
    """The container of a run's training, as soon as it says that it is searching."""
    deadline = time.monotonic() + WORKING_SECONDS
    while time.monotonic() < deadline:
        listed = subprocess.run(["docker", "ps", "--quiet"], check=True, stdout=subprocess.PIPE, text=True).stdout.split()
        if listed and f"runs/{run}/train-1/progress.json" in stage.stack.keys(f"runs/{run}/train-1/"):
            return listed[0]
        time.sleep(0.2)
    raise SystemExit(f"{run}: no container was at work after {WORKING_SECONDS} s")


def train(stage, name, data, spec):
    return stage.stack.execute("TrainingMachine", name, {"spec": spec, "data": data, "run_id": name})


def expect_failure(stage, execution, run, error):
    """It fails by this name: in the execution, in the run's folder, in the table of runs, and to whoever listens."""
    checks = stage.checks
    checks.equal(f"{run}: the execution fails by name", (execution.status, execution.error), ("FAILED", error))
    end = end_of(stage, run)
    checks.equal(f"{run}: the run's folder says so", (end["result"], end["error"]), ("failed", error))
    told = stage.stack.ask(f"SELECT result, error FROM runs WHERE run_id = '{run}'")
    checks.equal(f"{run}: the table of runs says so", told[1:], [["failed", error]])
    checks.true(f"{run}: whoever listens is told", error in stage.notices.of(run, "failed"))
    checks.equal(f"{run}: what is live stays live", stage.stack.ask(LIVE)[1:], [[stage.live]])


def end_of(stage, run):
    return json.loads(stage.stack.object(f"runs/{run}/end.json"))
