#!/usr/bin/env python3
"""All of Millrace on an emulated AWS: deployed from nothing by the CDK app, run by its state machines with the real
containers and functions, and asked by the services' own interfaces.

    tests/end_to_end.py                      everything, on an emulator and an engine of its own
    tests/end_to_end.py --rows 20000         with fewer customers
    tests/end_to_end.py --scene whole_way    only this scene and those that it needs

It needs a container engine. Where there is none it says how to get one: that is a skipped test on this machine and a
failure where MILLRACE_NOTHING_SKIPPED=1. The programs are those of `make build`.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INSIDE = "MILLRACE_END_TO_END_INSIDE"
CACHE = Path(os.environ.get("MILLRACE_CACHE", Path.home() / ".cache/millrace"))
SCENES = ("whole_way", "fan_out", "failures", "again", "check_list", "permissions")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rows-of-failures", type=int, default=20_000)
    parser.add_argument("--scene", choices=SCENES, default=SCENES[-1], help="up to this one")
    return parser.parse_args()


def on_an_aws_of_its_own():
    """The same script once more, with an engine, an emulator and the emulator's Python."""
    possible = subprocess.run([ROOT / "scripts/engine", "possible"])
    if possible.returncode != 0:
        return subprocess.run([ROOT / "scripts/skip", "end to end", "there is no container engine (see above)"]).returncode
    # The emulator's environment is made by its first start.
    python = CACHE / "emulator-venv/bin/python"
    command = [ROOT / "scripts/engine", "run", ROOT / "scripts/emulator", "run", python, __file__, *sys.argv[1:]]
    with tempfile.NamedTemporaryFile(prefix="millrace-calls-", suffix=".jsonl") as calls:
        environment = {INSIDE: "1", "MILLRACE_CACHE": str(CACHE), "MILLRACE_EMULATOR_RECORD": calls.name}
        return subprocess.run(command, env=os.environ | environment).returncode


class Stage:
    """What the scenes play on."""

    def __init__(self, options, folder):
        sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests")]
        from deployed import Stack
        from scenes.checks import Checks, Notices

        self.folder = folder
        self.rows = options.rows
        self.rows_of_failures = options.rows_of_failures
        self.stack = Stack(deploy(folder), programs() / "millrace")
        self.checks = Checks()
        self.notices = Notices(self.stack.outputs["Topic"])
        self.spec = self.stack.bring_documents()
        self.data = self.stack.bring_rows("customers", "--rows", str(self.rows))
        self.small = self.stack.bring_rows("fewer-customers", "--rows", str(self.rows_of_failures))
        self.live = "v1.0.0"

    def local(self, *words):
        """The command on a store in a folder."""
        return self.stack.command(*words, "--store", str(self.folder / "store"))

    def here(self, folder):
        """The rows of a folder of the features bucket, on this machine."""
        import boto3

        for one in boto3.client("s3").list_objects_v2(Bucket=self.stack.features, Prefix=f"{folder}/")["Contents"]:
            file = self.folder / one["Key"]
            file.parent.mkdir(parents=True, exist_ok=True)
            boto3.client("s3").download_file(self.stack.features, one["Key"], str(file))
        return self.folder / folder

    def write(self, name, text):
        """A spec in a folder that also has the contract, where specs look for it."""
        for document, content in {name: text, "contracts/customers.toml": (ROOT / "contracts/customers.toml").read_text()}.items():
            (self.folder / document).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / document).write_text(content)
        return str(self.folder / name)

    def seen(self):
        """What readers see, by day and run."""
        return self.stack.ask("SELECT scored_on, run_id, count(*) FROM predictions GROUP BY scored_on, run_id ORDER BY scored_on")[1:]


def programs():
    return Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"


def deploy(folder):
    """By the very script that people use; gives the file with the outputs."""
    state = folder / "local-aws"
    subprocess.run([ROOT / "scripts/local-aws", "--deploy"], check=True, env=os.environ | {"MILLRACE_LOCAL_AWS_STATE": str(state)})
    return state / "outputs.json"


def play(options):
    began = time.monotonic()
    # What this test calls itself, by the command, is no call of a deployed program.
    os.environ["AWS_SDK_UA_APP_ID"] = "operator"
    with tempfile.TemporaryDirectory(prefix="millrace-end-to-end-") as folder:
        stage = Stage(options, Path(folder))
        for name in SCENES[: SCENES.index(options.scene) + 1]:
            print(f"\n#### {name} ({time.monotonic() - began:.0f} s)", flush=True)
            __import__(f"scenes.{name}", fromlist=["play"]).play(stage)
    checks = stage.checks
    seconds = time.monotonic() - began
    print(f"\nend to end: {checks.passed} checks passed, {checks.failed} failed, in {seconds:.0f} s")
    return 1 if checks.failed or not checks.passed else 0


if __name__ == "__main__":
    chosen = arguments()
    sys.exit(play(chosen) if INSIDE in os.environ else on_an_aws_of_its_own())
