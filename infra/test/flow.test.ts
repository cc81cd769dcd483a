import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";

import { placeholdersOf, readMachine } from "../lib/asl";
import { loadConfig } from "../lib/config";
import { REPOSITORY } from "../lib/paths";
import { machineStatements } from "../lib/permissions";
import { environment, ofType, synthesize } from "./template";

const MACHINES = ["training", "inference"] as const;

function machine(name: string) {
  const found = ofType(environment("production"), "AWS::StepFunctions::StateMachine").find((one) =>
    one.Properties.StateMachineName.endsWith(name),
  );
  assert.ok(found, name);
  return found.Properties;
}

for (const name of MACHINES) {
  test(`${name}: the definition is the file, and every placeholder has a value`, () => {
    const file = fs.readFileSync(path.join(REPOSITORY, "statemachines", `${name}.asl.json`), "utf8");
    const { DefinitionString, DefinitionSubstitutions } = machine(name);
    assert.equal(DefinitionString, file);
    const filled = file.replaceAll(/\$\{([A-Za-z]+)\}/g, (_, placeholder: string) => {
      const value = DefinitionSubstitutions[placeholder];
      assert.ok(value !== undefined && value !== "", placeholder);
      return typeof value === "string" ? value : "resolved-at-deployment";
    });
    assert.ok(!filled.includes("${"));
    assert.deepEqual(Object.keys(DefinitionSubstitutions).sort(), placeholdersOf(file));
    JSON.parse(filled);
  });

  test(`${name}: every task gives up after a time, tries again what passes, and catches what does not`, () => {
    const states = statesOf(JSON.parse(readMachine(name).definition));
    const tasks = states.filter(([, state]) => state.Type === "Task");
    assert.ok(tasks.length > 5);
    for (const [state, task] of tasks) {
      assert.ok(task.TimeoutSeconds > 0, state);
      assert.ok(task.Retry.length > 0, state);
      for (const retry of task.Retry) {
        assert.ok(retry.MaxAttempts > 0 && retry.MaxDelaySeconds > 0 && retry.JitterStrategy === "FULL", state);
        assert.ok(!retry.ErrorEquals.includes("States.ALL"), `${state} would repeat what cannot succeed`);
      }
    }
  });
}

function statesOf(machine: any): [string, any][] {
  return Object.entries<any>(machine.States).flatMap(([name, state]) => [
    [name, state] as [string, any],
    ...[...(state.Branches ?? []), ...(state.ItemProcessor ? [state.ItemProcessor] : [])].flatMap(statesOf),
  ]);
}

test("functions answer within the time that the machines wait", () => {
  const functions = ofType(environment("production"), "AWS::Lambda::Function");
  const timeouts = Object.fromEntries(functions.map((one) => [one.Properties.FunctionName, one.Properties.Timeout]));
  assert.deepEqual(timeouts, {
    "millrace-validate": 900, "millrace-fairness-gate": 900, "millrace-registry": 300, "millrace-publish": 300,
  });
});

test("a state that calls something new is refused until its permissions are written", () => {
  const task = { state: "Mail", resource: "aws-sdk:ses:sendEmail", placeholders: [] };
  assert.throws(() => machineStatements({ name: "training", definition: "", tasks: [task], placeholders: [] }, undefined as never), /the state Mail calls aws-sdk:ses:sendEmail/);
});

test("both schedules of each model are there, in the time zone, and off", () => {
  for (const env of ["dev", "staging", "production"]) {
    const config = loadConfig(env);
    const schedules = ofType(environment(env), "AWS::Scheduler::Schedule").map((one) => one.Properties);
    assert.equal(schedules.length, 2 * config.models.length);
    for (const schedule of schedules) {
      assert.equal(schedule.State, "DISABLED", schedule.Name);
      assert.equal(schedule.ScheduleExpressionTimezone, config.schedules.timeZone);
      assert.deepEqual(schedule.FlexibleTimeWindow, { Mode: "OFF" });
      assert.deepEqual(schedule.Target.RetryPolicy, { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 10 });
    }
    const expressions = schedules.map((schedule) => schedule.ScheduleExpression).sort();
    assert.deepEqual(expressions, [config.schedules.training.expression, config.schedules.scoring.expression].sort());
  }
});

test("alarms tell of failures at once and of missing predictions when scoring is scheduled", () => {
  const alarms = ofType(environment("production"), "AWS::CloudWatch::Alarm").map((alarm) => alarm.Properties);
  const names = alarms.map((alarm) => alarm.AlarmName.replace("millrace-", "")).sort();
  assert.deepEqual(names, [
    "inference-aborted", "inference-failed", "inference-throttled", "inference-timed-out", "predictions-missing",
    "schedule-InvocationDroppedCount", "schedule-TargetErrorCount",
    "training-aborted", "training-failed", "training-throttled", "training-timed-out",
  ]);
  assert.ok(alarms.every((alarm) => alarm.AlarmActions.length === 1));
  const missing = alarms.find((alarm) => alarm.AlarmName === "millrace-predictions-missing");
  assert.deepEqual(
    [missing.TreatMissingData, missing.EvaluationPeriods, missing.Period, missing.ActionsEnabled],
    ["breaching", 26, 3600, false],
  );
  const [budget] = ofType(environment("production"), "AWS::Budgets::Budget");
  assert.deepEqual(budget?.Properties.Budget.BudgetLimit, { Amount: 400, Unit: "USD" });
});

test("functions without a bootstrap are refused by name", () => {
  assert.throws(() => synthesize("dev", { functions: "/nowhere" }), /there is no \/nowhere\/validate\/bootstrap/);
});
