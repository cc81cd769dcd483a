"""What a state machine's role needs for what the machine does, after "IAM policies for integrated services" of the guide of
Step Functions, and "Actions, resources, and condition keys" of the service that is called.

A rule is asked twice: for each task that was executed, and for each task of the deployed definition, executed or not. The
second has expressions where the first has values; what an expression names is then left open.
"""

import re

from permissions.policy import Call
from permissions.s3 import CONTEXT as S3

TABLE = re.compile(r"\b(?:FROM|JOIN)\s+([a-z_]+)")
RULE = "rule/StepFunctionsGetEventsForECSTaskRule"


class UnknownIntegration(Exception):
    """A service that is called by no rule of this file."""


def is_open(value):
    return not isinstance(value, str) or "{%" in value


class Machine:
    """The role of one machine, in the stack that it is deployed in."""

    def __init__(self, stack, role):
        self.stack = stack
        self.role = role

    def needs(self, record):
        resource = record["resource"].removeprefix("arn:aws:states:::")
        if resource not in RULES:
            raise UnknownIntegration(f"{record['state']} calls {record['resource']}")
        seen = f"{record['machine']}, state {record['state']}: {resource}"
        return [
            Call(self.role, action, target, tuple(context), seen)
            for action, target, *context in RULES[resource](self, record["arguments"])
        ]

    def services(self, seen):
        """What Step Functions does for the machine itself: "Using IAM policies for logging" and "X-Ray" of its guide."""
        if seen["logged"]:
            for verb in ("CreateLogDelivery", "GetLogDelivery", "UpdateLogDelivery", "DeleteLogDelivery", "ListLogDeliveries",
                         "PutResourcePolicy", "DescribeResourcePolicies", "DescribeLogGroups"):
                yield Call(self.role, f"logs:{verb}", "*", (), f"{seen['name']} writes a log")
        if seen["traced"]:
            for verb in ("PutTraceSegments", "PutTelemetryRecords", "GetSamplingRules", "GetSamplingTargets"):
                yield Call(self.role, f"xray:{verb}", "*", (), f"{seen['name']} is traced")

    def function(self, given):
        yield "lambda:InvokeFunction", self.stack.function_arn(given["FunctionName"])

    def container(self, given):
        task = self.stack.tasks[given["TaskDefinition"]]
        running = self.stack.arn("ecs", f"task/{given['Cluster'].rsplit('/', 1)[1]}/0123456789abcdef0123456789abcdef")
        yield "ecs:RunTask", task.arn, ("ecs:cluster", given["Cluster"])
        for role in (task.role, task.execution_role):
            yield "iam:PassRole", role, ("iam:PassedToService", "ecs-tasks.amazonaws.com")
        if given.get("PropagateTags"):
            yield "ecs:TagResource", running, ("ecs:CreateAction", "RunTask")
        # `.sync`: it looks at the task, by a rule of events that it keeps.
        yield "ecs:DescribeTasks", running
        for verb in ("PutRule", "PutTargets", "DescribeRule"):
            yield f"events:{verb}", self.stack.arn("events", RULE)

    def message(self, given):
        yield "sns:Publish", given["TopicArn"]
        if key := self.stack.topic_key(given["TopicArn"]):
            yield "kms:GenerateDataKey", key
            yield "kms:Decrypt", key

    def catalogue(self, action, tables, database):
        """An action on a table needs to be allowed on what holds it as well."""
        yield action, self.stack.arn("glue", "catalog")
        yield action, self.stack.arn("glue", f"database/{database}")
        for table in tables:
            yield action, self.stack.arn("glue", f"table/{database}/{table}")

    def partition(self, given):
        table = [] if is_open(given["TableName"]) else [given["TableName"]]
        return self.catalogue("glue:CreatePartition", table, given["DatabaseName"])

    def work_group(self, action):
        return action, self.stack.arn("athena", f"workgroup/{self.stack.work_group}")

    def query(self, given):
        """Athena reads and writes in the name of whoever asks."""
        database = given["QueryExecutionContext"]["Database"]
        yield self.work_group("athena:StartQueryExecution")
        names = [] if is_open(given["QueryString"]) else self.stack.with_what_views_name(TABLE.findall(given["QueryString"]))
        yield from self.catalogue("glue:GetDatabase", [], database)
        yield from self.catalogue("glue:GetTable", names, database)
        for name in names:
            if self.stack.partitioned(name):
                yield from self.catalogue("glue:GetPartitions", [name], database)
            bucket, folder = self.stack.location(name)
            if bucket:
                yield "s3:ListBucket", f"arn:aws:s3:::{bucket}", *S3
                yield "s3:GetObject", f"arn:aws:s3:::{bucket}/{folder}part-00000", *S3
                yield "kms:Decrypt", self.stack.keys[bucket]
        bucket, folder = self.stack.answers
        yield "s3:GetBucketLocation", f"arn:aws:s3:::{bucket}", *S3
        yield "s3:PutObject", f"arn:aws:s3:::{bucket}/{folder}0123456789ab.csv", *S3
        yield "kms:GenerateDataKey", self.stack.keys[bucket]

    def poll(self, given):
        yield self.work_group("athena:GetQueryExecution")

    def answer(self, given):
        """The rows are read from where the answer lies."""
        bucket, folder = self.stack.answers
        yield self.work_group("athena:GetQueryResults")
        yield "s3:GetObject", f"arn:aws:s3:::{bucket}/{folder}0123456789ab.csv", *S3
        yield "kms:Decrypt", self.stack.keys[bucket]



RULES = {
    "lambda:invoke": Machine.function,
    "ecs:runTask.sync": Machine.container,
    "sns:publish": Machine.message,
    "aws-sdk:glue:createPartition": Machine.partition,
    "aws-sdk:athena:startQueryExecution": Machine.query,
    "aws-sdk:athena:getQueryExecution": Machine.poll,
    "aws-sdk:athena:getQueryResults": Machine.answer,
}


def tasks(definition):
    """Every task of a definition, also those inside of Parallel and Map."""
    for name, state in definition["States"].items():
        if state["Type"] == "Task":
            yield {"state": name, "resource": state["Resource"], "arguments": state.get("Arguments", {})}
        for inner in [*state.get("Branches", []), *filter(None, [state.get("ItemProcessor")])]:
            yield from tasks(inner)
