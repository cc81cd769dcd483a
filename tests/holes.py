#!/usr/bin/env python3
"""Plays, by the command line alone, every way around a promise that was once open, against the programs of a build.

    tests/holes.py BUILD             all scenes; BUILD is the folder with `millrace` and its programs
    tests/holes.py BUILD WORD...     those whose number or name has one of the words

Each scene prints one line: `holds`, `HOLE` with what was seen, or `BROKEN` when it could not be played. The exit code
is 0 when all hold. What no command shows (the numbers 5 and in part 2, 9 and 10) tests in Rust show: docs/SECURITY.md names them.
"""

import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from scenes.holes import coverage, data, erasure, serving, small, times, weeks
from scenes.holes.world import Hole, House

TOPICS = (serving, data, weeks, erasure, coverage, times, small)


def play(scene, house):
    """`holds`, `HOLE` or `BROKEN`, what was seen, and the seconds."""
    began = time.monotonic()
    try:
        scene(house)
        word, seen = "holds", ""
    except Hole as hole:
        word, seen = "HOLE", f": {hole}"
    except Exception as error:
        word, seen = "BROKEN", f": {error!r}"
    return word, seen, time.monotonic() - began


def main():
    build, *wanted = sys.argv[1:] or sys.exit(__doc__)
    scenes = [one for topic in TOPICS for one in topic.SCENES]
    names = {scene: f"{number} {scene.__name__.replace('_', ' ')}" for number, scene in scenes}
    chosen = [scene for _, scene in scenes if not wanted or any(word in names[scene] for word in wanted)]
    words = []
    with tempfile.TemporaryDirectory(prefix="millrace-holes-") as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        house = House(build, folder)
        for scene, (word, seen, seconds) in zip(chosen, pool.map(lambda scene: play(scene, house), chosen)):
            print(f"{word:7} {names[scene]} ({seconds:.1f} s){seen}", flush=True)
            words.append(word)
    print(", ".join(f"{words.count(word)} {word}" for word in ("holds", "HOLE", "BROKEN")))
    sys.exit(0 if words and set(words) == {"holds"} else 1)


if __name__ == "__main__":
    main()
