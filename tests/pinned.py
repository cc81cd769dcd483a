#!/usr/bin/env python3
"""What is installed must be what was pinned: `scripts/pinned` and the scripts that call it, in a copy of the repository's
files in which a hash is changed. The package that most of these tests install is made here; the two last ask the registries.

    tests/pinned.py
"""

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WHEEL = "millrace_probe-1.0-py3-none-any.whl"


def make_wheel(folder):
    """A package of one line; gives its SHA-256."""
    info = "millrace_probe-1.0.dist-info"
    files = {
        "millrace_probe.py": "ANSWER = 42\n",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: millrace-probe\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    digest = lambda text: base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
    record = "".join(f"{name},sha256={digest(text)},{len(text)}\n" for name, text in files.items())
    with zipfile.ZipFile(folder / WHEEL, "w") as wheel:
        for name, text in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            wheel.writestr(name, text)
    return hashlib.sha256((folder / WHEEL).read_bytes()).hexdigest()


def other_digit(hash_):
    return ("0" if hash_[0] != "0" else "1") + hash_[1:]


class Pinned(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="millrace-pinned-")
        self.addCleanup(folder.cleanup)
        self.tree = Path(folder.name)
        for name in ("scripts", "requirements"):
            shutil.copytree(ROOT / name, self.tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        self.hash = make_wheel(self.tree)
        self.venv = self.tree / "venv"

    def pin(self, requirement):
        (self.tree / "requirements/probe.in").write_text("millrace-probe==1.0\n")
        (self.tree / "requirements/probe.txt").write_text(requirement + "\n")

    def run_script(self, *words, **variables):
        alone = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.tree)} if words[0] == "pinned" and "npm" not in words else {}
        done = subprocess.run(
            [self.tree / "scripts" / words[0], *words[1:]], env=os.environ | alone | variables, capture_output=True, text=True
        )
        return done.returncode, done.stdout + done.stderr

    def install(self):
        subprocess.run([sys.executable, "-m", "venv", self.venv], check=True)
        return self.run_script("pinned", "install", self.venv, "probe")

    def is_installed(self):
        return bool(list(self.venv.glob("lib/*/site-packages/millrace_probe.py")))

    def test_what_has_its_hash_is_installed(self):
        self.pin(f"millrace-probe==1.0 \\\n    --hash=sha256:{self.hash}")
        code, said = self.install()
        self.assertEqual((code, self.is_installed()), (0, True), said)

    def test_one_changed_digit_is_named_with_file_package_and_remedy(self):
        self.pin(f"millrace-probe==1.0 \\\n    --hash=sha256:{other_digit(self.hash)}")
        code, said = self.install()
        self.assertEqual((code, self.is_installed()), (1, False), said)
        self.assertIn(f"pinned: HashChanged: requirements/probe.txt: millrace-probe==1.0 ({WHEEL}): ", said)
        self.assertIn("nothing was installed", said)
        self.assertIn("scripts/pinned compile probe", said)

    def test_a_requirement_without_hash_is_not_installed(self):
        self.pin("millrace-probe==1.0")
        code, said = self.install()
        self.assertEqual((code, self.is_installed()), (1, False), said)
        self.assertIn("pinned: NotPinned: requirements/probe.txt: ", said)

    def test_what_is_not_pinned_is_found(self):
        self.assertEqual(self.run_script("pinned", "check"), (0, ""))
        for requirement, fault in {
            "millrace-probe==1.0": "probe.txt: millrace-probe==1.0 has no version or no hash",
            f"millrace-probe==1.1 --hash=sha256:{self.hash}": "probe.txt: millrace-probe==1.0 of requirements/probe.in is not there",
        }.items():
            self.pin(requirement)
            code, said = self.run_script("pinned", "check")
            self.assertEqual(code, 1)
            self.assertIn("pinned: NotPinned: ", said)
            self.assertIn(fault, said)
        for call in ('pip install "millrace-probe"', "python3 -m pip download x", "npx --yes x", "npm install x"):
            self.pin(f"millrace-probe==1.0 --hash=sha256:{self.hash}")
            (self.tree / "scripts/new").write_text(f"set -e\n{call}\n")
            code, said = self.run_script("pinned", "check")
            self.assertEqual(code, 1)
            self.assertIn(f"scripts/new:2: {call}", said)

    def test_a_changed_hash_of_xgboost_stops_the_setup(self):
        file, cache = self.tree / "requirements/xgboost.txt", self.tree / "cache"
        true = file.read_text()
        # Which of the hashes is this machine's, pip says when all are wrong.
        file.write_text(re.sub(r"(?<=sha256:)[0-9a-f]{64}", lambda one: other_digit(one[0]), true))
        _, said = self.run_script("setup-xgboost", MILLRACE_CACHE=str(cache))
        ours = re.search(r"^ +Got +([0-9a-f]{64})$", said, re.MULTILINE)[1]
        file.write_text(true.replace(ours, other_digit(ours)))
        code, said = self.run_script("setup-xgboost", MILLRACE_CACHE=str(cache))
        self.assertEqual(code, 1, said)
        self.assertRegex(said, r"pinned: HashChanged: requirements/xgboost\.txt: xgboost(-cpu)?==\S+ \(xgboost\S+\.whl\): ")
        self.assertEqual(list(cache.iterdir()), [], "nothing was unpacked and nothing is left")
        self.assertNotIn("export ", said)

    def test_a_changed_hash_of_npm_is_named(self):
        file = self.tree / "requirements/asl-validator/package-lock.json"
        lock = json.loads(file.read_text())
        package = lock["packages"]["node_modules/asl-validator"]
        kind, packed = package["integrity"].split("-", 1)
        package["integrity"] = f"{kind}-{'A' if packed[0] != 'A' else 'B'}{packed[1:]}"
        file.write_text(json.dumps(lock, indent=2))
        folder = self.tree / "modules"
        code, said = self.run_script("pinned", "npm", file.parent, folder)
        self.assertEqual(code, 1, said)
        self.assertIn("pinned: HashChanged: requirements/asl-validator/package-lock.json: asl-validator: ", said)
        self.assertFalse((folder / "node_modules/asl-validator/package.json").exists())


if __name__ == "__main__":
    unittest.main()
