"""6: no row of a customer survives where nobody looks."""

import shutil
import signal

from .world import keeps, until

WHO = "C0007919"


def erase(world, *words):
    return world.millrace("erase", "--customer-id", WHO, "--yes", *words)


def scores_of(world):
    """How many rows of theirs readers find."""
    found = world.ask(f"SELECT count(*) FROM predictions WHERE id = '{WHO}'")
    return int(found[0][0]) if found else 0


def a_killed_scoring_leaves_no_rows_in_the_temporary_folder(house):
    world = house.with_live_model("killed")
    many = world.many(200)
    for signum in (signal.SIGKILL, signal.SIGTERM):
        run = f"slow-{signum}"
        scoring = world.begin("score", "--model", "visits", "--data", many, "--run-id", run)
        until(lambda: list(world.store.glob(f"runs/{run}/score-*")) or scoring.poll() is not None)
        until(lambda: rows_aside(world) or scoring.poll() is not None, patience=0.3)
        if scoring.poll() is not None:
            raise RuntimeError("it ended before it could be killed")
        scoring.send_signal(signum)
        scoring.wait()
        keeps(not rows_aside(world), f"after {signal.Signals(signum).name}: {rows_aside(world)}")


def rows_aside(world):
    """Files with rows that no listing of the store shows."""
    places = [*world.temporary().glob("**/*"), *world.store.glob("**/.tmp-*")]
    return [path.name for path in places if begins_like_rows(path)]


def begins_like_rows(path):
    try:
        return path.read_bytes()[:4] == b"PAR1"
    except OSError:
        return False


def what_lies_half_written_is_erased(house):
    world = house.with_live_model("half-written")
    left = world.store / "runs/first-inference/score-00000/.tmp-millrace-dead"
    left.write_text(f"customer_id\n{WHO}\n")
    erase(world)
    keeps(not left.exists(), "what a dead writer left still has the customer")


def a_damaged_file_ends_no_erasure(house):
    world = house.with_live_model("damaged")
    damaged = world.store / "data/a.parquet"
    damaged.parent.mkdir()
    damaged.write_text("PAR1 and nothing more")
    answer = erase(world)
    keeps(scores_of(world) == 0, answer.said)
    keeps(answer.code != 0, "what could not be cleaned is a success")


def an_unreadable_spec_ends_no_erasure(house):
    world = house.with_live_model("spec")
    (world.store / "runs/first-training/documents/spec.toml").write_text("name = ")
    answer = erase(world)
    keeps(scores_of(world) == 0, answer.said)
    keeps(answer.code != 0, "what could not be cleaned is a success")


def rows_from_before_an_erasure_are_not_believed(house):
    world = house.with_live_model("returned")
    scores = next(path for path in world.store.glob("tables/predictions/**/*.parquet"))
    shutil.copy(scores, world.path("before.parquet"))
    erase(world).succeeded()
    if scores_of(world) != 0:
        raise RuntimeError("they were not erased")
    shutil.copy(world.path("before.parquet"), scores)
    # Published once more, as a run is that was killed before.
    shutil.rmtree(world.store / "tables/served")
    (world.store / "runs/first-inference/end.json").unlink()
    answer = world.millrace("resume", "first-inference")
    keeps(scores_of(world) == 0 and answer.code != 0, "readers see rows that were erased")


def a_receipt_lists_every_object(house):
    world = house.with_live_model("receipt")
    erase(world).succeeded()
    receipts = sorted(world.store.glob("erasures/*.json"))
    keeps(receipts, "there is no receipt")
    receipt = world.document(receipts[-1].relative_to(world.store))
    changed = [one for one in receipt["objects"] if one["before"]["sha256"] != one["after"]["sha256"]]
    keeps(receipt["rows_erased"] == 1 and len(changed) == 1, receipt)
    keeps(WHO not in receipts[-1].read_text(), "the receipt names the customer")
    keeps(world.millrace("erase", "verify", receipts[-1].stem).code == 0, "the receipt cannot be checked")


SCENES = [
    (6, a_killed_scoring_leaves_no_rows_in_the_temporary_folder),
    (6, what_lies_half_written_is_erased),
    (6, a_damaged_file_ends_no_erasure),
    (6, an_unreadable_spec_ends_no_erasure),
    (6, rows_from_before_an_erasure_are_not_believed),
    (6, a_receipt_lists_every_object),
]
