// Millrace in one account and region.
import { CfnOutput, Stack, Tags, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";

import { Alerts, Topic } from "./alerts";
import { Athena } from "./athena";
import { Catalogue } from "./catalogue";
import type { Config } from "./config";
import { Containers } from "./containers";
import { Data } from "./data";
import { Flow } from "./flow";
import { Functions } from "./functions";
import type { Images } from "./images";
import { LogGroups } from "./logs";
import { Network } from "./network";
import { Parts } from "./parts";
import { Schedules } from "./schedule";

/** Programs that are there already. */
export interface Prebuilt {
  /** A folder with `<name>/bootstrap` for each function; without it `cargo lambda` builds them. */
  readonly functions: string | undefined;
  readonly images: Images;
}

export class MillraceStack extends Stack {
  constructor(scope: Construct, config: Config, prebuilt: Prebuilt, props: StackProps = {}) {
    super(scope, config.name, {
      stackName: config.name,
      description: "Millrace: trains, checks, registers and applies models",
      terminationProtection: config.keepData,
      ...props,
    });
    Tags.of(this).add("application", config.name);

    const data = new Data(this, "Data", config);
    const logs = new LogGroups(this, "LogGroups", config, data.key);
    const network = new Network(this, "Network", config, logs.group(`/millrace/${config.name}/network`));
    const functions = new Functions(this, "Functions", { config, data, logs, prebuilt: prebuilt.functions });
    const containers = new Containers(this, "Containers", { config, data, logs, vpc: network.vpc, images: prebuilt.images });
    const catalogue = new Catalogue(this, "Catalogue", config, data);
    const athena = new Athena(this, "Athena", config, data, catalogue);
    const { topic } = new Topic(this, "Notifications", config, data.key);
    const parts = new Parts(this, { config, data, functions, containers, network, catalogue, athena, topic });
    const flow = new Flow(this, "Flow", config, logs, parts);
    const schedules = new Schedules(this, "Schedules", config, data, flow);
    new Alerts(this, "Alerts", config, topic, flow, schedules.groupName);

    this.outputs({
      FeaturesBucket: data.features.bucketName,
      Store: data.store.s3UrlForObject(),
      ResultsBucket: data.results.bucketName,
      TrainingMachine: flow.training.stateMachineArn,
      InferenceMachine: flow.inference.stateMachineArn,
      Database: catalogue.databaseName,
      WorkGroup: athena.workGroupName,
      Topic: topic.topicArn,
    });
  }

  /** What a person, a script or a test needs to find its way. */
  private outputs(values: Record<string, string>): void {
    for (const [name, value] of Object.entries(values)) {
      new CfnOutput(this, name, { value });
    }
  }
}
