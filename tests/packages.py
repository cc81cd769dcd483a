"""The Python that has what these tests need: requirements/tests.txt, by hash, in an environment that is made once."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = Path(os.environ.get("MILLRACE_CACHE", Path.home() / ".cache/millrace")) / "tests-venv"


def python():
    marker = VENV / "installed"
    wanted = (ROOT / "requirements/tests.txt").read_text()
    if not marker.is_file() or marker.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)
        subprocess.run([ROOT / "scripts/pinned", "install", VENV, "tests"], check=True)
        marker.write_text(wanted)
    return VENV / "bin/python"
