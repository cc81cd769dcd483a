import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";

import { loadConfig } from "../lib/config";
import { REPOSITORY } from "../lib/paths";
import { environment, ofType } from "./template";

/** The names in the first column of the table under this heading. */
function explained(heading: string): string[] {
  const document = fs.readFileSync(path.join(REPOSITORY, "docs", "OPERATIONS.md"), "utf8");
  const section = document.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  const cells = section.split("\n").filter((line) => line.startsWith("| `")).map((line) => line.split("|")[1] ?? "");
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map((found) => found[1] ?? ""));
}

test("every alarm is explained to the operator, and no other", () => {
  const prefix = `${loadConfig("production").name}-`;
  const alarms = ofType(environment("production"), "AWS::CloudWatch::Alarm");
  const names = alarms.map(({ Properties: alarm }) => (alarm.AlarmName as string).slice(prefix.length));
  assert.deepEqual(explained("Alarms").sort(), names.sort());
});
