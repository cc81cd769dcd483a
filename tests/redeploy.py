#!/usr/bin/env python3
"""A stack that keeps its data is deployed, used, removed, and deployed again, on an emulator of its own: what outlived the
first must not stand in the way of the second. Functions and images only have to be there, so nothing is built.

    tests/redeploy.py
"""

import json
import os
import platform
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INFRA = ROOT / "infra"
CACHE = Path(os.environ.get("MILLRACE_CACHE", Path.home() / ".cache/millrace"))
INSIDE = "MILLRACE_REDEPLOY_INSIDE"
FUNCTIONS = ("validate", "fairness-gate", "registry", "publish")
LIMIT_SECONDS = 900


def on_an_emulator_of_its_own():
    python = CACHE / "emulator-venv/bin/python"
    command = [ROOT / "scripts/emulator", "run", python, __file__, *sys.argv[1:]]
    return subprocess.run(command, env=os.environ | {INSIDE: "1", "MILLRACE_CACHE": str(CACHE)}).returncode


def stand_ins(folder):
    """Heads of programs for this machine's processor; nothing calls them here."""
    machine = 0xB7 if platform.machine() in ("aarch64", "arm64") else 0x3E
    head = bytearray(64)
    head[:4] = b"\x7fELF"
    struct.pack_into("<H", head, 18, machine)
    for name in FUNCTIONS:
        program = folder / "functions" / name / "bootstrap"
        program.parent.mkdir(parents=True)
        program.write_bytes(bytes(head) + name.encode())
        program.chmod(0o755)
    return folder / "functions"


def keeping_configuration(folder):
    """That of an emulator, but what is kept in production is kept here."""
    config = json.loads((INFRA / "config/local.json").read_text()) | {"name": "millrace-kept", "keepData": True}
    file = folder / "kept.json"
    file.write_text(json.dumps(config))
    return file


class Deployment:
    def __init__(self, folder):
        import boto3

        self.folder = folder
        self.config = keeping_configuration(folder)
        self.functions = stand_ins(folder)
        self.clients = {name: boto3.client(name) for name in ("cloudformation", "s3", "logs", "athena")}
        self.checks = []

    def check(self, what, holds):
        print(f"  {'ok    ' if holds else 'FAILED'} {what}", flush=True)
        self.checks.append(holds)

    def cdk(self, *words):
        environment = os.environ | {"CDK_DISABLE_CLI_TELEMETRY": "1", "CI": "1"}
        done = subprocess.run(
            [INFRA / "node_modules/.bin/cdk", *words], cwd=INFRA, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT_SECONDS
        )
        if done.returncode != 0:
            print("\n".join(done.stdout.splitlines()[-30:]), flush=True)
        return done.returncode == 0

    def deploy(self):
        context = [f"config={self.config}", "emulator=ministack", f"functions={self.functions}", "image-prefix=millrace-"]
        words = [word for one in context for word in ("-c", one)]
        return self.cdk("deploy", *words, "--require-approval", "never", "--output", str(self.folder / "cdk.out"))

    def resources(self, kind):
        """Of this stack, the names of a kind, as long as the stack is there."""
        found = self.clients["cloudformation"].describe_stack_resources(StackName="millrace-kept")["StackResources"]
        return sorted(one["PhysicalResourceId"] for one in found if one["ResourceType"] == kind)

    def ask(self):
        """A question leaves a history in the workgroup."""
        athena = self.clients["athena"]
        query = athena.start_query_execution(QueryString="SELECT 1", WorkGroup="millrace-kept")["QueryExecutionId"]
        return athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["WorkGroup"]

    def remove(self):
        """As an operator does: the protection first."""
        stacks = self.clients["cloudformation"]
        stacks.update_termination_protection(StackName="millrace-kept", EnableTerminationProtection=False)
        stacks.delete_stack(StackName="millrace-kept")
        deadline = time.monotonic() + LIMIT_SECONDS
        while time.monotonic() < deadline:
            try:
                status = stacks.describe_stacks(StackName="millrace-kept")["Stacks"][0]["StackStatus"]
            except stacks.exceptions.ClientError:
                return True
            if status.endswith("FAILED"):
                return False
            time.sleep(0.2)
        return False

    def bucket_has(self, bucket, key):
        return any(one["Key"] == key for one in self.clients["s3"].list_objects_v2(Bucket=bucket).get("Contents", []))

    def groups(self):
        pages = self.clients["logs"].get_paginator("describe_log_groups").paginate()
        return {group["logGroupName"] for page in pages for group in page["logGroups"]}


def play(folder):
    began = time.monotonic()
    subprocess.run([INFRA / "scripts/install"], check=True)
    subprocess.run([INFRA / "node_modules/.bin/tsc"], check=True, cwd=INFRA)
    stack = Deployment(folder)
    stack.check("the account is bootstrapped", stack.cdk("bootstrap", "--app", "", "aws://000000000000/us-east-1"))
    stack.check("the stack is made", stack.deploy())
    buckets, groups = stack.resources("AWS::S3::Bucket"), stack.resources("AWS::Logs::LogGroup")
    for bucket in buckets:
        stack.clients["s3"].put_object(Bucket=bucket, Key="rows", Body=b"1")
    stack.check("its workgroup was asked", stack.ask() == "millrace-kept")
    stack.check("it is removed", stack.remove())
    stack.check("its buckets stay with what was in them", all(stack.bucket_has(bucket, "rows") for bucket in buckets))
    stack.check("its log groups stay", set(groups) <= stack.groups())
    stack.check("it is made again", stack.deploy())
    if stack.checks[-1]:
        again = stack.resources("AWS::S3::Bucket"), stack.resources("AWS::Logs::LogGroup")
        stack.check("with buckets of its own", len(again[0]) == len(buckets) and not set(again[0]) & set(buckets))
        stack.check("and log groups of its own", len(again[1]) == len(groups) and not set(again[1]) & set(groups))
    print(f"redeploy: {sum(stack.checks)} checks passed, {stack.checks.count(False)} failed, in {time.monotonic() - began:.0f} s")
    return 0 if all(stack.checks) else 1


def main():
    if INSIDE not in os.environ:
        return on_an_emulator_of_its_own()
    with tempfile.TemporaryDirectory(prefix="millrace-redeploy-") as folder:
        return play(Path(folder))


if __name__ == "__main__":
    sys.exit(main())
