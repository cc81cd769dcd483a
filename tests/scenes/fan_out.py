"""Four files are scored by four containers at once, and come to what one program makes of them on this machine."""

import csv
import io

from scenes.whole_way import MODEL

DAY = "2026-11-20"
RUN = {"run_id": "fan-out", "started_at": f"{DAY}T06:00:00Z"}
SHARDS = 4
FOUND = (
    "SELECT engagement_tier, count(*) AS customers, min(customer_id) AS least, max(customer_id) AS most,"
    " CAST(round(sum(engagement_score_pred) * 1000) AS BIGINT) AS thousandths FROM predictions"
    f" WHERE run_id = 'fan-out' AND scored_on = DATE '{DAY}' GROUP BY engagement_tier ORDER BY engagement_tier"
)


def play(stage):
    stack, checks = stage.stack, stage.checks
    options = ["--rows", str(stage.rows_of_failures // SHARDS), "--days", str(SHARDS)]
    data = stack.bring_rows("four-days", *options)
    here = stage.folder / "four-days"
    stack.command("generate", "--out", str(here), *options, "--quiet")
    stage.local("score", "--data", str(here), "--run-id", RUN["run_id"], "--at", RUN["started_at"], "--quiet")
    scored = stack.execute("InferenceMachine", "fan-out", {"model": MODEL, "data": data, **RUN}).succeeded()
    checks.equal("fan-out: as many containers as files", scored["shards"], SHARDS)
    parts = stack.keys(f"tables/predictions/model={MODEL}/scored_on={DAY}/run=fan-out/")
    checks.equal("fan-out: each left its part", len(parts), SHARDS)
    expected = list(csv.reader(io.StringIO(stage.local("query", FOUND, "--csv"))))
    checks.equal("fan-out: together they are what one program makes of the files", stack.ask(FOUND)[1:], expected[1:])
