"""Counting what is as it should be."""

import json
import time

import boto3

LONGEST_SECONDS = 20


class Checks:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    def equal(self, what, found, expected):
        self.true(what, found == expected, f"\n          found    {found!r}\n          expected {expected!r}")

    def true(self, what, holds, otherwise=""):
        if holds:
            self.passed += 1
            print(f"      ok  {what}", flush=True)
        else:
            self.failed += 1
            print(f"  FAILED  {what}{otherwise}", flush=True)


class Notices:
    """What the topic sent, by a queue that is subscribed to it."""

    def __init__(self, topic):
        self.queues = boto3.client("sqs")
        self.url = self.queues.create_queue(QueueName="millrace-end-to-end")["QueueUrl"]
        arn = self.queues.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        policy = {"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn,
        }]}
        self.queues.set_queue_attributes(QueueUrl=self.url, Attributes={"Policy": json.dumps(policy)})
        boto3.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        self.seen = {}

    def of(self, run, result):
        """The message about a run's end; empty if none comes."""
        deadline = time.monotonic() + LONGEST_SECONDS
        while True:
            self._receive()
            for subject, message in self.seen.items():
                if f"run {run} {result}" in subject:
                    return message
            if time.monotonic() > deadline:
                return ""

    def _receive(self):
        got = self.queues.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        for one in got.get("Messages", []):
            notice = json.loads(one["Body"])
            self.seen[notice["Subject"]] = notice["Message"]
            self.queues.delete_message(QueueUrl=self.url, ReceiptHandle=one["ReceiptHandle"])
