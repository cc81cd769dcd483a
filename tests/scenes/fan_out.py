"""Four containers search, and four score, at once: they come to what one program makes on this machine."""

import csv
import io

from scenes.specs import FEW_CANDIDATES, changed
from scenes.whole_way import MODEL

DAY = "2026-11-20"
RUN = {"run_id": "fan-out", "started_at": f"{DAY}T06:00:00Z", "allow_other_clock": True}
AT_ONCE = 4
FOUND = (
    "SELECT engagement_tier, count(*) AS customers, min(customer_id) AS least, max(customer_id) AS most,"
    " CAST(round(sum(engagement_score_pred) * 1000) AS BIGINT) AS thousandths FROM predictions"
    f" WHERE run_id = 'fan-out' AND scored_on = DATE '{DAY}' GROUP BY engagement_tier ORDER BY engagement_tier"
)


def play(stage):
    search(stage)
    score(stage)


def search(stage):
    """A model of another name, so that what is live is left alone."""
    stack, checks = stage.stack, stage.checks
    lines = {"name": '"spread"', "minimum_r2": "0.3", "maximum_rmse": "0.5", **FEW_CANDIDATES}
    whole, spread = changed(**lines, strategy='"exhaustive"'), changed(**lines, strategy=f'"exhaustive"\ncontainers = {AT_ONCE}')
    execution = stack.execute("TrainingMachine", "spread", {
        "spec": stack.bring_spec("spread", spread), "data": stage.small, "run_id": "spread", "started_at": RUN["started_at"],
        "allow_other_clock": True,
    })
    checks.equal("fan-out: a search by four containers succeeds", (execution.status, execution.error), ("SUCCEEDED", None))
    checks.true("fan-out: the function validates what it holds", "PrepareValidation" not in execution.states)
    parts = {key.split("/")[2] for key in stack.keys("runs/spread/search-1-") if key.endswith("/output.json")}
    checks.equal("fan-out: each of them left its part", len(parts), AT_ONCE)
    stage.local("train", "--data", str(stage.here("fewer-customers")), "--spec", stage.write("models/whole.toml", whole),
                "--run-id", "spread", "--at", RUN["started_at"], "--allow-other-clock", "--quiet")
    model = "runs/spread/train-1/model.ubj"
    checks.true("fan-out: the model is the very one that one program finds here",
                stack.object(model) == (stage.folder / "store" / model).read_bytes())


def score(stage):
    stack, checks = stage.stack, stage.checks
    data = stack.bring_rows("four-days", "--rows", str(stage.rows_of_failures // AT_ONCE), "--days", str(AT_ONCE))
    stage.local("score", "--data", str(stage.here("four-days")), "--run-id", RUN["run_id"], "--at", RUN["started_at"], "--allow-other-clock", "--quiet")
    scored = stack.execute("InferenceMachine", "fan-out", {"model": MODEL, "data": data, **RUN}).succeeded()
    checks.equal("fan-out: as many containers as files", scored["shards"], AT_ONCE)
    parts = stack.keys(f"tables/predictions/model={MODEL}/scored_on={DAY}/run=fan-out/")
    checks.equal("fan-out: each left its part", len(parts), AT_ONCE)
    expected = list(csv.reader(io.StringIO(stage.local("query", FOUND, "--csv"))))
    checks.equal("fan-out: together they are what one program makes of the files", stack.ask(FOUND)[1:], expected[1:])
