// tests/end_to_end.py proves the permissions of the stack on an emulator. What an environment on AWS allows beyond those
// is not proven by a call: it is listed here with its reason, and nothing else may be there.
import assert from "node:assert/strict";
import { test } from "node:test";

import { environment, synthesize, type Synthesized } from "./template";

interface Statement {
  readonly Action: string | string[];
}

const REASONS: Record<string, string> = {
  "ecr:BatchCheckLayerAvailability": "A task's image is pulled from the account's registry; an engine beside the emulator has it already.",
  "ecr:BatchGetImage": "As above.",
  "ecr:GetDownloadUrlForLayer": "As above.",
  "ecr:GetAuthorizationToken": "As above.",
  "secretsmanager:GetSecretValue": "ECS reads the secret of pseudonyms for a container of an installation that has one.",
  "secretsmanager:DescribeSecret": "As above.",
};

/** `policy: action` of every statement. */
function permissions(made: Synthesized): Set<string> {
  const found = Object.entries(made.resources)
    .filter(([, one]) => one.Type === "AWS::IAM::Policy")
    .flatMap(([id, one]) => one.Properties.PolicyDocument.Statement.flatMap((each: Statement) => [each.Action].flat().map((action) => `${id}: ${action}`)));
  return new Set(found);
}

const emulated = permissions(synthesize("local", { emulator: "ministack", "image-archives": undefined, "image-prefix": "millrace-" }));

/** Of an installation that has everything that may be configured. */
function withPseudonyms(): Synthesized {
  process.env.MILLRACE_PSEUDONYM_SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:millrace/pseudonyms-AbCdEf";
  try {
    return synthesize("production");
  } finally {
    delete process.env.MILLRACE_PSEUDONYM_SECRET;
  }
}

const ON_AWS = {
  dev: permissions(environment("dev")),
  staging: permissions(environment("staging")),
  production: permissions(environment("production")),
  "production with pseudonyms": permissions(withPseudonyms()),
};

for (const [env, allowed] of Object.entries(ON_AWS)) {
  test(`${env} allows no action that is not proven on the emulator or listed here`, () => {
    assert.ok(allowed.size > 0);
    assert.deepEqual([...allowed].filter((one) => !emulated.has(one) && REASONS[one.split(": ")[1] ?? ""] === undefined), []);
  });
}

test("every reason is of an action that is there", () => {
  const actions = new Set(Object.values(ON_AWS).flatMap((allowed) => [...allowed].map((one) => one.split(": ")[1])));
  assert.deepEqual(Object.keys(REASONS).filter((action) => !actions.has(action)), []);
});
