// What stays when a stack goes must not stand in the way of the next one, and what a run began with must stay.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";

import { flat } from "../lib/patterns";
import { INFRA } from "../lib/paths";
import { environment, ofType, synthesize, type Synthesized } from "./template";
import { temporaryFolder } from "./programs";

const made = environment("production");

/** Properties that name a resource for the whole account. */
const NAMES = ["LogGroupName", "BucketName", "AliasName", "Name", "TableName", "FunctionName", "RoleName", "TopicName"];

test("nothing that outlives its stack has a name that the next stack of that name would want", () => {
  const kept = Object.entries(made.resources).filter(([, resource]) => resource.DeletionPolicy === "Retain");
  assert.ok(kept.length >= 14);
  for (const [id, { Properties: properties }] of kept) {
    for (const name of NAMES.filter((one) => properties[one] !== undefined)) {
      assert.ok(JSON.stringify(properties[name]).includes('"AWS::StackId"'), `${id} would still be called ${JSON.stringify(properties[name])}`);
    }
  }
  assert.equal(kept.filter(([, resource]) => resource.Type === "AWS::Logs::LogGroup").length, 10);
});

test("a workgroup that was asked can be removed", () => {
  for (const env of ["dev", "production"]) {
    const [workGroup] = ofType(environment(env), "AWS::Athena::WorkGroup");
    assert.equal(workGroup?.Properties.RecursiveDeleteOption, true, env);
  }
});

test("an execution that began before a deployment may start the revision that it began with", () => {
  const tasks = Object.entries(made.resources).filter(([, resource]) => resource.Type === "AWS::ECS::TaskDefinition");
  assert.equal(tasks.length, 3);
  for (const [id, task] of tasks) {
    assert.equal(task.UpdateReplacePolicy, "Retain", `${id}: CloudFormation would retire the old revision`);
    const allowed = runnable(made).some((pattern) => pattern.endsWith(`:task-definition/${task.Properties.Family}:*`));
    assert.ok(allowed, `no machine may run an older revision of ${task.Properties.Family}`);
  }
});

function runnable(synthesized: Synthesized): string[] {
  const statements = ofType(synthesized, "AWS::IAM::Policy").flatMap((policy) => policy.Properties.PolicyDocument.Statement);
  return statements.filter((one) => one.Action === "ecs:RunTask").flatMap((one) => [one.Resource].flat().map(flat));
}

/** `dev` with something else in it. */
function changed(change: (document: any) => void): Synthesized {
  const document = JSON.parse(fs.readFileSync(path.join(INFRA, "config", "dev.json"), "utf8"));
  change(document);
  const file = path.join(temporaryFolder(), "config.json");
  fs.writeFileSync(file, JSON.stringify(document));
  return synthesize("dev", { config: file });
}

test("zones that are named are the zones of the network", () => {
  const named = changed((document) => (document.network.zoneNames = ["us-west-1a", "us-west-1c"]));
  assert.deepEqual(ofType(named, "AWS::EC2::Subnet").map((subnet) => subnet.Properties.AvailabilityZone).sort(), ["us-west-1a", "us-west-1c"]);
  assert.throws(() => changed((document) => (document.network.zoneNames = ["us-west-1a"])), /zoneNames must name 2 different zones/);
});

test("Lake Formation is asked for nothing unless the configuration says so, and then for this database alone", () => {
  assert.equal(ofType(made, "AWS::LakeFormation::PrincipalPermissions").length, 0);
  const granting = changed((document) => (document.lakeFormation = { grantIamPrincipals: true }));
  const grants = ofType(granting, "AWS::LakeFormation::PrincipalPermissions").map((one) => one.Properties);
  assert.equal(grants.length, 1 + ofType(granting, "AWS::Glue::Table").length);
  for (const grant of grants) {
    assert.deepEqual([grant.Principal.DataLakePrincipalIdentifier, grant.Permissions, grant.PermissionsWithGrantOption], ["IAM_ALLOWED_PRINCIPALS", ["ALL"], []]);
    assert.equal(grant.Resource.Database?.Name ?? grant.Resource.Table.DatabaseName, "millrace_dev");
  }
});
