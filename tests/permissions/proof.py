"""Holds recorded calls against deployed policies, in both directions.

A call that no statement allows is a fault. A permission that no call used is one too, unless
infra/unused-permissions.toml says why it stays; and so is a reason for a permission that is used or not there.
"""

import json
import tomllib
from pathlib import Path

from permissions import s3
from permissions.machines import Machine, tasks
from permissions.policy import Call, covers, decide

REASONS = Path(__file__).resolve().parents[2] / "infra/unused-permissions.toml"
# Whoever deploys, operates and asks: a person's rights, which this stack does not give.
OPERATOR = "operator"
# What the emulator answers without a signature: its health, and what tells a container about itself.
OPEN_PATHS = ("/_ministack/", "/_aws/", "/v4/", "/v2/credentials/", "/2018-06-01/runtime/")


class UnknownCaller(Exception):
    """A call whose role cannot be told: nothing can be proven of it."""


def read(file):
    return [json.loads(line) for line in Path(file).read_text().splitlines()]


class Proof:
    def __init__(self, stack):
        self.stack = stack
        self.names = self._names()
        self.calls = set()
        self._resource_policies = {}

    def _names(self):
        """What each role is called in this test's lines and in the file of reasons."""
        stack = self.stack
        names = {arn: label for arn, (label, _) in stack.roles.items()}
        names |= {one.role: name for name, one in stack.functions.items()}
        for task in stack.tasks.values():
            name = task.arn.rsplit("/", 1)[1].split(":")[0].removeprefix(f"{stack.name}-")
            names |= {task.role: name, task.execution_role: f"{name} container's start"}
        names |= {one["roleArn"]: f"{name.removeprefix(f'{stack.name}-')} machine" for name, one in stack.machines.items()}
        return names | {role: "schedules" for _, role, _ in stack.schedules()}

    def gather(self, records):
        """Every call of every role: those that were recorded, and what services do on their behalf."""
        for record in records:
            self.calls.update(self._of_machine(record) if "machine" in record else self._of_request(record))
        for machine in self.stack.machines.values():
            self.calls.update(Machine(self.stack, machine["roleArn"]).services(machine))
        for name, role, target in self.stack.schedules():
            self.calls.add(Call(role, "states:StartExecution", target, (), f"the schedule {name}"))

    def defined(self):
        """What every task of every definition needs, whether a test executed it or not."""
        for name, machine in self.stack.machines.items():
            of = Machine(self.stack, machine["roleArn"])
            for task in tasks(json.loads(machine["definition"])):
                yield from of.needs({"machine": name, **task})

    def _of_machine(self, record):
        machine = self.stack.machines[record["machine"]]
        yield from Machine(self.stack, machine["roleArn"]).needs(record)
        resource, given = record["resource"], record["arguments"]
        if resource.endswith("lambda:invoke"):
            yield from self._service_of_function(given["FunctionName"])
        if resource.endswith("ecs:runTask.sync"):
            task = self.stack.tasks[given["TaskDefinition"]]
            yield from self._logs(task.execution_role, task.log_groups, f"the log of {self.names[task.role]}")

    def _service_of_function(self, named):
        """A function's role is also what its log and its traces are written with."""
        (one,) = [each for each in self.stack.functions.values() if each.arn == self.stack.function_arn(named)]
        yield from self._logs(one.role, (one.log_group,), f"the log of {self.names[one.role]}")
        if one.traced:
            for verb in ("PutTraceSegments", "PutTelemetryRecords"):
                yield Call(one.role, f"xray:{verb}", "*", (), f"{self.names[one.role]} is traced")

    def _logs(self, role, groups, seen):
        for group in groups:
            for verb in ("CreateLogStream", "PutLogEvents"):
                yield Call(role, f"logs:{verb}", self.stack.arn("logs", f"log-group:{group}:log-stream:one"), (), seen)

    def _of_request(self, record):
        role = self._caller(record)
        return s3.needs(record, role, self.stack.keys) if role else []

    def _caller(self, record):
        """The role of a request; nothing for what is no program of the stack."""
        app, agent = record["app"], record["agent"]
        if record["service"] is None and record["path"].startswith(OPEN_PATHS):
            return None
        # The programs and the command are written in Rust; every other client is a tool of whoever deploys.
        if app == OPERATOR or (app is None and "aws-sdk-rust" not in agent):
            return None
        if record["service"] != "s3" or app is None:
            raise UnknownCaller(f"{app or agent or 'somebody'} asks {record['service']}: {record['method']} {record['path']}")
        roles = {one.role for name, one in self.stack.functions.items() if name == app}
        roles |= {task.role for task in self.stack.tasks.values() if self.names[task.role] == app}
        if len(roles) != 1:
            raise UnknownCaller(f"{app} is the name of {len(roles)} roles: {record['method']} {record['path']}")
        return roles.pop()

    def _resource_statements(self, call):
        """Of the policy that the resource itself has: buckets, keys and topics have one."""
        kind, rest = call.resource.split(":")[2:3], call.resource.split(":", 5)[-1]
        place = {"s3": rest.partition("/")[0], "kms": call.resource, "sns": call.resource}.get(kind[0] if kind else "")
        if not place:
            return []
        if place not in self._resource_policies:
            ask = {"s3": self.stack.bucket_policy, "kms": self.stack.key_policy, "sns": self.stack.topic_policy}
            self._resource_policies[place] = ask[kind[0]](place)
        return self._resource_policies[place]

    def judge(self, call):
        statements = self.stack.roles[call.role][1]
        return decide(call, statements, self._resource_statements(call), self.stack.account)

    def faults(self):
        """A line for each call that would be refused."""
        asked = sorted(self.calls | set(self.defined()), key=lambda call: (call.role, call.action, call.resource))
        answers = [(call, self.judge(call)) for call in asked]
        return [
            f"REFUSED {self.names[call.role]}: {call.action} on {self.words(call.resource)}: {answer.why}; {call.seen}"
            for call, answer in answers if not answer.allowed
        ]

    def unused(self):
        """Action and resource of every statement by which nothing was ever allowed, as (role, action, resource)."""
        used = set()
        for call in self.calls:
            for one in self.judge(call).by:
                used |= {(call.role, one, *pair) for pair in one.pairs(call)}
        return sorted({
            (self.names[role], action, self.words(resource))
            for role, (_, statements) in self.stack.roles.items()
            for one in statements if one.effect == "Allow"
            for action in one.actions for resource in one.resources
            if (role, one, action, resource) not in used
        })

    def words(self, resource):
        """`arn:aws:s3:::millrace-local-datastore0eb099f1-1f/runs/*` is `Store/runs/*`."""
        for label, bucket in self.stack.buckets.items():
            resource = resource.replace(f"arn:aws:s3:::{bucket}", label.removeprefix("Data"))
        for key in filter(None, self.stack.keys.values()):
            resource = resource.replace(key, "Key")
        return resource.replace(f":{self.stack.region}:{self.stack.account}:", ":").replace(self.stack.name, "millrace")


def held_against(unused, reasons):
    """A line for each unused permission without a reason, and for each reason without an unused permission."""
    lines, met = [], set()
    for role, action, resource in unused:
        matching = [
            (number, role, action, each) for number, one in enumerate(reasons)
            if role in one["roles"] and action in one["actions"]
            for each in one.get("resources", ["*"]) if covers(each, resource)
        ]
        met.update(matching)
        if not matching:
            lines.append(f"UNUSED  {role}: {action} on {resource}: take it away, or write its reason into {REASONS.name}")
    for number, one in enumerate(reasons):
        if not one["reason"].strip():
            lines.append(f"STALE   reason {number + 1} is empty")
        for named in [(number, role, action, each) for role in one["roles"] for action in one["actions"] for each in one.get("resources", ["*"])]:
            if named not in met:
                lines.append(f"STALE   {named[1]}: {named[2]} on {named[3]} has a reason and is used, or is not there")
    return lines


def reasons(file=REASONS):
    return tomllib.loads(file.read_text())["unused"]
