// The containers of fargate/: a cluster, and for each a task definition with a role of its own.
import { CfnDeletionPolicy } from "aws-cdk-lib";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import * as ecs from "aws-cdk-lib/aws-ecs";
import * as iam from "aws-cdk-lib/aws-iam";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";

import { dataStatements } from "./access";
import { CONTAINERS, type Config, type ContainerName } from "./config";
import type { Data } from "./data";
import { containerImage, type Images } from "./images";
import { verifyVariables } from "./keys";
import type { LogGroups } from "./logs";
import { acknowledgePatterns } from "./patterns";
import { acknowledge } from "./reasons";

/** The user of the images: no rights, no shell. */
export const USER = "65532:65532";

export interface ContainersProps {
  readonly config: Config;
  readonly data: Data;
  readonly logs: LogGroups;
  readonly vpc: ec2.IVpc;
  readonly images: Images;
}

export class Containers extends Construct {
  readonly cluster: ecs.Cluster;
  readonly all: Record<ContainerName, ecs.FargateTaskDefinition>;

  constructor(scope: Construct, id: string, private readonly props: ContainersProps) {
    super(scope, id);
    this.cluster = new ecs.Cluster(this, "Cluster", {
      clusterName: props.config.name,
      vpc: props.vpc,
      containerInsightsV2: ecs.ContainerInsights.ENABLED,
    });
    const entries = CONTAINERS.map((name) => [name, this.make(name)] as const);
    this.all = Object.fromEntries(entries) as Record<ContainerName, ecs.FargateTaskDefinition>;
  }

  private make(name: ContainerName): ecs.FargateTaskDefinition {
    const { config, logs } = this.props;
    const logGroup = logs.group(`/millrace/${config.name}/container/${name}`);
    const task = new ecs.FargateTaskDefinition(this, name, {
      family: `${config.name}-${name}`,
      cpu: config.containers[name].cpu,
      memoryLimitMiB: config.containers[name].memoryMiB,
      runtimePlatform: {
        cpuArchitecture: config.architecture === "arm64" ? ecs.CpuArchitecture.ARM64 : ecs.CpuArchitecture.X86_64,
        operatingSystemFamily: ecs.OperatingSystemFamily.LINUX,
      },
      taskRole: this.taskRole(name),
      // The only place that can be written, and gone with the task.
      volumes: [{ name: "scratch" }],
    });
    const container = task.addContainer(name, {
      image: containerImage(name, this.props.images, config.architecture),
      user: USER,
      readonlyRootFilesystem: true,
      linuxParameters: this.withoutCapabilities(name),
      environment: this.environment(name),
      secrets: this.secrets(name),
      logging: ecs.LogDrivers.awsLogs({ logGroup, streamPrefix: name }),
    });
    container.addMountPoints({ sourceVolume: "scratch", containerPath: "/tmp", readOnly: false });
    this.acknowledgeFindings(task);
    keepOldRevisions(task);
    return task;
  }

  private acknowledgeFindings(task: ecs.FargateTaskDefinition): void {
    if (this.props.images.from === "engine") {
      acknowledge(task, "AwsSolutions-ECS2", "An emulator's credentials are no secret; on AWS there are public keys at most.");
      return;
    }
    acknowledge(task, "AwsSolutions-ECS2", "The variables hold the size of the memory, and public keys.");
    const pull = task.obtainExecutionRole().node.findChild("DefaultPolicy");
    acknowledge(pull, "AwsSolutions-IAM5[Resource::*]", "ecr:GetAuthorizationToken has no resources to name.");
  }

  /**
   * On AWS how much memory there is, which a program is asked to know before it reads, and public keys: all else that a container needs is its input, and its credentials come from its role.
   * An emulator offers them at an address that the AWS library refuses, for it is neither the machine's own nor encrypted.
   */
  private environment(name: ContainerName): Record<string, string> {
    const { config } = this.props;
    const keys = { MILLRACE_MEMORY_MIB: String(config.containers[name].memoryMiB), ...verifyVariables(name, config) };
    const emulated = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test", AWS_REGION: "us-east-1" };
    return this.props.images.from === "engine" ? { ...keys, ...emulated } : keys;
  }

  /** Scoring, and the table of rows in quarantine, write pseudonyms where a spec asks for them. */
  private secrets(name: ContainerName): Record<string, ecs.Secret> {
    const arn = this.props.config.keys.pseudonymSecret;
    if (name === "training" || arn === undefined) {
      return {};
    }
    const secret = Secret.fromSecretCompleteArn(this, `${name}-pseudonyms`, arn);
    return { MILLRACE_PSEUDONYM_KEY: ecs.Secret.fromSecretsManager(secret) };
  }

  private taskRole(name: ContainerName): iam.IRole {
    const role = new iam.Role(this, `${name}-role`, {
      assumedBy: new iam.ServicePrincipal("ecs-tasks.amazonaws.com"),
      description: `${this.props.config.name}: the container ${name}`,
    });
    const policy = new iam.Policy(this, `${name}-policy`, { roles: [role], statements: dataStatements(name, this.props.data) });
    acknowledgePatterns(policy);
    return role;
  }

  private withoutCapabilities(name: ContainerName): ecs.LinuxParameters {
    const parameters = new ecs.LinuxParameters(this, `${name}-linux`, { initProcessEnabled: true });
    parameters.dropCapabilities(ecs.Capability.ALL);
    return parameters;
  }
}

/**
 * An execution keeps the definition that it began with, and so the revision of the task that was named there. A deployment
 * makes a new one; without this it would retire the old one, and an execution that is under way could start nothing more.
 */
function keepOldRevisions(task: ecs.FargateTaskDefinition): void {
  (task.node.defaultChild as ecs.CfnTaskDefinition).cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
  acknowledge(task, "CloudFormation-Validate::W3011", "When the stack itself goes, nothing runs any more that could want a revision.");
}
