"""7: an interval holds the share of fresh rows that it promises."""

import csv
import io
import random

from .world import keeps

COLUMNS, LEARNED, FRESH, DRAWS = 120, 200, 300, 8
PROMISED = 0.9
SPEC = """
name = "drawn"
contract = "drawn.toml"
target = "y"
[split]
stratify_bins = 1
[selection]
best = 10
[search]
folds = 3
[search.space]
n_estimators = [20, 40]
max_depth = [2, 4]
learning_rate = [0.1]
subsample = [1.0]
colsample_bytree = [1.0]
[scores]
table = "drawn"
column = "predicted"
decimals = 6
[scores.interval]
coverage = 0.9
[quality]
minimum_r2 = -9.0
maximum_rmse = 99.0
must_not_be_worse_than_live_by = 9.0
"""


def drawn(chance, first, count):
    for row in range(first, first + count):
        x = [round(chance.gauss(0, 1), 4) for _ in range(COLUMNS)]
        yield [f"r{row:05}", *x, round(0.5 * x[0] + chance.gauss(0, 1), 4)]


def intervals_of_a_wide_noisy_table_keep_their_promise(house):
    held = []
    names = ["id", *(f"x{column}" for column in range(COLUMNS)), "y"]
    for draw in range(DRAWS):
        world, chance = house.empty(f"wide-{draw}"), random.Random(draw)
        features = "".join(f'x{column} = {{ role = "feature", type = "float" }}\n' for column in range(COLUMNS))
        world.write("drawn.toml", f'name = "drawn"\nversion = 1\n[columns]\nid = {{ role = "id", type = "text" }}\n{features}y = {{ role = "target", type = "float" }}\n')
        fresh = list(drawn(chance, LEARNED, FRESH))
        for name, table in (("learned", drawn(chance, 0, LEARNED)), ("fresh", fresh)):
            out = io.StringIO()
            csv.writer(out, lineterminator="\n").writerows([names, *table])
            world.write(f"{name}.csv", out.getvalue())
        world.run("r", world.path("learned.csv"), world.write("drawn-spec.toml", SPEC)).succeeded()
        world.millrace("score", "--model", "drawn", "--data", world.path("fresh.csv"), "--run-id", "fresh").succeeded()
        truth = {row[0]: row[-1] for row in fresh}
        answer = world.ask("SELECT id, score_low, score_high FROM drawn WHERE run_id = 'fresh'")
        held += [float(low) <= truth[who] <= float(high) for who, low, high in answer]
    if len(held) != DRAWS * FRESH:
        raise RuntimeError(f"{len(held)} rows were scored")
    share = sum(held) / len(held)
    keeps(share >= PROMISED - 0.015, f"{share:.3f} of the rows lie within, {PROMISED} are promised")


SCENES = [(7, intervals_of_a_wide_noisy_table_keep_their_promise)]
