#!/usr/bin/env python3
"""A law: random state machines end alike on the local engine and on the emulator's Step Functions.

The machines have Pass, Choice, Fail, Parallel and Map states, variables of all scopes, and expressions of
the kinds that the machines in statemachines/ have. Compared are the states on the way, the output, and the name of an
error; its text is each engine's own.

    tests/random_machines.py              start an emulator, play COUNT machines from seed FIRST on, stop it
    tests/random_machines.py FIRST COUNT
"""

import json
import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from conformance import AT_ONCE, entered, outcome, play

ROOT = Path(__file__).resolve().parent.parent
INSIDE = "MILLRACE_RANDOM_MACHINES_INSIDE"
FIRST, COUNT = 1, 100

# Of the variables n (a whole number), t (a text) and xs (an array of numbers) of a scope.
NUMBERS = ["{n} + 1", "{n} * 2 - 3", "{n} % 5", "$sum({xs})", "$count({xs})", "$abs({n} - 4)", "$max($append({xs}, {n}))",
           "$length({t})", "$floor({n} / 2)", "{n} > 3 ? 1 : {n}", "$number($string({n}))", "{xs}[0] + {n}"]
TEXTS = ["{t} & '-' & $string({n})", "$uppercase({t})", "$substring({t}, 0, 3)", "$join(['a', {t}], '/')", "$string({n})",
         "$substringBefore({t}, '-')", "$trim(' ' & {t})", "{n} = 2 ? 'two' : {t}"]
ARRAYS = ["[{n}, {n} + 1]", "$append({xs}, {n})", "[1..4]", "$reverse({xs})", "$sort({xs})", "[{xs}[$ > 1]]",
          "[$map({xs}, function($x) {{ $x + 1 }})]", "[$distinct($append({xs}, {xs}))]"]
CONDITIONS = ["{n} > 3", "$count({xs}) < 3", "$contains({t}, 'a')", "{n} in {xs}", "$not({n} = 2)", "{n} % 2 = 0 and {n} > 0",
              "$exists($states.input.missing)", "{t} = 'b' or {n} < 1"]
# An error of the expression itself.
BROKEN = ["$number({t} & 'x')", "{t} + 1", "$states.input.missing.deeper"]


class Maker:
    """One machine. Its scopes name their variables apart, for an inner one may not assign an outer one's."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.names = self.scopes = 0
        self.may_fail = True

    def machine(self):
        return {"QueryLanguage": "JSONata"} | self.flow(depth=0, outer=None)

    def input(self):
        return {"n": self.random.randint(-2, 8), "t": self.random.choice(["a", "b", "a-b-c", ""]),
                "xs": [self.random.randint(0, 4) for _ in range(self.random.randint(2, 4))]}

    def name(self):
        self.names += 1
        return f"S{self.names}"

    def flow(self, depth, outer):
        """A first state that sets the variables, some states each of which leads further on, and an end."""
        self.scopes += 1
        own = {name: f"${name}{self.scopes}" for name in ("n", "t", "xs")}
        names = [self.name() for _ in range(self.random.randint(2, 5))]
        states = {names[0]: {"Type": "Pass", "Assign": self.beginning(own, outer), "Next": names[1]}}
        for place, name in enumerate(names[1:-1], 1):
            states[name] = self.state(own, depth, names[place + 1:])
        states[names[-1]] = self.end(own)
        return {"StartAt": names[0], "States": self.reached(names[0], states)}

    def unfailing(self, depth, outer):
        before, self.may_fail = self.may_fail, False
        flow = self.flow(depth, outer)
        self.may_fail = before
        return flow

    def beginning(self, own, outer):
        of = outer or {"n": "$states.input.n", "t": "$states.input.t", "xs": "$states.input.xs"}
        return {own[name][1:]: "{% " + of[name] + " %}" for name in own}

    def state(self, own, depth, later):
        next_one = lambda: self.random.choice(later)
        kind = self.random.choice(["Pass", "Pass", "Choice", "Choice"] + (["Parallel", "Map"] if depth < 2 else []))
        if kind == "Choice":
            rules = [{"Condition": self.of(CONDITIONS, own), "Next": next_one()} for _ in range(self.random.randint(1, 2))]
            if self.random.random() < 0.4:
                rules[0]["Assign"] = {own["n"][1:]: self.of(NUMBERS, own)}
            return {"Type": kind, "Choices": rules} | ({"Default": next_one()} if not self.fails(0.15) else {})
        state = {"Type": kind, "Next": next_one()}
        if kind == "Pass":
            state |= {"Assign": self.changes(own), "Output": {"n": self.of(NUMBERS, own), "seen": "{% $states.input %}"}}
        elif kind == "Parallel":
            # Where two fail, whichever is first names the error.
            state["Branches"] = [self.flow(depth + 1, own), self.unfailing(depth + 1, own)]
        else:
            state["Items"] = self.of(["[{n}, 2, 3]", "[1..3]", "$append({xs}, [7, 8])"], own)
            state["MaxConcurrency"] = 1
            item = {"n": "$states.input.value + $states.input.index", "t": own["t"], "xs": own["xs"]}
            state["ItemSelector"] = {"value": "{% $states.context.Map.Item.Value %}", "index": "{% $states.context.Map.Item.Index %}"}
            state["ItemProcessor"] = self.flow(depth + 1, item)
        if kind != "Pass" and self.random.random() < 0.6:
            state["Catch"] = [{"ErrorEquals": ["States.ALL"], "Output": {"caught": "{% $states.errorOutput.Error %}"}, "Next": next_one()}]
        return state

    def changes(self, own):
        """One variable only: where several change at once the emulator lets the later ones see the new values."""
        of = {"n": NUMBERS, "t": TEXTS, "xs": ARRAYS}
        name = self.random.choice(sorted(of))
        return {own[name][1:]: self.of(BROKEN if self.fails(0.06) else of[name], own)}

    def end(self, own):
        if self.fails(0.2):
            return {"Type": "Fail", "Error": self.random.choice(["First", "Second"]), "Cause": "as it was meant"}
        # The emulator does not heed the Output of a Succeed state.
        return {"Type": "Pass", "Output": {name: "{% " + own[name] + " %}" for name in own} | {"input": "{% $states.input %}"}, "End": True}

    def fails(self, share):
        return self.random.random() < share and self.may_fail

    def of(self, expressions, own):
        return "{% " + self.random.choice(expressions).format(**own) + " %}"

    def reached(self, start, states):
        """Only what can be reached: another state is refused when a machine is loaded."""
        found, waiting = {}, [start]
        while waiting:
            name = waiting.pop()
            if name in found:
                continue
            state = found[name] = states[name]
            targets = [state.get("Next"), state.get("Default")]
            targets += [rule["Next"] for rule in state.get("Choices", []) + state.get("Catch", [])]
            waiting += filter(None, targets)
        return {name: states[name] for name in states if name in found}


def made(seed):
    maker = Maker(seed)
    return {"seed": seed, "definition": maker.machine(), "input": maker.input()}


def here(cases):
    """Of the local engine."""
    folder = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release/examples"
    lines = "".join(json.dumps(case) + "\n" for case in cases)
    done = subprocess.run([folder / "play"], input=lines, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"the local engine: {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def there(case):
    """Of the emulator's."""
    execution, events = play(f"random-{case['seed']}", json.dumps(case["definition"]), case["input"])
    ended = outcome(execution)
    ended.pop("cause", None)
    states = [name for name in entered(events) if name in case["definition"]["States"]]
    return {"outcome": ended, "states": states}


def main():
    first, count = map(int, sys.argv[1:]) if len(sys.argv) == 3 else (FIRST, COUNT)
    if INSIDE not in os.environ:
        command = [ROOT / "scripts/emulator", "run", sys.executable, __file__, str(first), str(count)]
        return subprocess.run(command, env=os.environ | {INSIDE: "1"}).returncode
    cases = [made(seed) for seed in range(first, first + count)]
    ours = here(cases)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        theirs = list(pool.map(there, cases))
    differing = 0
    for case, mine, other in zip(cases, ours, theirs, strict=True):
        if mine != other:
            differing += 1
            print(f"\nseed {case['seed']}: {json.dumps(case['definition'])}\n  input    {json.dumps(case['input'])}")
            print(f"  here     {json.dumps(mine)}\n  emulator {json.dumps(other)}")
    failed = sum(mine["outcome"]["status"] == "failed" for mine in ours)
    print(f"random machines: {count - differing} of {count} end alike on both engines, {failed} of all with an error (seeds from {first})")
    return 0 if differing == 0 and count else 1


if __name__ == "__main__":
    sys.exit(main())
