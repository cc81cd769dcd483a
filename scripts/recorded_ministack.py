"""MiniStack, writing down every call that it gets: which program asked for what, and what each state machine did.

Started by scripts/emulator when MILLRACE_EMULATOR_RECORD names a file. The emulator checks no permissions; the end-to-end
test reads this file and does (tests/permissions). A line is a document of JSON:

    {"app": "registry", "service": "s3", "method": "GET", "path": "/bucket/key", "query": "", "status": 200, ...}
    {"machine": "millrace-local-training", "state": "Train", "resource": "arn:aws:states:::ecs:runTask.sync", "arguments": {...}}

The emulator gives every program the same credentials, so that a program says who it is by AWS_SDK_UA_APP_ID, which the
SDK writes into each request. What a state machine calls does not leave the emulator's process; it is written down where
the emulator executes a task.
"""

import contextvars
import json
import os
import re
import threading

from ministack import app as ministack
from ministack.services import stepfunctions

APP = re.compile(r"(?:^|\s)app/(\S+)")
# Key, day, region, service.
SIGNED = re.compile(r"Credential=([^/,\s]+)/[^/]+/[^/]+/([^/]+)/aws4_request")
KEPT = ("x-amz-copy-source", "if-match", "if-none-match", "x-amz-target")

lock = threading.Lock()
file = open(os.environ["MILLRACE_EMULATOR_RECORD"], "a", encoding="utf-8")
task = contextvars.ContextVar("task")
serve = ministack.app
execute_task = stepfunctions._execute_task
invoke_resource = stepfunctions._invoke_resource


def write(**entry):
    line = json.dumps(entry)
    with lock:
        file.write(line + "\n")
        file.flush()


def request(scope, status):
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    agents = f"{headers.get('user-agent', '')} {headers.get('x-amz-user-agent', '')}"
    app, signed = APP.search(agents), SIGNED.search(headers.get("authorization", ""))
    write(
        app=app and app[1],
        agent=headers.get("user-agent", ""),
        key=signed and signed[1],
        service=signed and signed[2],
        method=scope["method"],
        # As it was sent: a key may have characters that a path may not.
        path=scope.get("raw_path", scope["path"].encode()).decode("latin-1").split("?")[0],
        query=scope.get("query_string", b"").decode("latin-1"),
        status=status,
        headers={name: headers[name] for name in KEPT if name in headers},
    )


async def recorded(scope, receive, send):
    if scope["type"] != "http":
        return await serve(scope, receive, send)
    seen = {"status": 0}

    async def sending(message):
        if message["type"] == "http.response.start":
            seen["status"] = message["status"]
        await send(message)

    try:
        await serve(scope, receive, sending)
    finally:
        request(scope, seen["status"])


def recorded_task(state, given, execution, context):
    at = task.set((context["StateMachine"]["Name"], context["State"]["Name"]))
    try:
        return execute_task(state, given, execution, context)
    finally:
        task.reset(at)


def recorded_resource(resource, arguments):
    machine, state = task.get()
    write(machine=machine, state=state, resource=resource, arguments=arguments)
    return invoke_resource(resource, arguments)


ministack.app = recorded
stepfunctions._execute_task = recorded_task
stepfunctions._invoke_resource = recorded_resource

if __name__ == "__main__":
    ministack.main()
