import assert from "node:assert/strict";
import { test } from "node:test";

import { readKeys } from "../lib/keys";
import { Value } from "../lib/shape";
import { ofType, environment, synthesize } from "./template";

const KEY = "0123456789abcdef".repeat(4);
const SIGNING = "arn:aws:secretsmanager:eu-central-1:111111111111:secret:signing-AbCdEf";
const PSEUDONYM = "arn:aws:secretsmanager:eu-central-1:111111111111:secret:pseudonym-AbCdEf";

const read = (document: unknown, shell = {}) => readKeys(new Value("keys", document), shell);

test("production is refused without public keys, and keys without a secret that signs", () => {
  assert.throws(() => read({ required: true, verify: [] }), /keys\.verify must name a public key, here or in MILLRACE_VERIFY_KEYS/);
  assert.throws(() => read({ required: true, verify: [KEY] }), /keys\.signingSecret is missing/);
  const keys = read({ required: true, verify: [] }, { MILLRACE_VERIFY_KEYS: KEY, MILLRACE_SIGNING_SECRET: SIGNING });
  assert.deepEqual(keys, { required: true, verify: [KEY], signingSecret: SIGNING, pseudonymSecret: undefined });
  assert.deepEqual(read({ required: false, verify: [] }).verify, []);
});

test("what is no key and no secret is refused with its path", () => {
  assert.throws(() => read({ required: false, verify: ["00"] }), /keys\.verify\[0\] must be a public key/);
  assert.throws(() => read({ required: false, verify: [] }, { MILLRACE_VERIFY_KEYS: "00" }), /MILLRACE_VERIFY_KEYS must be public keys/);
  assert.throws(() => read({ required: false, verify: [KEY], signingSecret: "hunter2" }), /signingSecret must be the ARN of a secret/);
  assert.throws(() => read({ required: false, verify: [] }, { MILLRACE_PSEUDONYM_SECRET: "hunter2" }), /pseudonymSecret is taken from MILLRACE_PSEUDONYM_SECRET/);
});

test("who uses models is given the public keys, and the registry alone a reference to the one that signs", () => {
  const made = environment("production");
  const given = Object.fromEntries(ofType(made, "AWS::Lambda::Function").map(({ Properties: made }) => [
    made.FunctionName.replace("millrace-", ""),
    Object.fromEntries(Object.entries(made.Environment.Variables).filter(([name]) => name !== "MILLRACE_STORE")),
  ]));
  const trust = { MILLRACE_VERIFY_KEYS: process.env.MILLRACE_VERIFY_KEYS };
  const reference = `{{resolve:secretsmanager:${process.env.MILLRACE_SIGNING_SECRET}:SecretString:::}}`;
  assert.deepEqual(given, {
    validate: {},
    "fairness-gate": trust,
    registry: { ...trust, MILLRACE_SIGNING_KEY: reference },
    publish: trust,
  });
  const encrypted = ofType(made, "AWS::Lambda::Function").filter((one) => one.Properties.KmsKeyArn !== undefined);
  assert.deepEqual(encrypted.map((one) => one.Properties.FunctionName), ["millrace-registry"]);
  for (const { Properties: task } of ofType(made, "AWS::ECS::TaskDefinition")) {
    const memory = { Name: "MILLRACE_MEMORY_MIB", Value: task.Memory };
    const wanted = task.Family.endsWith("inference") ? [memory, { Name: "MILLRACE_VERIFY_KEYS", Value: trust.MILLRACE_VERIFY_KEYS }] : [memory];
    assert.deepEqual(task.ContainerDefinitions[0].Environment, wanted);
  }
});

test("a pseudonym key reaches scoring as a secret, by an endpoint where there is no other way", () => {
  const before = process.env.MILLRACE_PSEUDONYM_SECRET;
  process.env.MILLRACE_PSEUDONYM_SECRET = PSEUDONYM;
  const made = synthesize("production");
  if (before === undefined) {
    delete process.env.MILLRACE_PSEUDONYM_SECRET;
  }
  const inference = ofType(made, "AWS::ECS::TaskDefinition").find(({ Properties: task }) => task.Family.endsWith("inference"));
  assert.deepEqual(inference?.Properties.ContainerDefinitions[0].Secrets, [{ Name: "MILLRACE_PSEUDONYM_KEY", ValueFrom: PSEUDONYM }]);
  const validate = ofType(made, "AWS::Lambda::Function").find(({ Properties: one }) => one.FunctionName === "millrace-validate");
  assert.match(validate?.Properties.Environment.Variables.MILLRACE_PSEUDONYM_KEY, /^\{\{resolve:secretsmanager:/);
  const interfaces = (template: typeof made) => ofType(template, "AWS::EC2::VPCEndpoint").filter((one) => one.Properties.VpcEndpointType === "Interface");
  assert.equal(interfaces(made).length, interfaces(environment("production")).length + 1);
});
