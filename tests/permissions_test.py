#!/usr/bin/env python3
"""Of tests/permissions: the rules of IAM as its documentation has them, what requests need, and that the proof misses every
permission that is taken away and finds every one too many. No emulator is needed.
"""

import json
import unittest
from dataclasses import dataclass, replace
from types import SimpleNamespace

from permissions import policy, s3
from permissions.machines import Machine, UnknownIntegration
from permissions.policy import Call, UnknownForm, decide, parse
from permissions.proof import Proof, UnknownCaller, held_against

ACCOUNT = "000000000000"
ROLE, KEY, TOPIC = f"arn:aws:iam::{ACCOUNT}:role/publish", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1", f"arn:aws:sns:us-east-1:{ACCOUNT}:topic"
MACHINE_ROLE, SCHEDULE_ROLE = f"arn:aws:iam::{ACCOUNT}:role/machine", f"arn:aws:iam::{ACCOUNT}:role/schedule"
MACHINE, FUNCTION = f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:m", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:millrace-publish"


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(actions, resources="*", **more):
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


def allowed(statements, action, resource="arn:aws:s3:::store/runs/a", context=(), of_resource=()):
    call = Call(ROLE, action, resource, tuple(context))
    return decide(call, parse(document(*statements)), parse(document(*of_resource), policy.RESOURCE) if of_resource else [], ACCOUNT).allowed


class Rules(unittest.TestCase):
    def test_what_no_statement_allows_is_denied(self):
        self.assertFalse(allowed([allow("s3:PutObject")], "s3:GetObject"))
        self.assertTrue(allowed([allow("s3:GetObject")], "s3:GetObject"))

    def test_a_denial_wins_whatever_allows(self):
        deny = {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::store/runs/*"}
        self.assertFalse(allowed([allow("s3:GetObject"), deny], "s3:GetObject"))
        self.assertTrue(allowed([allow("s3:GetObject"), deny], "s3:GetObject", "arn:aws:s3:::store/models/a"))

    def test_actions_have_wildcards_and_no_case(self):
        for pattern in ("s3:Get*", "S3:getobject", "*", "s3:?etObject"):
            self.assertTrue(allowed([allow(pattern)], "s3:GetObject"), pattern)
        self.assertFalse(allowed([allow("s3:Get")], "s3:GetObject"))
        self.assertFalse(allowed([allow("s3:?GetObject")], "s3:GetObject"))

    def test_resources_have_wildcards_and_case(self):
        for pattern in ("arn:aws:s3:::store/*", "arn:aws:s3:::store/runs/?", "arn:aws:s3:::*a", "*"):
            self.assertTrue(allowed([allow("s3:GetObject", pattern)], "s3:GetObject"), pattern)
        for pattern in ("arn:aws:s3:::store", "arn:aws:s3:::Store/*", "arn:aws:s3:::store/runs/", "arn.aws:s3:::store/runs/a"):
            self.assertFalse(allowed([allow("s3:GetObject", pattern)], "s3:GetObject"), pattern)

    def test_every_condition_must_hold_and_one_of_its_values(self):
        both = {"StringEquals": {"a": ["1", "2"]}, "ArnEquals": {"b": "arn:aws:ecs:r:1:cluster/c"}}
        statements = [allow("ecs:RunTask", Condition=both)]
        good = (("a", "2"), ("B", "arn:aws:ecs:r:1:cluster/c"))
        self.assertTrue(allowed(statements, "ecs:RunTask", context=good))
        self.assertFalse(allowed(statements, "ecs:RunTask", context=good[:1]), "a key that is not there")
        self.assertFalse(allowed(statements, "ecs:RunTask", context=(("a", "3"), good[1])))
        self.assertFalse(allowed(statements, "ecs:RunTask", context=(good[0], ("b", "arn:aws:ecs:r:1:cluster/d"))))

    def test_operators(self):
        for operator, wanted, good, bad in (
            ("Bool", False, "false", "true"), ("Bool", "true", "True", "false"), ("NumericLessThan", 1.2, "1.1", "1.3"),
            ("StringLike", "a*", "abc", "ba"), ("ArnLike", "arn:aws:logs:*:1:log-group:*", "arn:aws:logs:r:1:log-group:x", "arn:aws:logs:r:2:log-group:x"),
        ):
            statements = [allow("x:Y", Condition={operator: {"k": wanted}})]
            self.assertTrue(allowed(statements, "x:Y", context=(("k", good),)), operator)
            self.assertFalse(allowed(statements, "x:Y", context=(("k", bad),)), operator)
        self.assertFalse(policy.arn_like("arn:aws:s3:*", "arn:aws:s3:r:1:x"), "a `*` does not reach over colons")

    def test_an_unknown_form_is_refused(self):
        for statement in (
            {"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}, {"Effect": "Allow", "Action": "s3:*", "NotResource": "*"},
            allow("s3:*", Principal="*"), allow("s3:*", "arn:aws:s3:::${aws:username}"), {"Effect": "Maybe", "Action": "a", "Resource": "*"},
            allow("s3:*", Condition={"StringEqualsIfExists": {"a": "b"}}), allow("s3:*", Condition={"ForAllValues:StringEquals": {"a": "b"}}),
            allow("s3:*", {"Fn::GetAtt": ["Store", "Arn"]}), allow("s3:*", []), {"Effect": "Allow", "Action": "s3:*"},
            allow("s3:*", Condition={"StringEquals": {"a": "${aws:username}"}}), allow("s3:*", Surprise=1),
        ):
            with self.assertRaises(UnknownForm, msg=statement):
                parse(document(statement))
        with self.assertRaises(UnknownForm):
            parse({"Version": "2008-10-17", "Statement": []})
        for principal in ({"Federated": "x"}, "arn:aws:iam::1:root"):
            with self.assertRaises(UnknownForm, msg=principal):
                parse(document(allow("s3:*", Principal=principal)), policy.RESOURCE)
        with self.assertRaises(UnknownForm):
            allowed([allow("s3:*")], "s3:GetObject", of_resource=[allow("s3:*", Principal={"AWS": "arn:aws:iam::999999999999:root"})])

    def test_a_resource_may_deny_and_a_key_must_allow(self):
        insecure = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
        self.assertFalse(allowed([allow("s3:*")], "s3:GetObject", context=(("aws:SecureTransport", "false"),), of_resource=[insecure]))
        self.assertTrue(allowed([allow("s3:*")], "s3:GetObject", context=s3.CONTEXT, of_resource=[insecure]))
        service = allow("kms:*", Principal={"Service": "logs.amazonaws.com"})
        owner = allow("kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
        self.assertFalse(allowed([allow("kms:Decrypt")], "kms:Decrypt", KEY, of_resource=[service]))
        self.assertFalse(allowed([allow("s3:*")], "kms:Decrypt", KEY, of_resource=[owner]), "the account alone allows no role")
        self.assertTrue(allowed([allow("kms:Decrypt")], "kms:Decrypt", KEY, of_resource=[owner]))


def request(method, path, query="", status=200, app="publish", **headers):
    return {"app": app, "agent": "aws-sdk-rust/1", "service": "s3", "method": method, "path": path, "query": query, "status": status,
            "headers": {name.replace("_", "-"): value for name, value in headers.items()}}


class Requests(unittest.TestCase):
    def needs(self, *words, **more):
        found = s3.needs(request(*words, **more), ROLE, {"b": KEY})
        return sorted({f"{one.action} {one.resource.removeprefix('arn:aws:s3:::')}".replace(KEY, "KEY") for one in found})

    def test_what_each_needs(self):
        read, write = ["kms:Decrypt KEY", "s3:GetObject b/k"], ["kms:GenerateDataKey KEY", "s3:PutObject b/k"]
        part = ["kms:Decrypt KEY", *write]
        for expected, words, more in (
            (read, ("GET", "/b/k", "x-id=GetObject"), {}),
            (read, ("HEAD", "/b/k"), {}),
            ([*read, "s3:ListBucket b"], ("GET", "/b/k"), {"status": 404}),
            (["kms:Decrypt KEY", "s3:GetObject b/model=a/k"], ("GET", "/b/model%3Da/k"), {}),
            (["s3:ListBucket b"], ("GET", "/b", "list-type=2&prefix=x"), {}),
            (write, ("PUT", "/b/k"), {"if_none_match": "*"}),
            (["kms:GenerateDataKey KEY", "s3:GetObject b/k", "s3:PutObject b/k"], ("PUT", "/b/k"), {"if_match": "1"}),
            (sorted(["kms:Decrypt KEY", "s3:GetObject b/from", *write]), ("PUT", "/b/k"), {"x_amz_copy_source": "/b/from"}),
            (write, ("POST", "/b/k", "uploads"), {}),
            (part, ("PUT", "/b/k", "partNumber=1&uploadId=u"), {}),
            (part, ("POST", "/b/k", "uploadId=u"), {}),
            (["s3:AbortMultipartUpload b/k"], ("DELETE", "/b/k", "uploadId=u"), {}),
            (["s3:DeleteObject b/k"], ("DELETE", "/b/k"), {}),
        ):
            self.assertEqual(self.needs(*words, **more), expected, words)

    def test_a_bucket_without_a_key_needs_none(self):
        found = s3.needs(request("PUT", "/other/k"), ROLE, {"b": KEY, "other": None})
        self.assertEqual([one.action for one in found], ["s3:PutObject"])

    def test_an_unknown_request_is_refused(self):
        for words in (("PUT", "/b/k", "acl"), ("POST", "/b", "delete"), ("DELETE", "/b"), ("GET", "/b"), ("GET", "/b/k", "tagging"), ("PATCH", "/b/k")):
            with self.assertRaises(s3.UnknownRequest, msg=words):
                s3.needs(request(*words), ROLE, {})


@dataclass
class Stack:
    """As `permissions.stack.Deployed`, of three roles."""

    policies: dict
    name: str = "millrace"
    account: str = ACCOUNT
    region: str = "us-east-1"

    def __post_init__(self):
        self.roles = {role: (role.rsplit("/", 1)[1], parse(document(*statements))) for role, statements in self.policies.items()}
        self.keys, self.buckets = {"store": KEY}, {"DataStore": "store"}
        self.functions = {"publish": SimpleNamespace(arn=FUNCTION, role=ROLE, log_group="/publish", traced=True)}
        self.tasks = {}
        definition = {"States": {"Publish": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": {"FunctionName": FUNCTION}}}}
        self.machines = {"m": {"name": "m", "roleArn": MACHINE_ROLE, "definition": json.dumps(definition), "logged": False, "traced": True}}

    def arn(self, service, resource):
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"

    def schedules(self):
        yield "daily", SCHEDULE_ROLE, MACHINE

    def function_arn(self, named):
        return named

    def topic_key(self, topic):
        return KEY

    def bucket_policy(self, bucket):
        return []

    def topic_policy(self, topic):
        return []

    def key_policy(self, key):
        return parse(document(allow("kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})), policy.RESOURCE)


XRAY = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
POLICIES = {
    ROLE: [
        allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::store/served/*", Sid="Served"), allow("s3:ListBucket", "arn:aws:s3:::store"),
        allow(["kms:Decrypt", "kms:GenerateDataKey"], KEY), allow(XRAY),
        allow(["logs:CreateLogStream", "logs:PutLogEvents"], f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/publish:*"),
    ],
    MACHINE_ROLE: [
        allow("lambda:InvokeFunction", FUNCTION), allow([*XRAY, "xray:GetSamplingRules", "xray:GetSamplingTargets"]),
        allow("sns:Publish", TOPIC), allow(["kms:Decrypt", "kms:GenerateDataKey"], KEY),
    ],
    SCHEDULE_ROLE: [allow("states:StartExecution", MACHINE)],
}
RECORDS = [
    request("GET", "/store/served/a.json", status=404), request("PUT", "/store/served/a.json", if_none_match="*"),
    {"machine": "m", "state": "Publish", "resource": "arn:aws:states:::lambda:invoke", "arguments": {"FunctionName": FUNCTION}},
    {"machine": "m", "state": "Notify", "resource": "arn:aws:states:::sns:publish", "arguments": {"TopicArn": TOPIC}},
    # What the emulator is asked by whoever tests.
    request("DELETE", "/store/served/a.json", app="operator"), request("GET", "/store", app=None) | {"agent": "Boto3/1"},
]


def proof(policies=None, records=None):
    made = Proof(Stack(policies or POLICIES))
    made.gather(RECORDS if records is None else records)
    return made


def without(role, number, action):
    """The policies without one permission."""
    changed = [dict(one) for one in POLICIES[role]]
    changed[number]["Action"] = [one for one in policy.many(changed[number]["Action"], "an action") if one != action]
    return POLICIES | {role: [one for one in changed if one["Action"]]}


class Proven(unittest.TestCase):
    def test_what_is_done_is_allowed_and_nothing_else(self):
        self.assertEqual(proof().faults(), [])
        self.assertEqual(proof().unused(), [])

    def test_every_permission_that_is_taken_away_is_missed(self):
        tried = [(role, number, action) for role, statements in POLICIES.items() for number, one in enumerate(statements)
                 for action in policy.many(one["Action"], "an action")]
        for role, number, action in tried:
            faults = proof(without(role, number, action)).faults()
            self.assertTrue(faults and all(action in one for one in faults), (role, action, faults))
        self.assertEqual(len(tried), 18)

    def test_a_narrower_resource_is_missed(self):
        narrow = POLICIES | {ROLE: [allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::store/served/b*"), *POLICIES[ROLE][1:]]}
        self.assertEqual([one.split(":", 1)[0] for one in proof(narrow).faults()], ["REFUSED publish"] * 2)

    def test_a_state_that_no_test_enters_is_asked_for_as_well(self):
        records = [one for one in RECORDS if one.get("state") != "Publish"]
        lines = proof(without(MACHINE_ROLE, 0, "lambda:InvokeFunction"), records).faults()
        self.assertEqual(len(lines), 1)
        self.assertIn("m machine: lambda:InvokeFunction", lines[0])

    def test_every_permission_too_many_is_found(self):
        more = POLICIES | {ROLE: [*POLICIES[ROLE], allow("s3:DeleteObject", ["arn:aws:s3:::store/served/*", "arn:aws:s3:::store/runs/*"])]}
        expected = [("publish", "s3:DeleteObject", "Store/runs/*"), ("publish", "s3:DeleteObject", "Store/served/*")]
        self.assertEqual(proof(more).unused(), expected)

    def test_an_unknown_caller_or_service_proves_nothing(self):
        for record in (request("GET", "/store/a", app=None), request("GET", "/store/a", app="stranger"), request("GET", "/store/a") | {"service": "sqs"},
                       request("GET", "/store/a", app=None) | {"service": None}):
            with self.assertRaises(UnknownCaller):
                proof(records=[record])
        with self.assertRaises(UnknownIntegration):
            Machine(Stack(POLICIES), MACHINE_ROLE).needs({"machine": "m", "state": "S", "resource": "arn:aws:states:::sqs:sendMessage", "arguments": {}})


class Reasons(unittest.TestCase):
    UNUSED = [("publish", "s3:DeleteObject", "Store/a/*"), ("publish", "s3:DeleteObject", "Store/b/*")]
    ONE = {"roles": ["publish"], "actions": ["s3:DeleteObject"], "reason": "because"}

    def test_a_reason_for_each_and_none_besides(self):
        self.assertEqual(held_against(self.UNUSED, [self.ONE]), [])
        self.assertEqual(held_against(self.UNUSED, [self.ONE | {"resources": ["Store/a/*", "Store/b*"]}]), [])

    def test_no_reason(self):
        lines = held_against(self.UNUSED, [self.ONE | {"resources": ["Store/a/*"]}])
        self.assertEqual([one.split(":", 1)[0] for one in lines], ["UNUSED  publish"])

    def test_a_stale_reason(self):
        for change in ({"roles": ["publish", "registry"]}, {"actions": ["s3:DeleteObject", "s3:GetObject"]}, {"resources": ["Store/*", "Store/c/*"]}):
            lines = held_against(self.UNUSED, [self.ONE | change])
            self.assertEqual([one.split(" ", 1)[0] for one in lines], ["STALE"], change)
        self.assertTrue(held_against(self.UNUSED, [self.ONE | {"reason": " "}]))


class Equality(unittest.TestCase):
    def test_where_a_call_was_seen_makes_it_no_other_call(self):
        one = Call(ROLE, "s3:GetObject", "arn:aws:s3:::store/a", (), "here")
        self.assertEqual(len({one, replace(one, seen="there")}), 1)


if __name__ == "__main__":
    unittest.main()
