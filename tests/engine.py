#!/usr/bin/env python3
"""The engine that `scripts/engine` starts leaves nothing behind, and the exit code of `run` is its command's. Needs root,
Docker's engine, and no other one that answers.

    tests/engine.py
"""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ENGINE = Path(__file__).resolve().parent.parent / "scripts/engine"


class Engine(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="millrace-engine-")
        self.addCleanup(folder.cleanup)
        self.state = Path(folder.name) / "engine of one test"
        self.addCleanup(self.engine, "stop")

    def engine(self, *words):
        environment = {**os.environ, "MILLRACE_ENGINE_STATE": str(self.state)}
        return subprocess.run([ENGINE, *words], env=environment, capture_output=True, text=True)

    def test_the_exit_code_is_the_commands(self):
        self.assertEqual(self.engine("run", "docker", "info").returncode, 0)
        self.assertEqual(self.engine("run", "sh", "-c", "exit 7").returncode, 7)
        self.assertFalse(self.state.exists())

    def test_what_the_engine_left_mounted_is_taken_away(self):
        data = self.state / "data"
        mounted = self.engine("run", "sh", "-c", f"mount --bind '{data}' '{data}' && mkdir '{data}/layer' && mount -t tmpfs none '{data}/layer'")
        self.assertEqual(mounted.returncode, 0, mounted.stderr)
        self.assertIn("stopped", mounted.stderr)
        self.assertFalse(self.state.exists())
        self.assertNotIn(str(self.state.parent), Path("/proc/self/mounts").read_text())


if __name__ == "__main__":
    possible = subprocess.run([ENGINE, "possible"])
    sys.exit(possible.returncode or unittest.main(verbosity=2))
