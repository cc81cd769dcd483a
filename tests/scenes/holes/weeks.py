"""3 and 4: the comparison with the live model lets through what is no worse, and nothing without evidence."""

from .world import COLUMNS, CONTRACT, ROWS, as_csv, keeps, rows

# Trees that learn their rows by heart: whoever has seen a row shines on it.
BY_HEART = {"max_depth": "[9]", "n_estimators": "[200]", "minimum_r2": "0.1", "must_not_be_worse_than_live_by": "0.1"}


def a_table_that_is_2_percent_larger_is_not_refused(house):
    world = house.empty("larger")
    spec = world.spec(**BY_HEART)
    world.run("first", world.data(noise=1.0), spec).succeeded()
    larger = world.data("larger.csv", count=ROWS + ROWS // 50, noise=1.0)
    answer = world.run("second", larger, spec)
    keeps(world.live() == "second-training", answer.said)


def a_live_model_that_cannot_be_read_blocks(house):
    world = house.with_live_model("unreadable")
    for model in world.store.glob("models/visits/v1.0.0/model.ubj"):
        model.write_bytes(model.read_bytes()[:-7])
    answer = world.run("second", world.path("data.csv"))
    keeps(answer.code != 0 and world.live() == "first-training", f"{world.live()} is live: {answer.said}")


def other_columns(world):
    """A contract without `orders`, and the data for it."""
    world.spec()
    contract = CONTRACT.replace("version = 1", "version = 2").replace('orders  = { role = "feature", type = "float" }\n', "")
    world.write("visits.toml", contract)
    at = COLUMNS.index("orders")
    without = [row[:at] + row[at + 1 :] for row in rows()]
    return world.write("other.csv", as_csv(without, COLUMNS[:at] + COLUMNS[at + 1 :]))


def a_live_model_of_other_columns_blocks(house):
    world = house.with_live_model("incomparable")
    answer = world.run("second", other_columns(world), world.spec("lower", minimum_r2="0.3"))
    keeps(answer.code != 0 and world.live() == "first-training", f"{world.live()} is live: {answer.said}")


def what_lacks_evidence_is_promoted_with_a_reason_that_the_history_keeps(house):
    world = house.with_live_model("reason")
    world.run("second", other_columns(world), world.spec("lower", minimum_r2="0.3"))
    version = world.ask("SELECT version FROM model_versions WHERE run_id = 'second-training'")[0][0]
    answer = world.models("promote", version)
    keeps(answer.code != 0, "it is promoted without a reason")
    why = "both were looked at side by side"
    world.models("promote", version, "--why", why).succeeded()
    keeps(world.live() == "second-training" and why in world.models("history").out, "the history does not say why")


SCENES = [
    (3, a_table_that_is_2_percent_larger_is_not_refused),
    (4, a_live_model_that_cannot_be_read_blocks),
    (4, a_live_model_of_other_columns_blocks),
    (4, what_lacks_evidence_is_promoted_with_a_reason_that_the_history_keeps),
]
