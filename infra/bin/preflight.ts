#!/usr/bin/env node
// Asks the account what would stop a deployment, or break a run: preflight.js <environment> [check...]
// It only reads. The exit code is 3 if something is in the way, 0 otherwise, also if something could not be asked.
import { loadConfig } from "../lib/config";
import { askAws, type Finding } from "../lib/preflight/ask";
import { CHECKS, preflight } from "../lib/preflight";

const BLOCKED = 3;
const [environment, ...names] = process.argv.slice(2);
const strange = names.find((name) => !(name in CHECKS));
if (environment === undefined || strange !== undefined) {
  console.error(`preflight.js <environment> [check...], where a check is one of ${Object.keys(CHECKS).join(", ")}`);
  process.exit(2);
}
const findings = preflight(loadConfig(environment), names, askAws);
for (const finding of findings) {
  console.log(`  ${mark(finding)} ${finding.text}`);
}
process.exit(findings.some((one) => one.state === "blocked") ? BLOCKED : 0);

function mark({ state, name }: Finding): string {
  return { fine: "fine   ", blocked: `${name}:`, unknown: "unknown" }[state];
}
