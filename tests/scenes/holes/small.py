"""9 and 10: attempts beyond the tenth, and what is small."""

import json
import os
import stat

from .world import as_csv, keeps

NUMBERED = """
name = "accounts"
version = 1
[limits]
maximum_bad_row_share = 1.0
minimum_quality = 0.0
[columns]
account = { role = "id", type = "integer" }
cents   = { role = "feature", type = "integer", nullable = true }
"""


def the_last_of_eleven_attempts_is_reported(house):
    world = house.with_live_model("eleven")
    spec = world.spec("eleven", minimum_r2="0.999", attempts="11", n_estimators="[5]", max_depth="[1]")
    answer = world.millrace("--json", "run", "--data", world.path("data.csv"), "--spec", spec, "--run-id", "bad")
    attempts = len(list(world.store.glob("runs/bad-training/train-*")))
    if attempts != 11:
        raise RuntimeError(f"{attempts} attempts: {answer.said}")
    answer = world.millrace("runs", "diff", "bad-training", "first-training", "--json").succeeded()
    last = world.document("runs/bad-training/train-11/metadata.json")["metrics"]["r2"]
    told = [one["before"] for one in json.loads(answer)["differences"] if one["name"].endswith("metrics.r2")]
    keeps(told == [last], f"{told} is reported, the last one's is {last}")


def a_pipe_as_data_is_refused_at_once(house):
    world = house.empty("pipe")
    world.spec()
    os.mkfifo(world.path("rows.csv"))
    answer = world.millrace("validate", "--contract", world.path("visits.toml"), "--data", world.path("rows.csv"), patience=5)
    keeps(answer.code > 0, answer.said)


def a_run_may_be_named_runs(house):
    world = house.with_live_model("runs")
    answer = world.millrace("train", "--data", world.path("data.csv"), "--spec", world.spec(), "--run-id", "runs")
    keeps(answer.code == 0, answer.said)


def numbered(world, lines):
    contract = world.write("accounts.toml", NUMBERED)
    data = world.write("accounts.csv", as_csv(lines, ["account", "cents"]))
    words = ["validate", "--contract", contract, "--data", data, "--purpose", "scoring"]
    answer = world.millrace(*words, "--out", world.path("said"))
    keeps(world.path("said/report.json").exists() or answer.code != 0, answer.said)
    return world.document(world.path("said/report.json"))


def ids_with_zeros_in_front_stay_apart(house):
    said = numbered(house.empty("zeros"), [["007", 1], ["7", 2], ["8", 3]])
    keeps(said["uniqueness"]["repeated_ids"] == 0, "`007` and `7` are one id")


def whole_numbers_keep_every_digit(house):
    said = numbered(house.empty("digits"), [[1, 9_007_199_254_740_993], [2, 3]])
    keeps(said["rows_quarantined"] == 1 or "NumberTooLarge" in str(said), "2^53 + 1 lost a digit in silence")


def a_name_with_a_space_can_be_erased_from(house):
    world = house.with_live_model("space")
    data = world.write("my data.csv", "id,opens\nC0000000,1\nC0007919,2\n")
    answer = world.millrace("erase", "--customer-id", "C0007919", "--data", data, "--yes")
    keeps("C0007919" not in data.read_text(), answer.said)


def without_a_home_it_is_said_what_is_missing(house):
    world = house.empty("home")
    programs = world.path("programs")
    programs.mkdir()
    for name in ("millrace", "millrace-inference"):
        os.symlink(world.build / name, programs / name) if name != "millrace" else os.link(world.build / name, programs / name)
    # As the loader of the system does when it does not find a library.
    training = programs / "millrace-training"
    training.write_text("#!/bin/sh\necho 'error while loading shared libraries: libxgboost.so.3' >&2\nexit 127\n")
    training.chmod(training.stat().st_mode | stat.S_IXUSR)
    words = [programs / "millrace", "--store", world.store, "train", "--data", world.data(), "--spec", world.spec(), "--run-id", "t"]
    answer = world.call(words, env={})
    keeps("HOME" in answer.said and "StageUnfinished" not in answer.said, answer.said)


SCENES = [
    (9, the_last_of_eleven_attempts_is_reported),
    (10, a_pipe_as_data_is_refused_at_once),
    (10, a_run_may_be_named_runs),
    (10, ids_with_zeros_in_front_stay_apart),
    (10, whole_numbers_keep_every_digit),
    (10, a_name_with_a_space_can_be_erased_from),
    (10, without_a_home_it_is_said_what_is_missing),
]
