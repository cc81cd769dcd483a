"""The same again, something newer, and back: what readers see follows each time, through Athena."""

from scenes.failures import stopped_container
from scenes.whole_way import DAY, LIVE, MODEL

SEEN = f"SELECT run_id, model_version, count(*) FROM predictions WHERE scored_on = DATE '{DAY}' GROUP BY run_id, model_version"


def play(stage):
    second_start(stage)
    rollback(stage)


def second_start(stage):
    """A run that had succeeded is started again under its name; then another question is asked under that name."""
    stack, checks = stage.stack, stage.checks
    before = served(stage)
    again = stack.execute("InferenceMachine", "first-inference-again", {"run_id": "first-inference"}).succeeded()
    checks.equal("again: nothing is published anew", again["published"], False)
    checks.equal("again: not a byte of what is served is changed", served(stage), before)
    other = stack.execute("InferenceMachine", "first-inference-other", {
        "run_id": "first-inference", "model": MODEL, "data": stage.small,
    })
    checks.equal("again: another question under the same name is refused", (other.status, other.error), ("FAILED", "RunInputChanged"))
    checks.equal("again: and changes nothing", served(stage), before)


def rollback(stage):
    """A second version replaces the day's scores; going back brings the first one's rows back."""
    stack, checks = stage.stack, stage.checks
    first = stack.ask(SEEN)[1:]
    trained = stopped_container(stage, "second-training", stage.data).succeeded()
    stage.live = trained["version"]
    checks.equal("the second version is live", stack.ask(LIVE)[1:], [[stage.live]])
    scored = stack.execute("InferenceMachine", "second-inference", {
        "model": MODEL, "data": stage.data, "run_id": "second-inference", "started_at": f"{DAY}T08:00:00Z",
        "allow_other_clock": True,
    }).succeeded()
    second = [["second-inference", stage.live, str(scored["rows_scored"])]]
    checks.equal("its scores replace those of the day, and no row is seen twice", stack.ask(SEEN)[1:], second)
    stack.command("models", "rollback", "--with-predictions", "--store", stack.store, "--why", "the end-to-end test goes back")
    checks.equal("back: the first version is live", stack.ask(LIVE)[1:], [["v1.0.0"]])
    checks.equal("back: Athena sees the first version's rows again", stack.ask(SEEN)[1:], first)
    current = "SELECT DISTINCT model_version FROM current_predictions"
    checks.equal("back: so does the view of the live model", stack.ask(current)[1:], [["v1.0.0"]])


def served(stage):
    """The document of what is served, and the scores themselves."""
    keys = [f"tables/served/{MODEL}.json", *stage.stack.keys(f"tables/predictions/model={MODEL}/scored_on={DAY}/")]
    return {key: stage.stack.object(key) for key in keys}
