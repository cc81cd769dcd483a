#!/usr/bin/env python3
"""Every command of the documentation is played from a fresh clone, or tests/documented.toml says why not.

    tests/documented.py              play them all: those of AWS against an emulator of its own
    tests/documented.py --only PART  only those with this in them
    tests/documented.py --list       only say which are played and which are not

What is played: the lines of shell blocks, and what stands in backticks and begins with make, scripts/, infra/scripts/, tests/, cargo,
aws or `npx`, in README.md, docs/ and infra/README.md. Programs are those of `make build`; functions, images and the docker command that sends
them only have to be there, for the emulator has no registry of images.
"""

import argparse
import io
import json
import os
import re
import shlex
import struct
import subprocess
import sys
import tarfile
import tempfile
import time
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = Path(os.environ.get("MILLRACE_CACHE", Path.home() / ".cache/millrace"))
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).absolute()
INSIDE = "MILLRACE_DOCUMENTED_INSIDE"
SHELLS = ("sh", "bash", "shell")
BLOCK = re.compile(r"^[ ]*```(\w*)\n(.*?)^[ ]*```", re.S | re.M)
INLINE = re.compile(r"`((?:make|cargo|aws|npx|infra/scripts/[\w-]+|scripts/[\w-]+|tests/[\w]+\.py)(?: [^`]*)?)`")
# A file is named, and not called, where nothing follows it.
FILES = re.compile(r"(infra/scripts|scripts|tests)/[\w.-]+")
DOCKER = '#!/bin/sh\ncase "$1" in load) cat >/dev/null; echo "Loaded image: stand-in:latest" ;; *) exit 0 ;; esac\n'
PROCESSORS = {"arm64": 0xB7, "x86_64": 0x3E}


def documents():
    return [ROOT / "README.md", ROOT / "infra/README.md", *sorted((ROOT / "docs").glob("*.md"))]


def without_comment(line):
    return re.sub(r"\s+#\s.*$", "", line).strip()


def found():
    """Each command with the document that has it."""
    commands = {}
    for document in documents():
        text = document.read_text().replace("\\\n", " ")
        for language, block in BLOCK.findall(text):
            if language in SHELLS:
                for line in filter(None, map(without_comment, block.splitlines())):
                    commands.setdefault(line, document.name)
        for command in INLINE.findall(BLOCK.sub("", text)):
            if not FILES.fullmatch(command):
                commands.setdefault(" ".join(command.split()), document.name)
    return commands


class Rules:
    def __init__(self):
        rules = tomllib.loads((ROOT / "tests/documented.toml").read_text())
        self.plays, self.excused = rules["play"], rules["excused"]

    def mistakes(self, commands):
        """Commands without a rule, and rules without a command."""
        played = {one["command"] for one in self.plays}
        said = []
        used = set()
        for command, document in commands.items():
            reasons = [one["match"] for one in self.excused if re.fullmatch(one["match"], command)]
            used.update(reasons)
            if command in played and reasons:
                said.append(f"`{command}` of {document} is played, and excused by {reasons[0]}")
            if command not in played and not reasons:
                said.append(f"`{command}` of {document} is neither played nor excused in tests/documented.toml")
        said += [f"`{one['command']}` is played, but no document has it" for one in self.plays if one["command"] not in commands and not one.get("before")]
        said += [f"{one['match']} excuses nothing" for one in self.excused if one["match"] not in used]
        return said


def on_an_emulator_of_its_own():
    python = CACHE / "emulator-venv/bin/python"
    command = [ROOT / "scripts/emulator", "run", python, __file__, *sys.argv[1:]]
    return subprocess.run(command, env=os.environ | {INSIDE: "1", "MILLRACE_CACHE": str(CACHE)}).returncode


def tar(files):
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as written:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            written.addfile(entry, io.BytesIO(content))
    return made.getvalue()


def stand_ins(folder, architecture):
    """Heads of programs, images of nothing, and a docker that sends nothing."""
    head = bytearray(64)
    head[:4] = b"\x7fELF"
    struct.pack_into("<H", head, 18, PROCESSORS[architecture])
    for name in os.listdir(ROOT / "lambdas"):
        program = folder / "functions" / name / "bootstrap"
        program.parent.mkdir(parents=True)
        program.write_bytes(bytes(head) + name.encode())
        program.chmod(0o755)
    (folder / "images").mkdir()
    for name in os.listdir(ROOT / "fargate"):
        config = json.dumps({"architecture": architecture, "os": "linux", "name": name}).encode()
        manifest = json.dumps([{"Config": "config.json", "RepoTags": [f"millrace-{name}:latest"], "Layers": []}]).encode()
        (folder / "images" / f"{name}.tar").write_bytes(tar({"config.json": config, "manifest.json": manifest}))
    (folder / "bin").mkdir()
    (folder / "bin/docker").write_text(DOCKER)
    (folder / "bin/docker").chmod(0o755)
    (folder / "bin/millrace").symlink_to(TARGET / "release/millrace")


def environment(folder):
    given = {
        "PATH": f"{folder}/bin:{os.environ['PATH']}",
        "MILLRACE_FUNCTIONS": f"{folder}/functions",
        "MILLRACE_IMAGES": f"{folder}/images",
        "MILLRACE_YES": "1",
        "MILLRACE_EMULATOR": "1",
        "MILLRACE_CACHE": str(CACHE),
        "CARGO_TARGET_DIR": str(TARGET),
        "AWS_MAX_ATTEMPTS": "1",
    }
    return os.environ | given


def play(rules):
    failed = passed = 0
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="millrace-documented-") as name:
        folder = Path(name)
        stand_ins(folder, "arm64")
        clone = folder / "millrace"
        subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", ROOT, clone], check=True)
        for rule in rules.plays:
            why, seconds = outcome(rule, clone, environment(folder))
            passed, failed = passed + (not why), failed + bool(why)
            print(f"  {'FAILED' if why else 'ok    '} {seconds:6.1f} s  {rule['command']}{why}", flush=True)
    print(f"documented: {passed} passed, {failed} failed, in {time.monotonic() - began:.0f} s")
    return 1 if failed else 0


def outcome(rule, clone, variables):
    """What is wrong with how a command ended, or nothing; and how long it took."""
    began = time.monotonic()
    limit = rule.get("seconds", 300)
    try:
        done = subprocess.run(
            ["bash", "-c", rule["command"]], cwd=clone, env=variables, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=limit
        )
    except subprocess.TimeoutExpired as late:
        return f": longer than {limit} s\n{(late.stdout or b'').decode(errors='replace')[-3000:]}", limit
    seconds = time.monotonic() - began
    if done.returncode != rule.get("exit", 0):
        return f": exit code {done.returncode}\n{done.stdout[-3000:]}", seconds
    if not re.search(rule.get("says", ""), done.stdout):
        return f": it does not say {rule['says']}\n{done.stdout[-3000:]}", seconds
    return "", seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--only", default="", help="a regular expression")
    options = parser.parse_args()
    rules = Rules()
    mistakes = rules.mistakes(found())
    if mistakes:
        print("\n".join(mistakes))
        return 1
    if options.list:
        print("\n".join(f"played   {shlex.quote(one['command'])}" for one in rules.plays))
        print("\n".join(f"excused  {one['match']}: {one['because']}" for one in rules.excused))
        return 0
    if INSIDE not in os.environ:
        return on_an_emulator_of_its_own()
    rules.plays = [one for one in rules.plays if re.search(options.only, one["command"])]
    return play(rules)


if __name__ == "__main__":
    sys.exit(main())
