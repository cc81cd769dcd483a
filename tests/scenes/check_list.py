"""docs/FIRST_DEPLOYMENT.md, ticked off by its script on this stack, its small run included. What is live stays live."""

import subprocess
from pathlib import Path

from scenes.whole_way import LIVE

ROOT = Path(__file__).resolve().parent.parent.parent


def play(stage):
    live = stage.stack.ask(LIVE)[1:]
    words = [ROOT / "scripts/first-deployment", "local", "--run", "--millrace", str(stage.stack.millrace)]
    done = subprocess.run(words, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    print(done.stdout, flush=True)
    ticked = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("[x] ")]
    stage.checks.equal("the check-list of a first deployment is ticked off, every point", ticked, [str(number) for number in range(1, 16)])
    stage.checks.equal("and its script says so", done.returncode, 0)
    stage.checks.equal("and nothing that was live is replaced", stage.stack.ask(LIVE)[1:], live)
