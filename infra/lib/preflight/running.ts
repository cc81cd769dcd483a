// Whether an execution is under way, which a deployment would change in the middle.
import type { Config } from "../config";
import { unknown, type Ask, type Finding } from "./ask";

const MACHINES = ["training", "inference"] as const;
/** A stack that is not there, or a machine that is not, runs nothing. */
const ABSENT = /StateMachineDoesNotExist|does not exist/;

/** An execution keeps its machine and its tasks, but functions change under it: what one build wrote, another would read. */
export function checkRunning(config: Config, ask: Ask): Finding {
  const name = "RunUnderWay";
  const machines = ask(["stepfunctions", "list-state-machines"]);
  if (machines.is === "unanswered") {
    return unknown(name, "no execution may be under way", machines.why);
  }
  const arns = ((machines.value?.stateMachines ?? []) as { readonly name: string; readonly stateMachineArn: string }[])
    .filter((machine) => MACHINES.some((one) => machine.name === `${config.name}-${one}`))
    .map((machine) => machine.stateMachineArn);
  const running: string[] = [];
  for (const arn of arns) {
    const found = ask(["stepfunctions", "list-executions", "--state-machine-arn", arn, "--status-filter", "RUNNING"]);
    if (found.is === "unanswered" && !ABSENT.test(found.why)) {
      return unknown(name, "no execution may be under way", found.why);
    }
    const executions = found.is === "answered" ? ((found.value?.executions ?? []) as { readonly executionArn: string }[]) : [];
    running.push(...executions.map((one) => one.executionArn));
  }
  if (running.length === 0) {
    return { name, state: "fine", text: "no execution is under way" };
  }
  const stop = running.map((arn) => `aws stepfunctions stop-execution --execution-arn ${arn}`).join("\n      ");
  return {
    name,
    state: "blocked",
    text: `${running.length} execution(s) under way would go on with other functions than they began with: wait for their end, or stop them\n      ${stop}\n    and take the runs up again afterwards (docs/OPERATIONS.md)`,
  };
}
