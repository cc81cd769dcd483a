"""1: only what passed the gates is shown to readers."""

import datetime

from .world import keeps, until

REFUSED = {"minimum_r2": "0.999", "attempts": "2"}


def refused(house, name):
    """A run whose candidates the quality gate refused, twice, after one that went live."""
    world = house.with_live_model(name)
    answer = world.run("bad", world.path("data.csv"), world.spec("bad", **REFUSED))
    if "QualityRejected" not in answer.said:
        raise RuntimeError(f"the gate did not refuse: {answer.said}")
    return world


def a_refused_candidate_is_not_published(house):
    world = refused(house, "refused")
    answer = world.score("sneaked", world.path("data.csv"), "--version", "run:bad-training")
    keeps("sneaked" not in world.shown(), "readers see what a gate refused")
    keeps(answer.code != 0, answer.out)


def a_candidate_is_scored_into_a_file_alone(house):
    world = house.with_live_model("trial")
    world.millrace("train", "--data", world.path("data.csv"), "--spec", world.spec(), "--run-id", "t").succeeded()
    answer = world.score("tried", world.path("data.csv"), "--version", "run:t", "--out", world.path("scores.parquet"))
    answer.succeeded()
    keeps("tried" not in world.shown(), "readers see what no gate has judged")
    keeps("nothing was published" in answer.out, answer.out)
    keeps(world.path("scores.parquet").is_file(), "there is no file")


def later_attempts_can_be_scored(house):
    world = refused(house, "attempts")
    out = world.path("scores.parquet")
    answer = world.score("second", world.path("data.csv"), "--version", "run:bad-training/2", "--out", out)
    keeps(answer.code == 0 and out.is_file(), answer.ending)


def a_version_that_is_rejected_meanwhile_is_not_shown(house):
    world = house.with_live_model("meanwhile")
    world.run("second", world.path("data.csv")).succeeded()
    scoring = world.begin("score", "--model", "visits", "--data", world.many(100), "--version", "v1.0.0", "--run-id", "slow")
    until(lambda: (world.store / "runs/slow").exists())
    world.models("reject", "v1.0.0", "--why", "unfair").succeeded()
    scoring.wait()
    keeps("slow" not in world.shown(), "readers see what a version scored that was rejected meanwhile")


def what_was_never_shown_is_not_brought_up(house):
    world = house.empty("never-shown")
    data, today = world.data(), datetime.datetime.now(datetime.timezone.utc).date()
    world.run("second", data, at=f"{today}T00:00:02Z").succeeded()
    # An older run that comes late: readers never see it.
    older = ("--at", f"{today}T00:00:01Z")
    world.score("older", data, *older).succeeded()
    if world.shown() != {"second-inference"}:
        raise RuntimeError(f"{world.shown()} is shown")
    of = ("--model", "visits", "--day", today)
    world.millrace("predictions", "withdraw", *of).succeeded()
    world.score("older", data, *older)
    world.millrace("predictions", "restore", *of, "--run", "older")
    keeps("older" not in world.shown(), "readers see a run that was never published")


SCENES = [
    (1, a_refused_candidate_is_not_published),
    (1, a_candidate_is_scored_into_a_file_alone),
    (1, later_attempts_can_be_scored),
    (1, a_version_that_is_rejected_meanwhile_is_not_shown),
    (1, what_was_never_shown_is_not_brought_up),
]
