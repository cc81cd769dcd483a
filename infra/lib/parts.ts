// What stands for the placeholders of the machines: one list, for the values and for the permissions.
import type * as ecs from "aws-cdk-lib/aws-ecs";
import type * as sns from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";

import type { MachineName } from "./asl";
import type { Athena } from "./athena";
import type { Catalogue } from "./catalogue";
import type { Config, ContainerName, FunctionName } from "./config";
import type { Containers } from "./containers";
import type { Data } from "./data";
import type { Functions } from "./functions";
import type { Network } from "./network";
import { isOfScores, type Table } from "./tables";

const FUNCTION_OF: Record<string, FunctionName> = {
  ValidateFunction: "validate",
  FairnessGateFunction: "fairness-gate",
  RegistryFunction: "registry",
  PublishFunction: "publish",
};

const TASK_OF: Record<string, ContainerName> = {
  ValidationTask: "validation",
  TrainingTask: "training",
  InferenceTask: "inference",
};

/** All parts of a search at once, which is what they are for; Step Functions runs no more branches side by side. */
const MOST_BRANCHES = 40;

export interface PartsProps {
  readonly config: Config;
  readonly data: Data;
  readonly functions: Functions;
  readonly containers: Containers;
  readonly network: Network;
  readonly catalogue: Catalogue;
  readonly athena: Athena;
  readonly topic: sns.ITopic;
}

export class Parts {
  readonly data: Data;
  readonly containers: Containers;
  readonly catalogue: Catalogue;
  readonly athena: Athena;
  readonly topic: sns.ITopic;

  constructor(readonly scope: Construct, private readonly props: PartsProps) {
    ({ data: this.data, containers: this.containers, catalogue: this.catalogue, athena: this.athena, topic: this.topic } = props);
  }

  /** The tables of scores: a run adds a partition for its model and day. */
  get scoreTables(): Table[] {
    return this.catalogue.tables.filter(isOfScores);
  }

  functionsOf(placeholders: readonly string[]) {
    return placeholders.flatMap((placeholder) => {
      const name = FUNCTION_OF[placeholder];
      return name === undefined ? [] : [{ placeholder, functionArn: this.props.functions.all[name].functionArn }];
    });
  }

  tasksOf(placeholders: readonly string[]) {
    return placeholders.flatMap((placeholder) => {
      const name = TASK_OF[placeholder];
      if (name === undefined) {
        return [];
      }
      const task: ecs.FargateTaskDefinition = this.containers.all[name];
      const roleArns = [task.taskRole.roleArn, task.obtainExecutionRole().roleArn];
      return [{ placeholder, family: task.family, taskDefinitionArn: task.taskDefinitionArn, roleArns }];
    });
  }

  /** The name of a machine of this stack. */
  machineName(name: MachineName): string {
    return `${this.props.config.name}-${name}`;
  }

  /** The values of exactly these placeholders. */
  valuesOf(placeholders: readonly string[]): Record<string, string> {
    const known = this.values();
    const unknown = placeholders.find((placeholder) => known[placeholder] === undefined);
    if (unknown !== undefined) {
      throw new Error(`nothing stands for the placeholder ${unknown}: write it into parts.ts`);
    }
    return Object.fromEntries(placeholders.map((placeholder) => [placeholder, known[placeholder] ?? ""]));
  }

  private values(): Record<string, string> {
    const { config, network } = this.props;
    const functions = this.functionsOf(Object.keys(FUNCTION_OF)).map((one) => [one.placeholder, one.functionArn]);
    const tasks = this.tasksOf(Object.keys(TASK_OF)).map((one) => [one.placeholder, one.taskDefinitionArn]);
    return {
      ...Object.fromEntries(functions),
      ...Object.fromEntries(tasks),
      ValidationContainer: "validation",
      TrainingContainer: "training",
      InferenceContainer: "inference",
      Cluster: this.containers.cluster.clusterArn,
      Subnets: network.subnets.subnetIds.join(","),
      SecurityGroups: network.tasks.securityGroupId,
      AssignPublicIp: network.assignPublicIp,
      Topic: this.topic.topicArn,
      Database: this.catalogue.databaseName,
      WorkGroup: this.athena.workGroupName,
      BytesPerShard: String(config.inference.bytesPerShard),
      FewShards: String(MOST_BRANCHES),
      StoreBucket: this.data.store.bucketName,
      ScoreConcurrency: String(config.inference.concurrency),
      SearchConcurrency: String(MOST_BRANCHES),
    };
  }
}
