import "./keys";
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";

import { loadConfig, readConfig } from "../lib/config";
import { INFRA } from "../lib/paths";

const ENVIRONMENTS = ["dev", "local", "production", "staging"];

function document(): any {
  return JSON.parse(fs.readFileSync(path.join(INFRA, "config", "dev.json"), "utf8"));
}

test("every environment is valid, has a name of its own and starts nothing by itself", () => {
  const configs = ENVIRONMENTS.map(loadConfig);
  assert.equal(new Set(configs.map((config) => config.name)).size, ENVIRONMENTS.length);
  for (const config of configs) {
    assert.deepEqual([config.schedules.training.on, config.schedules.scoring.on], [false, false], config.name);
  }
});

test("an unknown environment is refused by name, with those that are known", () => {
  assert.throws(() => loadConfig("prod"), /environment prod is not known; known are dev, local, production, staging/);
});

const WRONG: [string, (config: any) => void, RegExp][] = [
  ["an unknown key at the top", (c) => (c.colour = 1), /dev\.colour is not known; known are name, /],
  ["an unknown key inside", (c) => (c.schedules.training.cron = "x"), /dev\.schedules\.training\.cron is not known/],
  ["an unknown key in a list", (c) => (c.models[0].table = "x"), /dev\.models\[0\]\.table is not known/],
  ["a missing key", (c) => delete c.retentionDays.logs, /dev\.retentionDays\.logs is missing/],
  ["a name that AWS would refuse", (c) => (c.name = "Dev_1"), /dev\.name must be a name of at most 30/],
  ["an architecture that is none", (c) => (c.architecture = "arm"), /dev\.architecture must be one of arm64, x86_64, host/],
  ["memory that no function has", (c) => (c.functions.memoryMiB.validate = 64), /memoryMiB\.validate must be a whole number from 128/],
  ["a size that Fargate lacks", (c) => (c.containers.training.cpu = 3000), /containers\.training\.cpu must be one of 512, /],
  ["memory that does not go with the processors", (c) => (c.containers.training.memoryMiB = 4096), /training\.memoryMiB must be a whole number from 8192/],
  ["memory between two steps", (c) => (c.containers.training.memoryMiB = 8200), /training\.memoryMiB must be a multiple of 1024/],
  ["a retention that CloudWatch lacks", (c) => (c.retentionDays.logs = 31), /retentionDays\.logs must be one of/],
  ["a time zone that is none", (c) => (c.schedules.timeZone = "Europe/Nowhere"), /schedules\.timeZone must be a time zone/],
  ["a schedule that is none", (c) => (c.schedules.scoring.expression = "daily"), /scoring\.expression must be such as cron/],
  ["a flag in words", (c) => (c.schedules.scoring.on = "yes"), /scoring\.on must be true or false/],
  ["an address that is none", (c) => (c.alerts.emails = ["me"]), /alerts\.emails\[0\] must be an email address/],
  ["a model twice", (c) => c.models.push(c.models[0]), /dev\.models names engagement twice/],
  ["a list that is none", (c) => (c.models = {}), /dev\.models must be a list/],
];

for (const [what, change, expected] of WRONG) {
  test(`${what} is refused with its path`, () => {
    const config = document();
    change(config);
    assert.throws(() => readConfig(config, "dev"), expected);
  });
}
