"""1: only what passed the gates is shown to readers."""

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
    keeps(answer.code == 0 and out.is_file(), answer.said)


def a_version_that_is_rejected_meanwhile_is_not_shown(house):
    world = house.with_live_model("meanwhile")
    world.run("second", world.path("data.csv")).succeeded()
    scoring = world.begin("score", "--model", "visits", "--data", world.many(100), "--version", "v1.0.0", "--run-id", "slow")
    until(lambda: (world.store / "runs/slow").exists())
    world.models("reject", "v1.0.0", "--why", "unfair").succeeded()
    scoring.wait()
    keeps("slow" not in world.shown(), "readers see what a version scored that was rejected meanwhile")


def withdrawing_brings_up_nothing_that_was_never_shown(house):
    world = house.with_live_model("withdrawn")
    data, served = world.path("data.csv"), world.store / "tables/served"
    # Its scores are written, and publishing fails.
    served.rename(world.path("aside"))
    served.write_text("in the way")
    world.score("never", data)
    served.unlink()
    world.path("aside").rename(served)
    if "never" in world.shown():
        raise RuntimeError("it was published")
    world.score("third", data).succeeded()
    day = world.ask("SELECT DISTINCT scored_on FROM predictions")[0][0]
    world.millrace("predictions", "withdraw", "--model", "visits", "--day", day).succeeded()
    keeps("never" not in world.shown(), "readers see a run that was never published")


SCENES = [
    (1, a_refused_candidate_is_not_published),
    (1, a_candidate_is_scored_into_a_file_alone),
    (1, later_attempts_can_be_scored),
    (1, a_version_that_is_rejected_meanwhile_is_not_shown),
    (1, withdrawing_brings_up_nothing_that_was_never_shown),
]
