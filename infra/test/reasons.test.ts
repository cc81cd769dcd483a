// An acknowledgement that nothing needs any more would excuse what comes next: none may be left over.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import type { IConstruct } from "constructs";

import { environment, synthesize } from "./template";

/** Finds everything, acknowledged or not. */
function everything(): AwsSolutionsChecks {
  const checks = new AwsSolutionsChecks();
  (checks as unknown as { isAcknowledged(): boolean }).isAcknowledged = () => false;
  return checks;
}

/** `<construct> <rule>` for each acknowledgement of this app, with its reason. */
function acknowledged(root: IConstruct): [string, string][] {
  return root.node.findAll().flatMap((construct) =>
    construct.node.metadata
      .filter((entry) => entry.type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap((entry) => Object.entries(entry.data as Record<string, string>))
      .filter(([id]) => id.startsWith("Annotation::"))
      .map(([id, reason]) => [`${construct.node.path} ${id.replace("Annotation::", "")}`, reason] as [string, string]),
  );
}

const APPS = {
  ...Object.fromEntries(["dev", "production"].map((env) => [env, environment(env)])),
  "an emulator": synthesize("local", { emulator: "ministack", "image-archives": undefined, "image-prefix": "millrace-" }),
};

for (const [name, { app }] of Object.entries(APPS)) {
  test(`${name}: every acknowledgement is needed, and says why`, () => {
    const found = everything().validateScope(app).violations.flatMap((violation) =>
      violation.violatingResources.map((resource) => `${resource.constructPath} ${violation.ruleName}`),
    );
    assert.ok(found.length > 0);
    for (const [what, reason] of acknowledged(app)) {
      const [path, rule] = [what.slice(0, what.indexOf(" ")), what.slice(what.indexOf(" ") + 1)];
      const needed = found.some((one) => one.startsWith(`${path}/`) && one.endsWith(` ${rule}`));
      assert.ok(needed, `nothing needs ${what}`);
      assert.ok(reason.length > 20, what);
    }
  });
}
