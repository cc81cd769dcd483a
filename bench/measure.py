"""Runs commands as whole processes and measures them by the operating system's own accounting."""

import os
import statistics
import subprocess
import time
from dataclasses import dataclass


@dataclass
class Cost:
    wall_seconds: float
    cpu_seconds: float
    peak_mib: float


def run(command, environment=None):
    """One run. The peak is that of the largest single process among the command and its children."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, **(environment or {})})
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"failed with {process.returncode}: {' '.join(map(str, command))}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024), printed.decode()


def pair(ours, peer, runs):
    """Ours and the peer in turn, so that a slow moment of the machine meets both. Medians and what was printed.
    A command that must differ from run to run is given as a function."""
    costs, printed = ([], []), [None, None]
    for _ in range(runs):
        for side, command in enumerate((ours, peer)):
            cost, printed[side] = run(command() if callable(command) else command)
            costs[side].append(cost)
    return median(costs[0]), median(costs[1]), printed


def median(costs):
    middle = lambda name: statistics.median(getattr(cost, name) for cost in costs)
    return Cost(middle("wall_seconds"), middle("cpu_seconds"), middle("peak_mib"))


def table(title, ours, peer):
    """Ratios above 1 say how many times less we need."""
    lines = [f"{title}", f"  {'':10} {'millrace':>12} {'python':>12} {'ratio':>8}"]
    for label, name, unit in (("wall", "wall_seconds", "s"), ("cpu", "cpu_seconds", "s"), ("peak", "peak_mib", "MiB")):
        a, b = getattr(ours, name), getattr(peer, name)
        lines.append(f"  {label:10} {a:>8.2f} {unit:<3} {b:>8.2f} {unit:<3} {b / a:>7.1f}x")
    return "\n".join(lines)
