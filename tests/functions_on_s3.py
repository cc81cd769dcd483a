#!/usr/bin/env python3
"""The four functions as Lambda runs them, by its runtime interface and as processes of this machine, on the S3 of an emulator:
each answers an event of a real run.

    tests/functions_on_s3.py                         on MiniStack's
    EMULATOR=localstack tests/functions_on_s3.py     on LocalStack's

The programs are those of `make build`.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import packages

ROOT = Path(__file__).resolve().parent.parent
INSIDE = "MILLRACE_FUNCTIONS_INSIDE"
RELEASE = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
KIND = os.environ.get("EMULATOR", "ministack")


def main():
    if INSIDE not in os.environ:
        command = [ROOT / "scripts/emulator", "run", packages.python(), __file__]
        return subprocess.run(command, env=os.environ | {INSIDE: "1"}).returncode
    # What a function is asked is what bench/cold_start.py asks it; it says so if the answer is an error.
    sys.path.insert(0, str(ROOT / "bench"))
    from cold_start import Run

    with tempfile.TemporaryDirectory(prefix="millrace-functions-") as folder:
        functions = Run(RELEASE, Path(folder), os.environ["MILLRACE_TEST_S3"]).functions()
        for name, function in functions.items():
            function.start()
            print(f"      ok  {name}")
    print(f"functions: {len(functions)} answered on the S3 of {KIND}")
    return 0 if functions else 1


if __name__ == "__main__":
    sys.exit(main())
