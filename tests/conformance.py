#!/usr/bin/env python3
"""The same state machines, the same cases, other engines: the emulator's Step Functions, and LocalStack's.

crates/orchestra/tests/machines runs every case of crates/orchestra/tests/cases/ on the local engine. This
runs them on the emulator, and compares the sequence of states and the final output or error with the same
expectations, so that both engines are known to agree. The tasks' answers are given to the emulator as a mock
configuration (the form of AWS's own Step Functions Local); waits are set to nothing.

    tests/conformance.py            start an emulator, run all cases, stop it; with EMULATOR=localstack, LocalStack
    tests/conformance.py TEXT       only the cases whose name contains TEXT
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / "crates/orchestra/tests/cases"
MACHINES = ROOT / "statemachines"
INSIDE = "MILLRACE_CONFORMANCE_INSIDE"
# As crates/orchestra/src/machines.rs; whatever is not listed is only a name.
SUBSTITUTIONS = {"BytesPerShard": "1000000000000", "FewShards": "40", "ScoreConcurrency": "1", "SearchConcurrency": "1"}
KIND = os.environ.get("EMULATOR", "ministack")
# LocalStack waits before each retry, at least a second, and is slow where much runs at once.
LONGEST_SECONDS = 30 if KIND == "ministack" else 600
LONGEST_CALL_SECONDS = 30 if KIND == "ministack" else 120
MOST_ATTEMPTS = 40
AT_ONCE = 8 if KIND == "ministack" else 3


def load(machine):
    document = json.loads((CASES / f"{machine}.json").read_text())
    for number, case in enumerate(document["cases"]):
        case["id"] = f"case{number}"
        case["input"] = case.get("input", document["input"])
        case["tasks"] = document["tasks"] | case["tasks"]
    return document["cases"]


def definition(machine, substitutions):
    text = (MACHINES / f"{machine}.asl.json").read_text()
    for name, value in (SUBSTITUTIONS | substitutions).items():
        text = text.replace("${%s}" % name, value)
    return text if KIND == "ministack" else for_localstack(text)


def for_localstack(text):
    """MiniStack is told not to wait; here waits are written as short as the language has them. And LocalStack's grammar has no
    `Arguments` of a ResultWriter, as AWS's guide writes it: results are not written there, which no state reads."""
    flow = json.loads(text)
    for _, state in states(flow):
        state.pop("ResultWriter", None)
        if state["Type"] == "Wait":
            state["Seconds"] = 0
        for rule in state.get("Retry", []):
            rule |= {"IntervalSeconds": 1, "BackoffRate": 1.0, "MaxDelaySeconds": 2}
    return json.dumps(flow)


def states(flow):
    """Every state by its name, also those inside of Parallel and Map."""
    for name, state in flow["States"].items():
        yield name, state
        for inner in [*state.get("Branches", []), *filter(None, [state.get("ItemProcessor")])]:
            yield from states(inner)


def mocked(machine, tasks):
    """The answers of a case, one for each attempt, the last one again and again."""
    kinds = {name: state.get("Resource", "") for name, state in states(json.loads(definition(machine, {})))}
    for state, answers in tasks.items():
        is_function = kinds[state].endswith("lambda:invoke")
        responses = [response(answer, is_function) for answer in answers]
        by_attempt = {str(attempt): each for attempt, each in enumerate(responses)}
        by_attempt[f"{len(responses)}-{MOST_ATTEMPTS}"] = responses[-1]
        yield state, by_attempt


def response(answer, is_function):
    if "error" not in answer:
        result = answer["return"]
        return {"Return": {"StatusCode": 200, "Payload": result} if is_function else result}
    name, cause = answer["error"], answer["cause"]
    if is_function:
        cause = json.dumps({"errorType": name, "errorMessage": cause})
    return {"Throw": {"Error": name, "Cause": cause}}


def configuration(machines):
    config = {"StateMachines": {}, "MockedResponses": {}}
    for machine, cases in machines.items():
        for case in cases:
            names = {}
            for state, responses in mocked(machine, case["tasks"]):
                names[state] = f"{machine}-{case['id']}-{state}"
                config["MockedResponses"][names[state]] = responses
            # Each case has a machine of its own: substitutions differ.
            config["StateMachines"][f"{machine}-{case['id']}"] = {"TestCases": {"case": names}}
    return config


def call(action, body):
    headers = {
        "X-Amz-Target": f"AWSStepFunctions.{action}",
        "Content-Type": "application/x-amz-json-1.0",
        "Authorization": "AWS4-HMAC-SHA256 Credential=test/20261101/us-east-1/states/aws4_request, SignedHeaders=host, Signature=0",
    }
    request = Request(os.environ["AWS_ENDPOINT_URL"], json.dumps(body).encode(), headers)
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=LONGEST_CALL_SECONDS) as answer:
            return json.loads(answer.read())
    except HTTPError as refusal:
        raise SystemExit(f"{action}: {refusal.code}: {refusal.read().decode()[:2000]}") from None


def execute(machine, case):
    name = f"{machine}-{case['id']}"
    # Each case has a machine of its own, and of the mock configuration the answers for it.
    return play(name, definition(machine, case.get("substitutions", {})), case["input"], "#case")


def play(name, text, given, mocked_case=""):
    """Makes a machine and runs it to its end: how it ended, and its history."""
    made = call("CreateStateMachine", {
        "name": name,
        "definition": text,
        "roleArn": "arn:aws:iam::000000000000:role/test",
    })
    begun = call("StartExecution", {
        "stateMachineArn": made["stateMachineArn"] + mocked_case,
        "name": given.get("run_id", name),
        "input": json.dumps(given),
    })
    arn = begun["executionArn"]
    deadline = time.monotonic() + LONGEST_SECONDS
    while (execution := call("DescribeExecution", {"executionArn": arn}))["status"] == "RUNNING":
        if time.monotonic() > deadline:
            call("StopExecution", {"executionArn": arn})
        time.sleep(0.02)
    events = call("GetExecutionHistory", {"executionArn": arn, "maxResults": 1000})["events"]
    return execution, events


def outcome(execution):
    if execution["status"] == "SUCCEEDED":
        return {"status": "succeeded", "output": json.loads(execution["output"])}
    return {"status": execution["status"].lower(), "error": execution.get("error"), "cause": execution.get("cause")}


def entered(events):
    return [event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event]


def outside(machine, names):
    """Without what is inside of a Parallel or Map: the emulator's history does not tell of that."""
    flow = json.loads(definition(machine, {}))
    return [name for name in names if name in flow["States"]]


def check(machine, case):
    execution, events = execute(machine, case)
    found, seen = outcome(execution), outside(machine, entered(events))
    expected = outside(machine, case.get("states") or case["top_level_states"])
    if found == case["outcome"] and seen == expected:
        return True
    print(f"\n{machine}: {case['name']}\n  expected {expected}\n  found    {seen}")
    print(f"  expected {json.dumps(case['outcome'])}\n  found    {json.dumps(found)}")
    return False


def not_played(case):
    """Why a kind cannot play a case; nothing if it can."""
    if KIND == "ministack":
        return case.get("not_in_emulator")
    # The guide of Step Functions says that names which people make up must not begin so; of a Fail state that hands on the
    # language's own error it says nothing.
    if case["outcome"].get("error", "").startswith("States."):
        return "its Fail state hands on no error whose name begins with `States.`"
    return None


def main():
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    machines = {machine: load(machine) for machine in ("training", "inference")}
    if INSIDE not in os.environ:
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(configuration(machines), file)
            file.flush()
            environment = os.environ | {INSIDE: "1", "SFN_MOCK_CONFIG": file.name, "SFN_WAIT_SCALE": "0"}
            command = [ROOT / "scripts/emulator", "run", sys.executable, __file__, *sys.argv[1:]]
            return subprocess.run(command, env=environment).returncode
    chosen = [(machine, case) for machine, cases in machines.items() for case in cases if wanted in case["name"]]
    left_out = [(machine, case) for machine, case in chosen if not_played(case)]
    for machine, case in left_out:
        print(f"{machine}: {case['name']}: not played, for {not_played(case)}")
    played = [each for each in chosen if each not in left_out]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = list(pool.map(lambda each: check(*each), played))
    print(f"conformance: {sum(results)} of {len(results)} cases agree with the Step Functions of {KIND}, {len(left_out)} not played")
    return 0 if results and all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
