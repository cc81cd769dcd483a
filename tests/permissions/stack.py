"""A deployed stack: the roles and policies that its services name, and what the calls are made on.

How buckets and topics are encrypted, and what is traced and logged, is read in the template: the emulator keeps none of it.
"""

import base64
import json
import re
from dataclasses import dataclass

import boto3

from permissions.policy import RESOURCE, UnknownForm, parse

TABLE = re.compile(r"\b(?:FROM|JOIN)\s+([a-z_]+)")


@dataclass(frozen=True)
class Task:
    arn: str
    role: str
    execution_role: str
    log_groups: tuple


@dataclass(frozen=True)
class Function:
    arn: str
    role: str
    log_group: str
    traced: bool


def place(uri):
    """Bucket and folder of `s3://bucket/folder/`."""
    bucket, _, folder = uri.removeprefix("s3://").partition("/")
    return bucket, folder


class Deployed:
    def __init__(self, outputs, name):
        self.outputs = outputs
        self.name = name
        self.account = boto3.client("sts").get_caller_identity()["Account"]
        self.region = boto3.session.Session().region_name
        self.database = outputs["Database"]
        self.work_group = outputs["WorkGroup"]
        self.resources = self._resources()
        self.template = self._template()
        self.buckets = {self._label(one): one["PhysicalResourceId"] for one in self._of("AWS::S3::Bucket")}
        self.keys = {one["PhysicalResourceId"]: self._bucket_key(one) for one in self._of("AWS::S3::Bucket")}
        self.functions = self._functions()
        self.tasks = self._tasks()
        self.machines = self._machines()
        self.roles = self._roles()
        self.tables = self._tables()
        self.answers = self._answers()

    def arn(self, service, resource):
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"

    def _resources(self):
        pages = boto3.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=self.name)
        return [one for page in pages for one in page["StackResourceSummaries"]]

    def _of(self, kind):
        return [one for one in self.resources if one["ResourceType"] == kind]

    @staticmethod
    def _label(resource):
        """`DataStore0EB099F1` is `DataStore`."""
        return re.sub(r"[0-9A-F]{8}$", "", resource["LogicalResourceId"])

    def _template(self):
        body = boto3.client("cloudformation").get_template(StackName=self.name)["TemplateBody"]
        return (json.loads(body) if isinstance(body, str) else body)["Resources"]

    def _properties(self, resource):
        return self.template[resource["LogicalResourceId"]]["Properties"]

    def _key_arn(self, given):
        """The ARN of a key that the template names by `Fn::GetAtt`."""
        if set(given) != {"Fn::GetAtt"} or given["Fn::GetAtt"][1] != "Arn":
            raise UnknownForm(f"a key named by {given}")
        (key,) = [one["PhysicalResourceId"] for one in self._of("AWS::KMS::Key") if one["LogicalResourceId"] == given["Fn::GetAtt"][0]]
        return self.arn("kms", f"key/{key}")

    def _bucket_key(self, resource):
        (rule,) = self._properties(resource)["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        rule = rule["ServerSideEncryptionByDefault"]
        return self._key_arn(rule["KMSMasterKeyID"]) if rule["SSEAlgorithm"] == "aws:kms" else None

    def _functions(self):
        client = boto3.client("lambda")
        found = {}
        for resource in self._of("AWS::Lambda::Function"):
            one = client.get_function_configuration(FunctionName=resource["PhysicalResourceId"])
            name = one["FunctionName"].removeprefix(f"{self.name}-")
            group = one.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{one['FunctionName']}"
            traced = self._properties(resource).get("TracingConfig", {}).get("Mode") == "Active"
            found[name] = Function(one["FunctionArn"], one["Role"], group, traced)
        return found

    def _tasks(self):
        client = boto3.client("ecs")
        found = {}
        for resource in self._of("AWS::ECS::TaskDefinition"):
            one = client.describe_task_definition(taskDefinition=resource["PhysicalResourceId"])["taskDefinition"]
            groups = [each["logConfiguration"]["options"]["awslogs-group"] for each in one["containerDefinitions"]]
            found[one["taskDefinitionArn"]] = Task(one["taskDefinitionArn"], one["taskRoleArn"], one["executionRoleArn"], tuple(groups))
        return found

    def task(self, name):
        (found,) = [one for one in self.tasks.values() if f"/{self.name}-{name}:" in one.arn]
        return found

    def _machines(self):
        client = boto3.client("stepfunctions")
        found = {}
        for resource in self._of("AWS::StepFunctions::StateMachine"):
            one = client.describe_state_machine(stateMachineArn=resource["PhysicalResourceId"])
            given = self._properties(resource)
            found[one["name"]] = one | {
                "logged": given.get("LoggingConfiguration", {}).get("Level", "OFF") != "OFF",
                "traced": given.get("TracingConfiguration", {}).get("Enabled", False),
            }
        return found

    def _roles(self):
        """The statements of every role of the stack, by its ARN; its label says which it is."""
        iam = boto3.client("iam")
        found = {}
        for resource in self._of("AWS::IAM::Role"):
            name = resource["PhysicalResourceId"]
            role = iam.get_role(RoleName=name)["Role"]
            if iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
                raise SystemExit(f"the role {name} has a managed policy, which is not looked into here")
            policies = iam.list_role_policies(RoleName=name)["PolicyNames"]
            documents = [iam.get_role_policy(RoleName=name, PolicyName=one)["PolicyDocument"] for one in policies]
            statements = [one for document in documents for one in parse(document)]
            if len(statements) != self._statements_in_template(resource["LogicalResourceId"]):
                raise SystemExit(f"the role {name} was not given the statements of the template")
            found[role["Arn"]] = (self._label(resource), statements)
        return found

    def _statements_in_template(self, role):
        policies = [one["Properties"] for one in self.template.values() if one["Type"] == "AWS::IAM::Policy"]
        return sum(len(one["PolicyDocument"]["Statement"]) for one in policies if {"Ref": role} in one["Roles"])

    def _tables(self):
        pages = boto3.client("glue").get_paginator("get_tables").paginate(DatabaseName=self.database)
        return {one["Name"]: one for page in pages for one in page["TableList"]}

    def _answers(self):
        group = boto3.client("athena").get_work_group(WorkGroup=self.work_group)["WorkGroup"]
        return place(group["Configuration"]["ResultConfiguration"]["OutputLocation"])

    def function_arn(self, named):
        name = named.rsplit(":", 1)[-1].removeprefix(f"{self.name}-")
        return self.functions[name].arn

    def topic_key(self, topic):
        (resource,) = [one for one in self._of("AWS::SNS::Topic") if one["PhysicalResourceId"] == topic]
        key = self._properties(resource).get("KmsMasterKeyId")
        return self._key_arn(key) if key else None

    def partitioned(self, name):
        return bool(self.tables[name].get("PartitionKeys"))

    def location(self, name):
        return place(self.tables[name]["StorageDescriptor"].get("Location") or "")

    def with_what_views_name(self, names):
        found = []
        for name in names:
            if name not in found and name in self.tables:
                found += [name, *self.with_what_views_name(TABLE.findall(self._view(name)))]
        return found

    def _view(self, name):
        text = self.tables[name].get("ViewOriginalText") or ""
        kept = re.match(r"^/\* Presto View: (\S+) \*/$", text)
        return json.loads(base64.b64decode(kept[1]))["originalSql"] if kept else ""

    def bucket_policy(self, bucket):
        client = boto3.client("s3")
        try:
            return parse(json.loads(client.get_bucket_policy(Bucket=bucket)["Policy"]), RESOURCE)
        except client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchBucketPolicy":
                raise
            return []

    def key_policy(self, key):
        return parse(json.loads(boto3.client("kms").get_key_policy(KeyId=key, PolicyName="default")["Policy"]), RESOURCE)

    def topic_policy(self, topic):
        return parse(json.loads(boto3.client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]), RESOURCE)

    def schedules(self):
        """What every schedule of the stack starts, and in whose name."""
        client = boto3.client("scheduler")
        for resource in self._of("AWS::Scheduler::Schedule"):
            for one in client.list_schedules()["Schedules"]:
                if one["Name"] == resource["PhysicalResourceId"].rsplit("/", 1)[-1]:
                    target = client.get_schedule(GroupName=one["GroupName"], Name=one["Name"])["Target"]
                    yield one["Name"], target["RoleArn"], target["Arn"]
