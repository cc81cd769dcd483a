import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";

import { AwsSolutionsChecks } from "cdk-nag";

import { CONTAINERS, FUNCTIONS, IMAGES, loadConfig } from "../lib/config";
import { USER } from "../lib/containers";
import { REPOSITORY } from "../lib/paths";
import { environment, ofType, synthesize, type Synthesized } from "./template";

const ENVIRONMENTS = ["dev", "staging", "production", "local"];

for (const env of ENVIRONMENTS) {
  const made = environment(env);
  const config = loadConfig(env);
  const keyArn = { "Fn::GetAtt": [Object.entries(made.resources).find(([, r]) => r.Type === "AWS::KMS::Key")?.[0], "Arn"] };

  test(`${env}: cdk-nag finds nothing that is not acknowledged`, () => {
    const { violations } = new AwsSolutionsChecks().validateScope(made.app);
    assert.deepEqual(violations.map((found) => [found.ruleName, found.violatingResources.map((r) => r.constructPath)]), []);
  });

  test(`${env}: buckets are private, encrypted, versioned, logged, and reached by TLS alone`, () => {
    const buckets = Object.entries(made.resources).filter(([, resource]) => resource.Type === "AWS::S3::Bucket");
    assert.equal(buckets.length, 4);
    for (const [id, { Properties: bucket, DeletionPolicy }] of buckets) {
      assert.deepEqual(bucket.PublicAccessBlockConfiguration, {
        BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true,
      });
      assert.equal(DeletionPolicy, config.keepData ? "Retain" : "Delete", id);
      const encryption = bucket.BucketEncryption.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault;
      if (id.startsWith("DataLogs")) {
        assert.equal(encryption.SSEAlgorithm, "AES256");
      } else {
        assert.deepEqual(encryption, { SSEAlgorithm: "aws:kms", KMSMasterKeyID: keyArn });
        assert.equal(bucket.VersioningConfiguration.Status, "Enabled");
        assert.ok(bucket.LoggingConfiguration.DestinationBucketName, id);
      }
      const policy = ofType(made, "AWS::S3::BucketPolicy").find((p) => p.Properties.Bucket.Ref === id);
      const denied = policy?.Properties.PolicyDocument.Statement.filter((s: any) => s.Effect === "Deny").map((s: any) => s.Condition);
      assert.deepEqual(denied, [
        { Bool: { "aws:SecureTransport": "false" } },
        { NumericLessThan: { "s3:TlsVersion": 1.2 } },
      ], id);
    }
  });

  test(`${env}: every object is removed or kept as the configuration says`, () => {
    const rules = (prefix: string) =>
      Object.entries(made.resources).find(([id, r]) => r.Type === "AWS::S3::Bucket" && id.startsWith(prefix))?.[1]
        .Properties.LifecycleConfiguration.Rules;
    const days = config.retentionDays;
    assert.ok(rules("DataLogs").some((rule: any) => rule.ExpirationInDays === days.accessLogs));
    assert.ok(rules("DataResults").some((rule: any) => rule.ExpirationInDays === days.queryResults));
    assert.ok(rules("DataStore").some((rule: any) => rule.NoncurrentVersionExpiration?.NoncurrentDays === days.oldVersions));
    assert.deepEqual(
      rules("DataStore").filter((rule: any) => rule.ExpirationInDays).map((rule: any) => [rule.Prefix, rule.ExpirationInDays]),
      [["runs/", days.runs]],
    );
    assert.ok(rules("DataFeatures").every((rule: any) => rule.ExpirationInDays === undefined), "what is given stays");
  });

  test(`${env}: the key turns over, and logs, topic and answers are encrypted with it`, () => {
    const [key] = ofType(made, "AWS::KMS::Key");
    assert.equal(key?.Properties.EnableKeyRotation, true);
    const groups = ofType(made, "AWS::Logs::LogGroup");
    assert.equal(groups.length, 10);
    for (const { Properties: group } of groups) {
      assert.deepEqual([group.KmsKeyId, group.RetentionInDays], [keyArn, config.retentionDays.logs], group.LogGroupName);
    }
    assert.deepEqual(ofType(made, "AWS::SNS::Topic").map((topic) => topic.Properties.KmsMasterKeyId), [keyArn]);
    const [workGroup] = ofType(made, "AWS::Athena::WorkGroup");
    const { ResultConfiguration: result, ...limits } = workGroup?.Properties.WorkGroupConfiguration;
    assert.deepEqual(result.EncryptionConfiguration, { EncryptionOption: "SSE_KMS", KmsKey: keyArn });
    assert.equal(limits.EnforceWorkGroupConfiguration, true);
    assert.equal(limits.BytesScannedCutoffPerQuery, config.athena.scanLimitGiB * 1024 ** 3);
  });

  test(`${env}: containers have no rights, no shell's root and nothing to write to but /tmp`, () => {
    const tasks = ofType(made, "AWS::ECS::TaskDefinition");
    assert.equal(tasks.length, 3);
    for (const { Properties: task } of tasks) {
      assert.equal(task.ContainerDefinitions.length, 1);
      const [container] = task.ContainerDefinitions;
      assert.equal(container.ReadonlyRootFilesystem, true);
      assert.equal(container.User, USER);
      assert.ok(!USER.startsWith("0"));
      assert.ok(container.Privileged !== true);
      assert.deepEqual(container.LinuxParameters.Capabilities, { Drop: ["ALL"] });
      assert.deepEqual(container.MountPoints, [{ ContainerPath: "/tmp", ReadOnly: false, SourceVolume: "scratch" }]);
      assert.equal(container.LogConfiguration.LogDriver, "awslogs");
      const variables = (container.Environment ?? []).map((one: { Name: string }) => one.Name);
      assert.deepEqual(variables.filter((name: string) => name !== "MILLRACE_VERIFY_KEYS"), ["MILLRACE_MEMORY_MIB"]);
      assert.equal(task.NetworkMode, "awsvpc");
    }
  });

  test(`${env}: nobody gets in, and without public mode nothing has a public address`, () => {
    for (const { Properties: group } of ofType(made, "AWS::EC2::SecurityGroup")) {
      assert.equal(group.SecurityGroupIngress, undefined);
    }
    assert.equal(ofType(made, "AWS::EC2::NatGateway").length, 0);
    const isolated = config.network.mode === "isolated";
    assert.equal(ofType(made, "AWS::EC2::InternetGateway").length, isolated ? 0 : 1);
    for (const { Properties: subnet } of ofType(made, "AWS::EC2::Subnet")) {
      assert.equal(subnet.MapPublicIpOnLaunch, false);
    }
    const wanted = ofType(made, "AWS::StepFunctions::StateMachine").map((m) => m.Properties.DefinitionSubstitutions.AssignPublicIp);
    assert.deepEqual(wanted, isolated ? ["DISABLED", "DISABLED"] : ["ENABLED", "ENABLED"]);
    const kinds = ofType(made, "AWS::EC2::VPCEndpoint").map((endpoint) => endpoint.Properties.VpcEndpointType).sort();
    assert.deepEqual(kinds, isolated ? ["Gateway", "Interface", "Interface", "Interface"] : ["Gateway"]);
    assert.equal(ofType(made, "AWS::EC2::FlowLog").length, 1);
  });

  test(`${env}: functions and machines leave traces and logs`, () => {
    const functions = ofType(made, "AWS::Lambda::Function");
    assert.equal(functions.length, 4);
    for (const { Properties: made } of functions) {
      assert.equal(made.TracingConfig.Mode, "Active");
      assert.ok(made.LoggingConfig.LogGroup.Ref, made.FunctionName);
      assert.equal(made.Runtime, "provided.al2023");
      // test/keys.test.ts says which function is given which keys.
      const keys = ["MILLRACE_VERIFY_KEYS", "MILLRACE_SIGNING_KEY"];
      assert.deepEqual(Object.keys(made.Environment.Variables).filter((name) => !keys.includes(name)), ["MILLRACE_STORE"]);
    }
    for (const { Properties: machine } of ofType(made, "AWS::StepFunctions::StateMachine")) {
      assert.equal(machine.TracingConfiguration.Enabled, true);
      assert.equal(machine.LoggingConfiguration.Level, "ALL");
    }
  });
}

test("for AWS functions and containers are of arm64", () => {
  for (const env of ["dev", "staging", "production"]) {
    const made = environment(env);
    for (const one of ofType(made, "AWS::Lambda::Function")) {
      assert.deepEqual(one.Properties.Architectures, ["arm64"]);
    }
    for (const task of ofType(made, "AWS::ECS::TaskDefinition")) {
      assert.equal(task.Properties.RuntimePlatform.CpuArchitecture, "ARM64");
    }
  }
});

test("without anything that is built already, images and functions are made from the sources", () => {
  const made = synthesize("dev", { functions: undefined, "image-archives": undefined });
  const { dockerImages } = JSON.parse(fs.readFileSync(path.join(made.app.outdir, "millrace-dev.assets.json"), "utf8"));
  const images = Object.values<any>(dockerImages).map(({ source }) => [source.dockerFile, source.platform]).sort();
  assert.deepEqual(images, [["fargate/inference/Dockerfile", "linux/arm64"], ["fargate/training/Dockerfile", "linux/arm64"]]);
  assert.equal(ofType(made, "AWS::Lambda::Function").length, 4);
});

test("a volume at /tmp belongs to whoever the image runs as", () => {
  for (const name of IMAGES) {
    const lines = fs.readFileSync(path.join(REPOSITORY, "fargate", name, "Dockerfile"), "utf8").split("\n");
    const [volume, user] = [lines.indexOf('VOLUME ["/tmp"]'), lines.indexOf(`USER ${USER}`)];
    assert.ok(volume > 0 && user > volume, name);
  }
});

test("for an emulator images are named, and what it does not know is left out", () => {
  const made = synthesize("local", { emulator: "ministack", "image-archives": undefined, "image-prefix": "millrace-" });
  const images = ofType(made, "AWS::ECS::TaskDefinition").map((task) => task.Properties.ContainerDefinitions[0].Image);
  // The program that scores also validates.
  assert.deepEqual(images.sort(), ["millrace-inference", "millrace-inference", "millrace-training"]);
  const left = Object.values(made.resources).filter((resource) => resource.Condition === "NotOnAnEmulator");
  assert.ok(left.length >= 4);
  const onAws = environment("local");
  assert.deepEqual(Object.values(onAws.resources).filter((resource) => resource.Condition !== undefined), []);
  assert.deepEqual(Object.keys(made.resources).sort(), Object.keys(onAws.resources).filter((id) => made.resources[id]).sort());
  const { violations } = new AwsSolutionsChecks().validateScope(made.app);
  assert.deepEqual(violations.map((found) => found.ruleName), []);
});

test("for an emulator each program says who it is, and on AWS nothing is added", () => {
  const named = (made: Synthesized) => [
    ...ofType(made, "AWS::Lambda::Function").map((one) => one.Properties.Environment?.Variables?.AWS_SDK_UA_APP_ID),
    ...ofType(made, "AWS::ECS::TaskDefinition").map((one) =>
      (one.Properties.ContainerDefinitions[0].Environment ?? []).find((each: { Name: string }) => each.Name === "AWS_SDK_UA_APP_ID")?.Value),
  ];
  const emulated = synthesize("local", { emulator: "ministack", "image-archives": undefined, "image-prefix": "millrace-" });
  assert.deepEqual(named(emulated).sort(), [...CONTAINERS, ...FUNCTIONS].sort());
  assert.deepEqual(named(environment("production")).filter((one) => one !== undefined), []);
});
