// What a state machine's role may do: derived from the tasks of the very file that is deployed, so that a
// state which calls something new is refused here until its permissions are written down.
import { Stack } from "aws-cdk-lib";
import type * as iam from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";

import { statement } from "./access";
import type { Machine, MachineName } from "./asl";
import type { Parts } from "./parts";

/** The table that says which run's scores are served. */
const SERVED = "served";

type Rule = (parts: Parts, placeholders: readonly string[], machine: MachineName) => iam.PolicyStatement[];

const RULES: Record<string, Rule> = {
  "lambda:invoke": (parts, placeholders) =>
    parts.functionsOf(placeholders).map((target) =>
      statement(`Invoke${target.placeholder}`, ["lambda:InvokeFunction"], [target.functionArn]),
    ),
  "ecs:runTask.sync": (parts, placeholders) => parts.tasksOf(placeholders).flatMap((task) => runTask(parts, task)),
  "sns:publish": (parts) => [
    statement("Notify", ["sns:Publish"], [parts.topic.topicArn]),
    statement("NotifyEncrypted", ["kms:Decrypt", "kms:GenerateDataKey"], [parts.data.key.keyArn]),
  ],
  // Its executions are of the same machine: Step Functions, "IAM policies for using Distributed Map states".
  "map:distributed": (parts, _, machine) => [
    statement("StartShards", ["states:StartExecution"], [arn(parts.scope, "states", `stateMachine:${parts.machineName(machine)}`)]),
    statement("WatchShards", ["states:DescribeExecution", "states:StopExecution"], [arn(parts.scope, "states", `execution:${parts.machineName(machine)}:*`)]),
  ],
  "s3:putObject": (parts) => [
    statement("WriteResults", ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"],
      [parts.data.store.arnForObjects("runs/*/score-results/*")]),
    statement("UseKey", ["kms:Decrypt", "kms:GenerateDataKey"], [parts.data.key.keyArn]),
  ],
  "aws-sdk:glue:createPartition": (parts) => [
    statement("MakePartition", ["glue:CreatePartition"], catalogueArns(parts, parts.scoreTables)),
  ],
  "aws-sdk:athena:startQueryExecution": (parts) => [
    statement("StartQuery", ["athena:StartQueryExecution"], [workGroupArn(parts)]),
    ...query(parts),
  ],
  "aws-sdk:athena:getQueryExecution": (parts) => [
    statement("PollQuery", ["athena:GetQueryExecution"], [workGroupArn(parts)]),
  ],
  "aws-sdk:athena:getQueryResults": (parts) => [
    statement("ReadAnswer", ["athena:GetQueryResults"], [workGroupArn(parts)]),
  ],
};

/** One statement for each thing that the machine does, however many states do it. */
export function machineStatements({ tasks, name }: Machine, parts: Parts): iam.PolicyStatement[] {
  const statements = tasks.flatMap((task) => {
    const rule = RULES[task.resource];
    if (rule === undefined) {
      throw new Error(`the state ${task.state} calls ${task.resource}: write its permissions into permissions.ts`);
    }
    return rule(parts, task.placeholders, name);
  });
  const bySid = new Map(statements.map((one) => [one.sid, one]));
  return [...bySid.values(), ...everyMachine()];
}

/** A container: started, watched by a rule that Step Functions keeps, stopped with the execution. */
function runTask(parts: Parts, task: ReturnType<Parts["tasksOf"]>[number]): iam.PolicyStatement[] {
  const { cluster } = parts.containers;
  const running = arn(parts.scope, "ecs", `task/${cluster.clusterName}/*`);
  const rule = arn(parts.scope, "events", "rule/StepFunctionsGetEventsForECSTaskRule");
  // Every revision: an execution that began before a deployment goes on with the one that it began with.
  const revisions = arn(parts.scope, "ecs", `task-definition/${task.family}:*`);
  return [
    statement(`Run${task.placeholder}`, ["ecs:RunTask"], [revisions], { ArnEquals: { "ecs:cluster": cluster.clusterArn } }),
    statement(`PassRolesOf${task.placeholder}`, ["iam:PassRole"], [...task.roleArns], {
      StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" },
    }),
    statement("WatchContainers", ["ecs:DescribeTasks", "ecs:StopTask"], [running]),
    statement("TagContainers", ["ecs:TagResource"], [running], { StringEquals: { "ecs:CreateAction": "RunTask" } }),
    statement("KeepRule", ["events:DescribeRule", "events:PutRule", "events:PutTargets"], [rule]),
  ];
}

/**
 * Athena asks the catalogue for many tables and partitions at once where it can: its engine decides which of the calls it
 * makes. They read the same things.
 */
const READ_CATALOGUE = ["BatchGetPartition", "GetDatabase", "GetPartition", "GetPartitions", "GetTable", "GetTables"].map((action) => `glue:${action}`);

/**
 * What Athena does in the name of whoever asks: reads the catalogue and the scores, writes the answer.
 *
 * AWS's own policy for this integration (Step Functions, "IAM policies for Amazon Athena") has more; each statement that is
 * not plainly needed by a SELECT is here for a reason:
 * - FindDefault: Athena looks for the database `default` in every region, whatever is asked (Athena, "Configure AWS Glue
 *   access to your catalog and database per AWS Region"). That it exists is all that it learns.
 * - NameCatalogue: a table is found through its data catalogue, `AwsDataCatalog`, which the service looks up by name.
 * - LakeFormation: where a location is registered with Lake Formation, it and not S3 hands out the data. Without a
 *   grant of Lake Formation's this allows nothing, and the service has no resources to name.
 * - FindUploads, and what WriteAnswers has of uploads: an answer that is large goes up in parts. Parts of a try that
 *   failed are found and taken away.
 */
function query(parts: Parts): iam.PolicyStatement[] {
  const { store, results, key } = parts.data;
  const answers = results.arnForObjects("athena/*");
  // What is served is a view: of the scores of every run, and of which of them counts.
  const served = parts.catalogue.tables.filter((table) => table.name === SERVED);
  const views = parts.catalogue.views.filter((view) => parts.scoreTables.some((table) => table.folder === view.name));
  const asked = [...parts.scoreTables, ...served, ...views];
  const folders = [...parts.scoreTables, ...served].map((table) => table.folder);
  return [
    statement("ReadCatalogue", READ_CATALOGUE, catalogueArns(parts, asked)),
    statement("FindDefault", ["glue:GetDatabase"], [arn(parts.scope, "glue", "catalog"), arn(parts.scope, "glue", "database/default")]),
    statement("NameCatalogue", ["athena:GetDataCatalog"], [arn(parts.scope, "athena", "datacatalog/AwsDataCatalog")]),
    statement("LakeFormation", ["lakeformation:GetDataAccess"], ["*"]),
    statement("ReadScores", ["s3:GetObject"], folders.map((folder) => store.arnForObjects(`tables/${folder}/*`))),
    statement("FindScores", ["s3:GetBucketLocation", "s3:ListBucket"], [store.bucketArn, results.bucketArn]),
    statement("FindUploads", ["s3:ListBucketMultipartUploads"], [results.bucketArn]),
    statement("WriteAnswers", ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"], [answers]),
    statement("UseKey", ["kms:Decrypt", "kms:GenerateDataKey"], [key.keyArn]),
  ];
}

/** Deliveries of logs and traces have no resources to name. */
function everyMachine(): iam.PolicyStatement[] {
  const delivery = ["CreateLogDelivery", "DeleteLogDelivery", "DescribeLogGroups", "DescribeResourcePolicies", "GetLogDelivery",
    "ListLogDeliveries", "PutResourcePolicy", "UpdateLogDelivery"];
  return [
    statement("DeliverLogs", delivery.map((action) => `logs:${action}`), ["*"]),
    statement("Trace", ["GetSamplingRules", "GetSamplingTargets", "PutTelemetryRecords", "PutTraceSegments"].map((action) => `xray:${action}`), ["*"]),
  ];
}

function catalogueArns(parts: Parts, named: readonly { readonly name: string }[]): string[] {
  const database = parts.catalogue.databaseName;
  const tables = named.map((one) => arn(parts.scope, "glue", `table/${database}/${one.name}`));
  return [arn(parts.scope, "glue", "catalog"), arn(parts.scope, "glue", `database/${database}`), ...tables];
}

function workGroupArn(parts: Parts): string {
  return arn(parts.scope, "athena", `workgroup/${parts.athena.workGroupName}`);
}

function arn(scope: Construct, service: string, resource: string): string {
  const { partition, region, account } = Stack.of(scope);
  return `arn:${partition}:${service}:${region}:${account}:${resource}`;
}
