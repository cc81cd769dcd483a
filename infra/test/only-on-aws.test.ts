// tests/end_to_end.py proves the permissions of the stack on an emulator. What an environment on AWS allows beyond those
// is not proven by a call: it is listed here with its reason, and nothing else may be there.
import assert from "node:assert/strict";
import { test } from "node:test";

import { environment, ofType, synthesize, type Synthesized } from "./template";

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

for (const env of ["dev", "staging", "production"]) {
  test(`${env} allows no action that is not proven on the emulator or listed here`, () => {
    assert.ok(ofType(environment(env), "AWS::IAM::Policy").length > 0);
    const unproven = [...permissions(environment(env))].filter((one) => !emulated.has(one) && REASONS[one.split(": ")[1] ?? ""] === undefined);
    assert.deepEqual(unproven, []);
  });
}

test("every reason is of an action that is there", () => {
  const actions = new Set(["dev", "staging", "production"].flatMap((env) => [...permissions(environment(env))].map((one) => one.split(": ")[1])));
  assert.deepEqual(Object.keys(REASONS).filter((action) => !actions.has(action)), []);
});
