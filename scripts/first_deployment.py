"""The check-list of docs/FIRST_DEPLOYMENT.md, ticked by calls of AWS's own command line. See scripts/first-deployment."""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ABSENT = 3
POLL_SECONDS = 5
# A training of so few rows takes minutes, most of them for Fargate to start a container.
LIMIT_SECONDS = 3600
ROWS = 20_000
SPEC, CONTRACT = "models/engagement.toml", "contracts/customers.toml"
# The run has a model of its own: what is live on the stack is neither its rival, which would be held against these few rows,
# nor replaced by it.
MODEL = "first_deployment"
# Asks for the live version of a model that nobody has: nothing is written.
NOBODY = {"action": "resolve", "run": {"run_id": "first-deployment", "started_at": "2026-01-01T00:00:00Z"}, "model": "nobody", "version": None}
PASSED, FAILED, SKIPPED = "[x]", "[!]", "[ ]"


class Unanswered(Exception):
    """A call that AWS refused, or that found nothing."""


class Account:
    """The account that the shell is logged in to."""

    def __init__(self, dry_run):
        self.dry_run = dry_run
        self.command = os.environ.get("MILLRACE_AWS", "aws")

    def ask(self, *words):
        """What a call answers; with --dry-run the call is printed, and nothing is answered."""
        if self.dry_run:
            print("    aws " + " ".join(map(quoted, words)))
            return Anything()
        done = subprocess.run([self.command, *words, "--output", "json"], text=True, capture_output=True)
        if done.returncode != 0:
            raise Unanswered((done.stderr.strip().splitlines() or ["no answer"])[-1])
        return json.loads(done.stdout or "{}")


class Anything(dict):
    """Stands for an answer that nobody gave: whatever is looked up in it is another one."""

    def __missing__(self, _):
        return Anything()

    def get(self, _, __=None):
        return Anything()

    def __getitem__(self, _):
        return Anything()

    def __str__(self):
        return "..."


def quoted(word):
    return word if word and all(letter.isalnum() or letter in "-_./:=,@" for letter in word) else "'" + word.replace("'", "'\\''") + "'"


class List:
    """What was ticked, and how."""

    def __init__(self, account):
        self.account, self.failed = account, 0

    def tick(self, number, what, look):
        """`look` answers with what it found, or raises."""
        if self.account.dry_run:
            print(f"{SKIPPED} {number} {what}")
            look()
            return True
        try:
            found = look()
        except (Unanswered, KeyError, IndexError) as why:
            self.failed += 1
            said = why if isinstance(why, Unanswered) else f"the answer lacks {why}"
            print(f"{FAILED} {number} {what}: {said}", flush=True)
            return False
        print(f"{PASSED} {number} {what}: {found}", flush=True)
        return True

    def need(self, holds, otherwise):
        if not holds and not self.account.dry_run:
            raise Unanswered(otherwise)


def before(items, account, environment):
    """What must be so before anything is deployed."""
    items.tick("1", "the shell is logged in", lambda: account.ask("sts", "get-caller-identity")["Arn"])

    def bootstrapped():
        stack = account.ask("cloudformation", "describe-stacks", "--stack-name", "CDKToolkit")["Stacks"][0]
        items.need("COMPLETE" in str(stack["StackStatus"]), f"CDKToolkit is {stack['StackStatus']}")
        return "CDKToolkit is there"

    items.tick("2", f"`make bootstrap ENV={environment}` was done", bootstrapped)

    def ready():
        if account.dry_run:
            print(f"    node infra/build/bin/preflight.js {environment} quotas zones catalogue")
            return None
        done = subprocess.run(["node", ROOT / "infra/build/bin/preflight.js", environment, "quotas", "zones", "catalogue"], text=True, stdout=subprocess.PIPE)
        print("    " + done.stdout.strip().replace("\n", "\n    "), flush=True)
        items.need(done.returncode == 0, "see above")
        return "nothing is in the way"

    items.tick("3", "quotas, zones and Lake Formation", ready)


def outputs_of(account, config):
    stack = account.ask("cloudformation", "describe-stacks", "--stack-name", config["name"])["Stacks"][0]
    return {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]} if not account.dry_run else Anything()


def after(items, account, config, outputs):
    """What must have come of a deployment. Each call looks at one thing that no emulator shows."""
    name = config["name"]
    # For an emulator programs are this machine's.
    host = "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
    processor = host if config["architecture"] == "host" else config["architecture"]
    architecture = {"arm64": "ARM64", "x86_64": "X86_64"}[processor]

    def stack():
        status = account.ask("cloudformation", "describe-stacks", "--stack-name", name)["Stacks"][0]["StackStatus"]
        items.need(str(status) in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), f"it is {status}")
        return status

    def functions():
        found = []
        for function in ("validate", "fairness-gate", "registry", "publish"):
            made = account.ask("lambda", "get-function-configuration", "--function-name", f"{name}-{function}")
            items.need(made["State"] == "Active", f"{function} is {made['State']}")
            items.need(made["Architectures"] == [processor], f"{function} runs on {made['Architectures']}")
            found.append(function)
        return ", ".join(found)

    def answers():
        """The registry without a model: it starts, reads its store, and says by name what it lacks."""
        with tempfile.TemporaryDirectory() as folder:
            question, answer = Path(folder) / "question.json", Path(folder) / "answer.json"
            question.write_text(json.dumps(NOBODY))
            reply = account.ask("lambda", "invoke", "--function-name", f"{name}-registry", "--payload", f"fileb://{question}", str(answer))
            if account.dry_run:
                return None
            said = json.loads(answer.read_text())
        items.need(reply.get("FunctionError") and said.get("errorType") == "ModelNotFound", f"it said {said}")
        return "it says ModelNotFound, as it must"

    def tasks():
        for task in ("training", "inference"):
            made = account.ask("ecs", "describe-task-definition", "--task-definition", f"{name}-{task}")["taskDefinition"]
            # What a definition does not say is X86_64.
            found = (made.get("runtimePlatform") or {}).get("cpuArchitecture", "X86_64")
            items.need(found == architecture, f"{task} is for {found}")
        return f"both for {architecture}"

    def machines():
        for key in ("TrainingMachine", "InferenceMachine"):
            made = account.ask("stepfunctions", "describe-state-machine", "--state-machine-arn", str(outputs[key]))
            items.need(made["status"] == "ACTIVE", f"{key} is {made['status']}")
        return "both are active"

    def tables():
        listed = account.ask("glue", "get-tables", "--database-name", str(outputs["Database"]))["TableList"]
        items.need(len(listed) > 0, "there are none: is Lake Formation strict? See docs/DEPLOYMENT.md")
        return f"{len(listed)} tables and views"

    def workgroup():
        made = account.ask("athena", "get-work-group", "--work-group", str(outputs["WorkGroup"]))["WorkGroup"]
        items.need(made["State"] == "ENABLED", f"it is {made['State']}")
        return made["Name"]

    def schedules():
        listed = account.ask("scheduler", "list-schedules", "--group-name", name)["Schedules"]
        on = [] if account.dry_run else [one["Name"] for one in listed if one["State"] == "ENABLED"]
        return f"{', '.join(on)} on" if on else "all off, as the configuration says"

    def told():
        subscribed = account.ask("sns", "list-subscriptions-by-topic", "--topic-arn", str(outputs["Topic"]))["Subscriptions"]
        waiting = [] if account.dry_run else [one["Endpoint"] for one in subscribed if one["SubscriptionArn"] == "PendingConfirmation"]
        items.need(not waiting, f"not confirmed yet: {', '.join(waiting)}")
        return f"{len(subscribed)} addresses"

    items.tick("4", "the stack is there", stack)
    items.tick("5", "the functions are active, for the right processor", functions)
    items.tick("6", "a function starts and reads its store", answers)
    items.tick("7", "the tasks are for the right processor", tasks)
    items.tick("8", "the machines are active", machines)
    items.tick("9", "the catalogue can be read", tables)
    items.tick("10", "the workgroup answers", workgroup)
    items.tick("11", "the schedules", schedules)
    items.tick("12", "whoever is to be told has confirmed", told)


def follow(items, account, arn):
    """An execution to its end; its output."""
    deadline = time.monotonic() + LIMIT_SECONDS
    while True:
        state = account.ask("stepfunctions", "describe-execution", "--execution-arn", str(arn))
        if account.dry_run:
            return Anything()
        if state["status"] != "RUNNING":
            items.need(state["status"] == "SUCCEEDED", f"{state['status']}: {state.get('error')}: {state.get('cause')}")
            return json.loads(state.get("output") or "{}")
        items.need(time.monotonic() < deadline, f"it was still running after {LIMIT_SECONDS} s")
        time.sleep(POLL_SECONDS)


def spec_of_its_own():
    """That of models/ under another name."""
    text = (ROOT / SPEC).read_text()
    made = text.replace('name = "engagement"', f'name = "{MODEL}"', 1)
    if made == text:
        sys.exit(f"first-deployment: {SPEC} has no name to replace")
    return made


def small_run(items, account, outputs, millrace):
    """The documents, a few rows, a training, a scoring, a question."""
    features = f"s3://{outputs['FeaturesBucket']}"
    run = f"first-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}"

    def bring():
        with tempfile.TemporaryDirectory() as folder:
            spec = Path(folder) / "spec.toml"
            spec.write_text(spec_of_its_own())
            for key, body in {f"models/{MODEL}.toml": spec, CONTRACT: ROOT / CONTRACT}.items():
                account.ask("s3api", "put-object", "--bucket", str(outputs["FeaturesBucket"]), "--key", key, "--body", str(body))
        words = [str(millrace), "generate", "--rows", str(ROWS), "--out", f"{features}/first-deployment", "--quiet"]
        if account.dry_run:
            print("    " + " ".join(words))
            return None
        done = subprocess.run(words, text=True, capture_output=True)
        items.need(done.returncode == 0, done.stderr.strip())
        return f"{ROWS} rows in {features}/first-deployment"

    def execute(machine, name, given):
        arn = account.ask(
            "stepfunctions", "start-execution", "--state-machine-arn", str(outputs[machine]), "--name", name, "--input", json.dumps(given)
        )["executionArn"]
        return follow(items, account, arn)

    def trained():
        given = {"spec": f"{features}/models/{MODEL}.toml", "data": f"{features}/first-deployment", "run_id": f"{run}-training"}
        output = execute("TrainingMachine", f"{run}-training", given)
        return f"{output['model']} {output['version']} is {output['promoted_to']}"

    def scored():
        given = {"model": MODEL, "data": f"{features}/first-deployment", "run_id": f"{run}-scoring"}
        output = execute("InferenceMachine", f"{run}-scoring", given)
        return f"{output['rows_scored']} rows, seen by Athena"

    ways = [("13", "the documents and some rows are brought", bring), ("14", "a training", trained), ("15", "a scoring, and Athena sees its rows", scored)]
    for number, what, look in ways:
        if not items.tick(number, what, look):
            return


def agreed(options):
    if options.run or options.dry_run:
        return True
    if not sys.stdin.isatty():
        return False
    return input(f"Train and score {ROWS} rows on it? It takes about ten minutes of Fargate and costs some cents. [y/N] ").strip().lower().startswith("y")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("environment")
    parser.add_argument("--run", action="store_true")
    parser.add_argument("--dry-run", action="store_true")
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    parser.add_argument("--millrace", type=Path, default=target / "release/millrace", help="the command, as `make build` leaves it")
    options = parser.parse_args()
    config = json.loads((ROOT / "infra/config" / f"{options.environment}.json").read_text())
    account = Account(options.dry_run)
    items = List(account)
    before(items, account, options.environment)
    try:
        outputs = outputs_of(account, config)
    except Unanswered as why:
        print(f"{SKIPPED} 4 the stack is not there yet ({why}): `make deploy ENV={options.environment}`, then this again")
        return 1 if items.failed else ABSENT
    after(items, account, config, outputs)
    if items.failed:
        print(f"{SKIPPED} 13 no run is started while something above is not as it must be")
    elif not agreed(options):
        print(f"{SKIPPED} 13 nothing was run: --run does")
    elif not options.dry_run and not options.millrace.exists():
        print(f"{SKIPPED} 13 {options.millrace} is not there: `make build` builds it")
    else:
        small_run(items, account, outputs, options.millrace)
    print(f"first-deployment: {items.failed} failed" if not account.dry_run else "first-deployment: nothing was asked")
    return 1 if items.failed else 0


if __name__ == "__main__":
    sys.exit(main())
