"""Every call of the scenes before, held against the deployed policies: see tests/permissions."""

import json
import os

import boto3

from permissions.proof import Proof, held_against, read, reasons
from permissions.stack import Deployed

NAME = "millrace-local"


def play(stage):
    records = read(os.environ["MILLRACE_EMULATOR_RECORD"])
    proof = proven(stage, records)
    unused = proof.unused()
    print(f"      {len(records)} calls are {len(proof.calls)} different ones of {len({one.role for one in proof.calls})} roles; "
          f"{len(unused)} permissions are unused")
    stage.checks.equal("permissions: no call would be refused", proof.faults(), [])
    stage.checks.equal("permissions: each that no call used has a written reason", held_against(unused, reasons()), [])
    taken_away(stage, records)
    added(stage, records)


def proven(stage, records):
    proof = Proof(Deployed(stage.stack.outputs, NAME))
    proof.gather(records)
    return proof


def taken_away(stage, records):
    """The proof misses a permission that is not there."""
    with_policy(stage, "publish", lambda policy: [one["Action"].remove("s3:PutObject") for one in policy["Statement"] if one["Sid"] == "Write"])
    faults = proven(stage, records).faults()
    restored(stage)
    refused = "REFUSED publish: s3:PutObject on Store/tables/served/"
    stage.checks.true("permissions: one taken away from `publish` is missed", faults and all(one.startswith(refused) for one in faults), faults)


def added(stage, records):
    """The proof finds a permission that nobody needs."""
    with_policy(stage, "publish", lambda policy: policy["Statement"][0].update(Action=["s3:ListBucket", "s3:ListBucketVersions"]))
    found = held_against(proven(stage, records).unused(), reasons())
    restored(stage)
    expected = ["UNUSED  publish: s3:ListBucketVersions on Store: take it away, or write its reason into unused-permissions.toml"]
    stage.checks.equal("permissions: one too many for `publish` is found", found, expected)


def with_policy(stage, function, change):
    """A function's policy, changed in the emulator as somebody with too many rights would."""
    iam = boto3.client("iam")
    role = Deployed(stage.stack.outputs, NAME).functions[function].role.rsplit("/", 1)[1]
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    stage.policy = {"RoleName": role, "PolicyName": name, "PolicyDocument": json.dumps(document)}
    for one in document["Statement"]:
        one["Action"] = [one["Action"]] if isinstance(one["Action"], str) else one["Action"]
    change(document)
    iam.put_role_policy(**stage.policy | {"PolicyDocument": json.dumps(document)})


def restored(stage):
    boto3.client("iam").put_role_policy(**stage.policy)
