"""8: time is checked."""

import datetime

from . import parquet
from .world import as_csv, keeps

CONTRACT = """
name = "dated"
version = 1
[limits]
maximum_age_days = 7
maximum_bad_row_share = 0.5
[columns]
visit = { role = "id", type = "text" }
day   = { role = "date", type = "date" }
"""
NOW = "2026-11-03T12:00:00Z"


def report(world, data):
    """What validation says of these rows."""
    contract = world.write("dated.toml", CONTRACT)
    words = ["validate", "--contract", contract, "--data", data, "--purpose", "scoring", "--at", NOW]
    world.millrace(*words, "--out", world.path("said"))
    return world.document(world.path("said/report.json"))


def dated(world, days):
    return world.write("dated.csv", as_csv([[f"V{row}", day] for row, day in enumerate(days)], ["visit", "day"]))


def a_row_of_2099_hides_no_staleness(house):
    world = house.empty("2099")
    said = report(world, dated(world, ["2026-10-01"] * 200 + ["2099-01-01"]))
    keeps("Stale" in str(said["refusals"]), said["refusals"] or "data of a month ago counts as fresh")


def a_row_of_the_future_is_bad(house):
    world = house.empty("future")
    said = report(world, dated(world, ["2026-11-03"] * 200 + ["2099-01-01"]))
    keeps(said["rows_quarantined"] == 1, f"{said['rows_quarantined']} bad rows")


def a_run_dated_2100_is_refused(house):
    world = house.with_live_model("2100")
    answer = world.score("ahead", world.path("data.csv"), "--at", "2100-01-01T00:00:00Z")
    keeps("OtherClock" in answer.said and "ahead" not in world.shown(), "its scores are the latest until 2100")


def a_date_is_read_whole(house):
    world = house.empty("tails")
    said = report(world, dated(world, ["2026-11-01"] * 20 + ["2026-11-01Tomorrow"]))
    keeps(said["rows_quarantined"] == 1, "`2026-11-01Tomorrow` is a date")


def an_int96_of_the_year_9999_is_no_other_date(house):
    world = house.empty("int96")
    days = [datetime.date(2026, 11, 1)] * 20 + [datetime.date(9999, 12, 31)]
    data = world.path("dated.parquet")
    data.write_bytes(parquet.table([f"V{row}" for row in range(len(days))], days))
    said = report(world, data)
    keeps(said["rows_read"] == 21 and said["rows_quarantined"] == 1, f"{said['rows_quarantined']} bad rows")


SCENES = [
    (8, a_row_of_2099_hides_no_staleness),
    (8, a_row_of_the_future_is_bad),
    (8, a_run_dated_2100_is_refused),
    (8, a_date_is_read_whole),
    (8, an_int96_of_the_year_9999_is_no_other_date),
]
