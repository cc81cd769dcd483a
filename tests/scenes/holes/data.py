"""2: what was validated is what is learned from and scored."""

import shutil

from .world import as_csv, keeps, rows


def stopped_before(world, run, stage, *later):
    """The store as a run left it that was killed before that stage began."""
    folder = world.store / "runs" / run
    for gone in (folder / stage, folder / "end.json", *(world.store / name for name in later)):
        shutil.rmtree(gone, ignore_errors=True) if gone.is_dir() else gone.unlink(missing_ok=True)


def other_rows():
    """As good as the first, and from another source."""
    return as_csv(rows(seed=11))


def data_replaced_before_training_is_not_learned_from(house):
    world = house.empty("replaced-training")
    world.run("first", world.data()).succeeded()
    stopped_before(world, "first-training", "train-1", "models", "tables", "runs/first-inference")
    for gate in (world.store / "runs/first-training").glob("*-gate-*"):
        shutil.rmtree(gate)
    world.write("data.csv", other_rows())
    answer = world.millrace("resume", "first")
    keeps("DataChanged" in answer.said, answer.said or "it learned from the other rows")
    keeps(not (world.store / "runs/first-training/train-1/model.ubj").exists(), "there is a model of the other rows")


def data_replaced_before_scoring_is_not_scored(house):
    world = house.empty("replaced-scoring")
    world.run("first", world.data()).succeeded()
    stopped_before(world, "first-inference", "score-00000", "tables/predictions", "tables/served")
    world.write("data.csv", other_rows())
    answer = world.millrace("resume", "first")
    keeps("DataChanged" in answer.said, answer.said or "it scored the other rows")
    keeps("first-inference" not in world.shown(), "readers see scores of the other rows")


def a_relative_path_is_taken_up_from_another_folder(house):
    world = house.empty("relative")
    spec, here, elsewhere = world.spec(), world.path("here"), world.path("elsewhere")
    elsewhere.mkdir()
    world.data("here/data.csv")
    world.millrace("run", "--data", "data.csv", "--spec", spec, "--run-id", "first", cwd=here).succeeded()
    stopped_before(world, "first-inference", "score-00000", "tables/predictions", "tables/served")
    answer = world.millrace("resume", "first", cwd=elsewhere)
    keeps(answer.code == 0 and "first-inference" in world.shown(), answer.said)


SCENES = [
    (2, data_replaced_before_training_is_not_learned_from),
    (2, data_replaced_before_scoring_is_not_scored),
    (2, a_relative_path_is_taken_up_from_another_folder),
]
