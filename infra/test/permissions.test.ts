// Every statement of every role, as it is written down here: a new one, or a wider one, fails.
import assert from "node:assert/strict";
import { test } from "node:test";

import { ACCESS } from "../lib/access";
import { flat } from "../lib/patterns";
import { environment, ofType, type Synthesized } from "./template";

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

const made = environment("production");

function statementsOf(synthesized: Synthesized): [string, Statement][] {
  return Object.entries(synthesized.resources)
    .filter(([, resource]) => resource.Type === "AWS::IAM::Policy")
    .flatMap(([id, policy]) => policy.Properties.PolicyDocument.Statement.map((one: Statement) => [id, one] as [string, Statement]));
}

/** References in words: `<DataStore0EB099F1.Arn>/runs/*` becomes `Store/runs/*`. */
function words(resource: unknown): string {
  return flat(resource)
    .replaceAll(/<(Data|Functions|Containers|Flow|Notifications)([A-Za-z-]+?)[0-9A-F]{8}(\.Arn)?>/g, "$2")
    .replaceAll(/<LogGroups([a-z]+?)[0-9A-F]{8}\.Arn>/g, "logs of $1")
    .replaceAll("<AWS::Partition>", "aws")
    .replaceAll("<AWS::Region>", "region")
    .replaceAll("<AWS::AccountId>", "account");
}

/** `Sid: actions on resources`, one line for each statement of a policy. */
function lines(policy: string): string[] {
  const own = statementsOf(made).filter(([id]) => id.startsWith(policy));
  return own.map(([, one]) => `${one.Sid}: ${[one.Action].flat().join(" ")} on ${[one.Resource].flat().map(words).join(" ")}`);
}

const USE_KEY = "UseKey: kms:Decrypt kms:GenerateDataKey on Key";
const TRACE = "Trace: xray:PutTelemetryRecords xray:PutTraceSegments on *";
const LIST = "ListBuckets: s3:ListBucket on";
const WRITE = "Write: s3:AbortMultipartUpload s3:PutObject on";
const DELETE = "Delete: s3:DeleteObject on Store/runs/*/error.json";
const logs = (name: string) => `WriteLogs: logs:CreateLogStream logs:PutLogEvents on logs of millracemillracefunction${name}`;

const PROGRAMS: Record<string, string[]> = {
  "Functionsvalidatepolicy": [
    `${LIST} Store Features`,
    "Read: s3:GetObject on Store/runs/* Store/models/* Features/*",
    `${WRITE} Store/runs/*/validate/* Store/tables/data_quality/* Store/tables/quarantine/*`,
    USE_KEY, logs("validate"), TRACE,
  ],
  "Functionsfairnessgatepolicy": [
    `${LIST} Store`,
    "Read: s3:GetObject on Store/runs/* Store/models/* Store/erasures/objects/*",
    `${WRITE} Store/runs/*/quality-gate-* Store/runs/*/fairness-gate-* Store/tables/gate_verdicts/*`,
    USE_KEY, logs("fairnessgate"), TRACE,
  ],
  "Functionsregistrypolicy": [
    `${LIST} Store Features`,
    "Read: s3:GetObject on Store/runs/* Store/models/* Store/tables/*/model=* Store/tables/served/* Store/erasures/objects/* Store/tables/runs/* Store/tables/model_versions/* Features/*",
    `${WRITE} Store/runs/* Store/models/* Store/tables/served/* Store/tables/runs/* Store/tables/model_versions/*`,
    USE_KEY, DELETE, logs("registry"), TRACE,
  ],
  "Functionspublishpolicy": [
    `${LIST} Store`,
    "Read: s3:GetObject on Store/runs/* Store/models/* Store/tables/*/model=* Store/tables/served/* Store/erasures/objects/*",
    `${WRITE} Store/tables/served/*`,
    USE_KEY, logs("publish"), TRACE,
  ],
  "Containerstrainingpolicy": [
    `${LIST} Store Features`,
    "Read: s3:GetObject on Store/runs/* Features/*",
    `${WRITE} Store/runs/*/train-* Store/runs/*/search-*`,
    USE_KEY, DELETE,
  ],
  "Containersvalidationpolicy": [
    `${LIST} Store Features`,
    "Read: s3:GetObject on Store/runs/* Store/models/* Features/*",
    `${WRITE} Store/runs/*/validate/* Store/tables/data_quality/* Store/tables/quarantine/*`,
    USE_KEY, DELETE,
  ],
  "Containersinferencepolicy": [
    `${LIST} Store Features`,
    "Read: s3:GetObject on Store/runs/* Store/models/* Store/tables/*/model=* Features/*",
    `${WRITE} Store/runs/*/score-* Store/tables/*/model=*`,
    USE_KEY, DELETE,
  ],
};

for (const [policy, expected] of Object.entries(PROGRAMS)) {
  test(`${policy} allows exactly this`, () => assert.deepEqual(lines(policy), expected));
}

/** Whether a pattern of S3 covers a key: its `*` stands for anything, slashes too. */
function covers(pattern: string, key: string): boolean {
  const literal = pattern.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${literal.join(".*")}$`).test(key);
}

test("what is served is changed by publishing and rejecting alone, and whoever scores cannot touch it", () => {
  const served = "tables/served/engagement.json";
  const writers = Object.entries(ACCESS).filter(([, access]) => [...access.writes, ...access.deletes].some((one) => covers(one, served)));
  assert.deepEqual(writers.map(([program]) => program), ["registry", "publish"]);
  const scores = "tables/predictions/model=engagement/scored_on=2026-11-01/run=monday/part-00000.parquet";
  assert.ok(ACCESS.inference.writes.some((one) => covers(one, scores)), "but scores it writes");
  assert.ok(!ACCESS.publish.writes.some((one) => covers(one, scores)));
});

const EVERY_MACHINE = [
  "Notify: sns:Publish on Topic",
  "NotifyEncrypted: kms:Decrypt kms:GenerateDataKey on Key",
  "WatchContainers: ecs:DescribeTasks ecs:StopTask on arn:aws:ecs:region:account:task/<ContainersCluster>/*",
  "TagContainers: ecs:TagResource on arn:aws:ecs:region:account:task/<ContainersCluster>/*",
  "KeepRule: events:DescribeRule events:PutRule events:PutTargets on arn:aws:events:region:account:rule/StepFunctionsGetEventsForECSTaskRule",
  "DeliverLogs: logs:CreateLogDelivery logs:DeleteLogDelivery logs:DescribeLogGroups logs:DescribeResourcePolicies logs:GetLogDelivery"
    + " logs:ListLogDeliveries logs:PutResourcePolicy logs:UpdateLogDelivery on *",
  "Trace: xray:GetSamplingRules xray:GetSamplingTargets xray:PutTelemetryRecords xray:PutTraceSegments on *",
];

const glueTable = (name: string) => ` arn:aws:glue:region:account:table/millrace/${name}`;
const SCORES = "arn:aws:glue:region:account:catalog arn:aws:glue:region:account:database/millrace"
  + ["churn_by_run", "predictions_by_run", "gemstone_prices_by_run"].map(glueTable).join("");
const SERVED = SCORES + ["served", "churn", "predictions", "gemstone_prices"].map(glueTable).join("");
const WORK_GROUP = "arn:aws:athena:region:account:workgroup/millrace";

const MACHINES: Record<string, string[]> = {
  training: [
    "InvokeRegistryFunction: lambda:InvokeFunction on registry",
    "InvokeValidateFunction: lambda:InvokeFunction on validate",
    "InvokeFairnessGateFunction: lambda:InvokeFunction on fairnessgate",
    "RunValidationTask: ecs:RunTask on arn:aws:ecs:region:account:task-definition/millrace-validation:*",
    "PassRolesOfValidationTask: iam:PassRole on validationrole validationExecutionRole",
    "RunTrainingTask: ecs:RunTask on arn:aws:ecs:region:account:task-definition/millrace-training:*",
    "PassRolesOfTrainingTask: iam:PassRole on trainingrole trainingExecutionRole",
  ],
  inference: [
    "InvokeRegistryFunction: lambda:InvokeFunction on registry",
    "InvokeValidateFunction: lambda:InvokeFunction on validate",
    "InvokePublishFunction: lambda:InvokeFunction on publish",
    "RunValidationTask: ecs:RunTask on arn:aws:ecs:region:account:task-definition/millrace-validation:*",
    "PassRolesOfValidationTask: iam:PassRole on validationrole validationExecutionRole",
    "RunInferenceTask: ecs:RunTask on arn:aws:ecs:region:account:task-definition/millrace-inference:*",
    "PassRolesOfInferenceTask: iam:PassRole on inferencerole inferenceExecutionRole",
    "StartShards: states:StartExecution on arn:aws:states:region:account:stateMachine:millrace-inference",
    "WatchShards: states:DescribeExecution states:StopExecution on arn:aws:states:region:account:execution:millrace-inference:*",
    "WriteResults: s3:AbortMultipartUpload s3:GetObject s3:ListMultipartUploadParts s3:PutObject on Store/runs/*/score-results/*",
    `MakePartition: glue:CreatePartition on ${SCORES}`,
    `StartQuery: athena:StartQueryExecution on ${WORK_GROUP}`,
    `PollQuery: athena:GetQueryExecution on ${WORK_GROUP}`,
    `ReadAnswer: athena:GetQueryResults on ${WORK_GROUP}`,
    `ReadCatalogue: glue:BatchGetPartition glue:GetDatabase glue:GetPartition glue:GetPartitions glue:GetTable glue:GetTables on ${SERVED}`,
    "FindDefault: glue:GetDatabase on arn:aws:glue:region:account:catalog arn:aws:glue:region:account:database/default",
    "NameCatalogue: athena:GetDataCatalog on arn:aws:athena:region:account:datacatalog/AwsDataCatalog",
    "LakeFormation: lakeformation:GetDataAccess on *",
    "FindUploads: s3:ListBucketMultipartUploads on Results",
    "ReadScores: s3:GetObject on Store/tables/churn/* Store/tables/predictions/* Store/tables/gemstone_prices/* Store/tables/served/*",
    "FindScores: s3:GetBucketLocation s3:ListBucket on Store Results",
    "WriteAnswers: s3:AbortMultipartUpload s3:GetObject s3:ListMultipartUploadParts s3:PutObject on Results/athena/*",
    USE_KEY,
  ],
};

for (const [name, expected] of Object.entries(MACHINES)) {
  test(`the machine ${name} may do exactly this`, () => {
    const wanted = [...expected, ...EVERY_MACHINE.map((line) => line.replace("<ContainersCluster>", "Cluster"))];
    assert.deepEqual(lines(`Flow${name}policy`).sort(), wanted.sort());
  });
}

test("roles are passed to containers alone, and tasks run in the one cluster", () => {
  const conditions = (sid: RegExp) => statementsOf(made).filter(([, one]) => sid.test(one.Sid ?? "")).map(([, one]) => one.Condition);
  const passed = conditions(/^PassRolesOf/);
  assert.equal(passed.length, 4);
  for (const condition of passed) {
    assert.deepEqual(condition, { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } });
  }
  const run = conditions(/^Run(Training|Inference|Validation)Task$/) as { ArnEquals: Record<string, unknown> }[];
  assert.equal(run.length, 4);
  assert.ok(run.every((condition) => condition.ArnEquals["ecs:cluster"] !== undefined));
});

test("the schedules may start the two machines and nothing else", () => {
  assert.deepEqual(lines("SchedulesPolicy"), ["Start: states:StartExecution on training inference"]);
});

/** What the library writes: the network's own log, and pulling the image of one repository. */
const PULL = [
  "ecr:BatchCheckLayerAvailability ecr:BatchGetImage ecr:GetDownloadUrlForLayer",
  "ecr:GetAuthorizationToken",
  "logs:CreateLogStream logs:PutLogEvents",
];
const WRITTEN_BY_THE_LIBRARY: Record<string, string[]> = {
  NetworkVpcAllIAMRoleDefaultPolicy: ["logs:CreateLogStream logs:DescribeLogStreams logs:PutLogEvents"],
  ContainerstrainingExecutionRoleDefaultPolicy: PULL,
  ContainersinferenceExecutionRoleDefaultPolicy: PULL,
  ContainersvalidationExecutionRoleDefaultPolicy: PULL,
};

test("there is no role's policy that is not listed here", () => {
  const known = [...Object.keys(PROGRAMS), ...Object.keys(MACHINES).map((name) => `Flow${name}policy`), "SchedulesPolicy",
    ...Object.keys(WRITTEN_BY_THE_LIBRARY)];
  const unknown = [...new Set(statementsOf(made).map(([id]) => id))].filter((id) => !known.some((name) => id.startsWith(name)));
  assert.deepEqual(unknown, []);
  for (const [policy, expected] of Object.entries(WRITTEN_BY_THE_LIBRARY)) {
    const actions = statementsOf(made).filter(([id]) => id.startsWith(policy)).map(([, one]) => [one.Action].flat().sort().join(" "));
    assert.deepEqual(actions.sort(), [...expected].sort(), policy);
  }
});

for (const env of ["dev", "staging", "production"]) {
  test(`${env}: no role has a wildcard action, a managed policy, or a wildcard resource beyond those with a reason`, () => {
    const everything = new Map<string, string[]>();
    for (const [, one] of statementsOf(environment(env))) {
      assert.equal(one.Effect, "Allow");
      for (const action of [one.Action].flat()) {
        assert.ok(!action.includes("*"), action);
      }
      if ([one.Resource].flat().includes("*")) {
        everything.set(one.Sid ?? [one.Action].flat().join(" "), [one.Action].flat());
      }
    }
    assert.deepEqual([...everything.keys()].sort(), ["DeliverLogs", "LakeFormation", "Trace", "ecr:GetAuthorizationToken"]);
    for (const { Properties: role } of ofType(environment(env), "AWS::IAM::Role")) {
      assert.equal(role.ManagedPolicyArns, undefined);
      assert.equal(role.Policies, undefined);
      const [trust, ...more] = role.AssumeRolePolicyDocument.Statement;
      assert.deepEqual([more.length, trust.Action, Object.keys(trust.Principal)], [0, "sts:AssumeRole", ["Service"]]);
    }
  });
}

test("the key is used by logs of this account, by alarms and budgets, and by whom a role allows it", () => {
  const [key] = ofType(made, "AWS::KMS::Key");
  const [owner, ...services] = key?.Properties.KeyPolicy.Statement;
  assert.equal(owner.Action, "kms:*", "the account itself: without it nobody could ever change the key");
  assert.deepEqual(services.map((one: any) => [one.Sid, Object.keys(one.Condition)]), [
    ["LogGroups", ["ArnLike"]],
    ["Publishers", ["StringEquals"]],
  ]);
  assert.ok(services.every((one: any) => [one.Action].flat().every((action: string) => !action.includes("*"))));
});
