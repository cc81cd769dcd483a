import "./keys";
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";

import { loadConfig } from "../lib/config";
import { REPOSITORY } from "../lib/paths";
import { preflight } from "../lib/preflight";
import type { Ask, Finding } from "../lib/preflight/ask";
import { FARGATE, FUNCTIONS, linkOf, needs, NETWORKS } from "../lib/preflight/quotas";

const dev = loadConfig("dev");

/** An account that answers these questions, by their first two words and what else the key names. */
function account(answers: Record<string, unknown>): Ask {
  return (words) => {
    const line = words.join(" ");
    const found = Object.keys(answers).filter((key) => key.split(" ").every((word) => words.includes(word)));
    const key = found.sort((a, b) => b.length - a.length)[0];
    return key === undefined || answers[key] instanceof Error
      ? { is: "unanswered", why: `AccessDeniedException: ${line}` }
      : { is: "answered", value: answers[key] };
  };
}

const NEW_ACCOUNT = {
  "service-quotas get-aws-default-service-quota L-3032A538": { Quota: { Value: 6 } },
  "service-quotas get-aws-default-service-quota L-B99A9384": { Quota: { Value: 10 } },
  "service-quotas get-aws-default-service-quota L-F678F1CE": { Quota: { Value: 5 } },
  "ec2 describe-vpcs": { Vpcs: [{}] },
  "ec2 describe-availability-zones": { AvailabilityZones: zones("us-east-1", ["use1-az4", "use1-az6", "use1-az1"]) },
  "lakeformation get-data-lake-settings": {
    DataLakeSettings: {
      CreateDatabaseDefaultPermissions: [{ Principal: { DataLakePrincipalIdentifier: "IAM_ALLOWED_PRINCIPALS" }, Permissions: ["ALL"] }],
      CreateTableDefaultPermissions: [{ Principal: { DataLakePrincipalIdentifier: "IAM_ALLOWED_PRINCIPALS" }, Permissions: ["ALL"] }],
    },
  },
  "stepfunctions list-state-machines": { stateMachines: [] },
};

function zones(region: string, identities: string[]) {
  return identities.map((ZoneId, index) => ({ ZoneName: `${region}${"abcdef"[index]}`, ZoneId, RegionName: region, ZoneType: "availability-zone" }));
}

function states(findings: Finding[]): string[] {
  return findings.map((one) => `${one.name} ${one.state}`);
}

test("a new account has room for dev as it is, and nothing is in the way", () => {
  const findings = preflight(dev, [], account(NEW_ACCOUNT));
  assert.deepEqual(findings.filter((one) => one.state !== "fine"), []);
  assert.equal(findings.length, 6);
  for (const { quota, needed } of needs(dev)) {
    assert.ok(needed <= quota.ofNewAccount, quota.title);
  }
  // "New AWS accounts have reduced concurrency and memory quotas" (AWS Lambda Developer Guide): functions of theirs are refused
  // more than this, which Service Quotas has no code for.
  assert.ok(Math.max(...Object.values(dev.functions.memoryMiB)) <= 3008);
});

test("what production asks for is more than a new account has: it is named with its link", () => {
  const found = preflight(loadConfig("production"), ["quotas"], account(NEW_ACCOUNT)).find((one) => one.state === "blocked");
  assert.ok(found);
  assert.equal(found.name, "QuotaTooLow");
  assert.match(found.text, /Fargate On-Demand vCPU resource count \(fargate L-3032A538\): 24 needed, .*; the account has 6\. Raise it at https:/);
  assert.ok(found.text.includes(linkOf(FARGATE)));
});

test("a quota that was raised counts, and not the default", () => {
  const raised = { ...NEW_ACCOUNT, "service-quotas get-service-quota L-3032A538": { Quota: { Value: 100 } } };
  assert.ok(preflight(loadConfig("production"), ["quotas"], account(raised)).some((one) => one.text.endsWith("the account has 100") && one.state === "fine"));
});

test("a quota that cannot be asked is said to be unchecked, and never fine", () => {
  const findings = preflight(dev, [], account({}));
  assert.deepEqual(states(findings), [
    "QuotaTooLow unknown", "QuotaTooLow unknown", "ZoneWithoutFargate unknown", "LakeFormationStrict unknown", "RunUnderWay unknown",
  ]);
  assert.match(findings[0]?.text ?? "", /6 needed.*a new account has 6; not checked: AccessDenied/);
  const empty = { "service-quotas get-service-quota": { Quota: {} } };
  assert.ok(preflight(dev, ["quotas"], account(empty)).every((one) => one.state === "unknown"));
});

test("a network more is asked for only by a stack that is not there yet", () => {
  const full = { ...NEW_ACCOUNT, "ec2 describe-vpcs": { Vpcs: [1, 2, 3, 4, 5] } };
  assert.ok(states(preflight(dev, ["quotas"], account(full))).includes("QuotaTooLow blocked"));
  const there = { ...full, "cloudformation describe-stacks": { Stacks: [{}] } };
  assert.ok(preflight(dev, ["quotas"], account(there)).every((one) => one.state === "fine"));
});

test("zones in which Fargate is not are found by their identities, and others are named", () => {
  const tokyo = { ...NEW_ACCOUNT, "ec2 describe-availability-zones": { AvailabilityZones: zones("ap-northeast-1", ["apne1-az4", "apne1-az3", "apne1-az1"]) } };
  const [found] = preflight(dev, ["zones"], account(tokyo));
  assert.equal(found?.state, "blocked");
  assert.match(found?.text ?? "", /in ap-northeast-1b: set network\.zoneNames to 2 of ap-northeast-1a, ap-northeast-1c$/);
  const chosen = { ...dev, network: { ...dev.network, zoneNames: ["ap-northeast-1a", "ap-northeast-1c"] } };
  assert.deepEqual(states(preflight(chosen, ["zones"], account(tokyo))), ["ZoneWithoutFargate fine"]);
});

test("a deployment during a run is refused, whichever machine runs", () => {
  for (const machine of ["training", "inference"]) {
    const arn = `arn:aws:states:us-east-1:1:stateMachine:millrace-dev-${machine}`;
    const running = {
      "stepfunctions list-state-machines": { stateMachines: [{ name: "somebody-else", stateMachineArn: "other" }, { name: `millrace-dev-${machine}`, stateMachineArn: arn }] },
      [`stepfunctions list-executions --state-machine-arn ${arn} --status-filter RUNNING`]: { executions: [{ executionArn: `${arn}:monday` }] },
    };
    const [found] = preflight(dev, ["running"], account(running));
    assert.equal(found?.state, "blocked");
    assert.match(found?.text ?? "", /stop-execution --execution-arn .*:monday/);
    const ended = { ...running, [`stepfunctions list-executions --state-machine-arn ${arn} --status-filter RUNNING`]: { executions: [] } };
    assert.deepEqual(states(preflight(dev, ["running"], account(ended))), ["RunUnderWay fine"]);
  }
});

test("machines that cannot be asked whether they run are not taken for idle", () => {
  const unreadable = { "stepfunctions list-state-machines": { stateMachines: [{ name: "millrace-dev-training", stateMachineArn: "arn" }] } };
  assert.deepEqual(states(preflight(dev, ["running"], account(unreadable))), ["RunUnderWay unknown"]);
});

test("where Lake Formation is strict, the grant must be asked for", () => {
  const strict = { "lakeformation get-data-lake-settings": { DataLakeSettings: { CreateDatabaseDefaultPermissions: [], CreateTableDefaultPermissions: [] } } };
  assert.deepEqual(states(preflight(dev, ["catalogue"], account(strict))), ["LakeFormationStrict blocked"]);
  const granting = { ...dev, lakeFormation: { grantIamPrincipals: true } };
  assert.deepEqual(states(preflight(granting, ["catalogue"], account(strict))), ["LakeFormationStrict fine"]);
});

test("docs/DEPLOYMENT.md lists each quota with its code, and what each environment needs of it", () => {
  const document = fs.readFileSync(path.join(REPOSITORY, "docs", "DEPLOYMENT.md"), "utf8");
  const row = (code: string) => document.split("\n").find((line) => line.includes(`\`${code}\``)) ?? assert.fail(code);
  const cells = (line: string) => line.split("|").map((cell) => cell.trim());
  for (const quota of [FARGATE, FUNCTIONS]) {
    const needed = ["dev", "staging", "production"].map((env) => String(needs(loadConfig(env)).find((need) => need.quota === quota)?.needed));
    assert.deepEqual(cells(row(quota.code)).slice(3, 7), [String(quota.ofNewAccount), ...needed], quota.code);
  }
  assert.ok(row(NETWORKS.code));
});
