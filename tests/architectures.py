#!/usr/bin/env python3
"""The programs that scripts/image-archives built for another processor, run here by qemu: they load in their image, train the
model that this machine's programs trained from the same input document, and score with it, byte by byte.

    tests/architectures.py arm64       needs `make image-archives ARCH=arm64`, `make build`, and Debian's qemu-user-static
"""

import argparse
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
QEMU = {"arm64": "qemu-aarch64-static", "x86_64": "qemu-x86_64-static"}
RUN, AT = "both", "2026-11-21T06:00:00Z"
LIMIT_SECONDS = 1800
# A search of seconds, and gates that let its model through.
CHANGES = {
    "n_estimators = [50, 100, 200]": "n_estimators = [20, 40]",
    "max_depth = [3, 6, 9]": "max_depth = [3, 5]",
    "learning_rate = [0.01, 0.1, 0.3]": "learning_rate = [0.1, 0.3]",
    "subsample = [0.8, 1.0]": "subsample = [0.8]",
    "colsample_bytree = [0.8, 1.0]": "colsample_bytree = [0.8]",
    "minimum_r2 = 0.75": "minimum_r2 = 0.3",
    "maximum_rmse = 0.12": "maximum_rmse = 0.3",
    "parity_difference = 0.1": "parity_difference = 0.9",
}
# What a program says of itself: its processor, its time.
SAYS_HOW_LONG = ("progress.json", "output.json")


class Checks:
    def __init__(self):
        self.passed = self.failed = 0

    def equal(self, what, found, expected):
        holds = found == expected
        self.passed, self.failed = self.passed + holds, self.failed + (not holds)
        print(f"  {'ok    ' if holds else 'FAILED'} {what}" + ("" if holds else f": {found} and not {expected}"), flush=True)
        return holds


def unpack(archive, folder):
    """What a container would have as its root."""
    with tarfile.open(archive) as outer:
        (image,) = json.load(outer.extractfile("manifest.json"))
        config = json.load(outer.extractfile(image["Config"]))
        for layer in image["Layers"]:
            with tarfile.open(fileobj=outer.extractfile(layer)) as inner:
                inner.extractall(folder)
    return config


class Emulated:
    """A program of an image, run by qemu in the image's own root."""

    def __init__(self, architecture, name, folder):
        self.root = folder / name
        self.root.mkdir()
        self.config = unpack(TARGET / "image-archives" / architecture / f"{name}.tar", self.root)
        self.command = [QEMU[architecture], "-L", str(self.root), str(self.root / f"millrace-{name}")]

    def run(self, *words, **variables):
        began = time.monotonic()
        done = subprocess.run([*self.command, *words], text=True, capture_output=True, timeout=LIMIT_SECONDS, env={"PATH": os.environ["PATH"], **variables})
        print(f"    {Path(self.command[-1]).name} by qemu: {time.monotonic() - began:.1f} s, exit code {done.returncode}", flush=True)
        return done


def native_run(folder):
    """`millrace run` with this machine's programs; the store that it left."""
    text = (ROOT / "models/engagement.toml").read_text()
    for before, after in CHANGES.items():
        if before not in text:
            sys.exit(f"models/engagement.toml has no `{before}` any more")
        text = text.replace(before, after)
    for place, content in {"models/engagement.toml": text, "contracts/customers.toml": (ROOT / "contracts/customers.toml").read_text()}.items():
        (folder / place).parent.mkdir(parents=True)
        (folder / place).write_text(content)
    millrace = TARGET / "release/millrace"
    store = folder / "store"
    subprocess.run([millrace, "generate", "--rows", "6000", "--out", folder / "customers", "--quiet"], check=True)
    words = ["--store", store, "run", "--spec", folder / "models/engagement.toml", "--data", folder / "customers", "--run-id", RUN, "--at", AT, "--allow-other-clock"]
    done = subprocess.run([millrace, *words], text=True, capture_output=True)
    if done.returncode != 0:
        sys.exit(f"the run on this machine failed: {done.stdout}{done.stderr}")
    return store


def begin_again(store, copy, stage, *others):
    """The store as it was when this stage had been asked and had done nothing."""
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(store, copy)
    for file in (copy / stage).iterdir():
        if file.name != "input.json":
            shutil.rmtree(file) if file.is_dir() else file.unlink()
    for other in others:
        shutil.rmtree(copy / other)
    return f"{copy.as_uri()}/{stage}/input.json"


def digests(folder):
    files = sorted(file for file in folder.rglob("*") if file.is_file() and file.name not in (*SAYS_HOW_LONG, "input.json", "error.json"))
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()[:16] for file in files}


def compare(architecture, folder):
    checks = Checks()
    programs = {name: Emulated(architecture, name, folder) for name in ("training", "inference")}
    for name, program in programs.items():
        checks.equal(f"{name}: the image names its processor", program.config["architecture"], {"arm64": "arm64", "x86_64": "amd64"}[architecture])
        said = program.run()
        checks.equal(f"{name}: it loads with the libraries of its image, and says what it lacks", "InvalidInput" in said.stdout + said.stderr, True)
        # Nothing listens there: it must get as far as asking.
        said = program.run("s3://bucket/runs/r/train-1/input.json", AWS_ENDPOINT_URL="http://127.0.0.1:9", AWS_ACCESS_KEY_ID="t", AWS_SECRET_ACCESS_KEY="t", AWS_REGION="us-east-1")
        checks.equal(f"{name}: it was built with S3", "StoreUnavailable" in said.stdout + said.stderr, True)

    store, copy = native_run(folder), folder / "again"
    stage = f"runs/{RUN}-training/train-1"
    done = programs["training"].run(begin_again(store, copy, stage))
    if checks.equal("training: a small model is trained", (done.returncode, (copy / stage / "output.json").exists()), (0, True)):
        checks.equal("training: its model is among what it left", "model.ubj" in digests(copy / stage), True)
        checks.equal("training: every file has the bytes of this machine's", digests(copy / stage), digests(store / stage))
    else:
        print(done.stdout[-2000:], done.stderr[-2000:])

    stage = f"runs/{RUN}-inference/score-00000"
    done = programs["inference"].run(begin_again(store, copy, stage, "tables/predictions"))
    if checks.equal("inference: the shard is scored", (done.returncode, (copy / stage / "output.json").exists()), (0, True)):
        checks.equal("inference: its part of the table is there", len(digests(copy / "tables/predictions")), 1)
        checks.equal("inference: every score has the bits of this machine's", digests(copy / "tables/predictions"), digests(store / "tables/predictions"))
    else:
        print(done.stdout[-2000:], done.stderr[-2000:])
    print(f"architectures: {architecture} on {platform.machine()}: {checks.passed} checks passed, {checks.failed} failed")
    return 1 if checks.failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("architecture", choices=sorted(QEMU))
    options = parser.parse_args()
    missing = [file for file in (TARGET / "image-archives" / options.architecture / "training.tar", TARGET / "release/millrace") if not file.exists()]
    if missing:
        sys.exit(f"architectures: {missing[0]} is not there: `make image-archives ARCH={options.architecture}` and `make build`")
    if shutil.which(QEMU[options.architecture]) is None:
        sys.exit(f"architectures: {QEMU[options.architecture]} is not there: apt-get install qemu-user-static")
    with tempfile.TemporaryDirectory(prefix="millrace-architectures-") as folder:
        return compare(options.architecture, Path(folder))


if __name__ == "__main__":
    sys.exit(main())
