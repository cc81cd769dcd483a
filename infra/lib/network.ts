// Where containers run: a network without NAT, and a security group that lets nobody in.
import * as ec2 from "aws-cdk-lib/aws-ec2";
import * as logs from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";

import type { Config } from "./config";

/** What a task calls besides S3: the registry of images, and the logs. */
const ENDPOINTS: Record<string, ec2.InterfaceVpcEndpointAwsService> = {
  EcrApi: ec2.InterfaceVpcEndpointAwsService.ECR,
  EcrDocker: ec2.InterfaceVpcEndpointAwsService.ECR_DOCKER,
  Logs: ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
};

/** What starts a container fetches its secrets by this one. */
const FOR_SECRETS = { Secrets: ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER };

export class Network extends Construct {
  readonly vpc: ec2.Vpc;
  readonly tasks: ec2.SecurityGroup;
  readonly subnets: ec2.SelectedSubnets;
  /** The words of Step Functions. */
  readonly assignPublicIp: "ENABLED" | "DISABLED";

  constructor(scope: Construct, id: string, config: Config, flowLogs: logs.LogGroup) {
    super(scope, id);
    const isolated = config.network.mode === "isolated";
    const subnetType = isolated ? ec2.SubnetType.PRIVATE_ISOLATED : ec2.SubnetType.PUBLIC;
    this.vpc = new ec2.Vpc(this, "Vpc", {
      ...(config.network.zoneNames === undefined ? { maxAzs: config.network.zones } : { availabilityZones: [...config.network.zoneNames] }),
      natGateways: 0,
      subnetConfiguration: [{ name: "tasks", subnetType, cidrMask: 24, ...(isolated ? {} : { mapPublicIpOnLaunch: false }) }],
      flowLogs: { All: { destination: ec2.FlowLogDestination.toCloudWatchLogs(flowLogs) } },
    });
    this.subnets = this.vpc.selectSubnets({ subnetType });
    this.assignPublicIp = isolated ? "DISABLED" : "ENABLED";

    this.tasks = new ec2.SecurityGroup(this, "Tasks", {
      vpc: this.vpc,
      description: "Containers: out by HTTPS, in not at all",
      allowAllOutbound: false,
    });
    this.tasks.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), "AWS, by HTTPS");

    // Free of charge, and the way that data takes in both modes.
    this.vpc.addGatewayEndpoint("S3", { service: ec2.GatewayVpcEndpointAwsService.S3 });
    if (isolated) {
      this.addEndpoints(config.keys.pseudonymSecret !== undefined);
    }
  }

  private addEndpoints(withSecrets: boolean): void {
    const endpoints = new ec2.SecurityGroup(this, "Endpoints", {
      vpc: this.vpc,
      description: "Endpoints: in by HTTPS from the containers",
      allowAllOutbound: false,
    });
    endpoints.addIngressRule(this.tasks, ec2.Port.tcp(443), "From the containers");
    for (const [name, service] of Object.entries(withSecrets ? { ...ENDPOINTS, ...FOR_SECRETS } : ENDPOINTS)) {
      this.vpc.addInterfaceEndpoint(name, {
        service,
        subnets: this.subnets,
        securityGroups: [endpoints],
        open: false,
      });
    }
  }
}
