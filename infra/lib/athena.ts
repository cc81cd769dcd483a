// Where analysts ask: a workgroup whose answers are encrypted and whose queries cannot cost without end.
import * as athena from "aws-cdk-lib/aws-athena";
import { Construct } from "constructs";

import type { Catalogue } from "./catalogue";
import type { Config } from "./config";
import type { Data } from "./data";
import { readQueries } from "./tables";

const GIBIBYTE = 1024 ** 3;

export class Athena extends Construct {
  readonly workGroupName: string;

  constructor(scope: Construct, id: string, config: Config, data: Data, catalogue: Catalogue) {
    super(scope, id);
    this.workGroupName = config.name;
    const workGroup = new athena.CfnWorkGroup(this, "WorkGroup", {
      name: config.name,
      description: "Questions about what Millrace predicts",
      // What goes with it is its history of questions: answers lie in the bucket of results, which stays if data does.
      // Without this a workgroup that was ever asked cannot be removed, and the stack with it.
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        // Nobody can ask for another place, another encryption or no limit.
        enforceWorkGroupConfiguration: true,
        publishCloudWatchMetricsEnabled: true,
        bytesScannedCutoffPerQuery: config.athena.scanLimitGiB * GIBIBYTE,
        engineVersion: { selectedEngineVersion: "Athena engine version 3" },
        resultConfiguration: {
          outputLocation: data.results.s3UrlForObject("athena/"),
          encryptionConfiguration: { encryptionOption: "SSE_KMS", kmsKey: data.key.keyArn },
        },
      },
    });
    for (const query of readQueries()) {
      const named = new athena.CfnNamedQuery(this, query.name, {
        name: query.name,
        description: query.description,
        database: catalogue.databaseName,
        workGroup: config.name,
        queryString: query.sql,
      });
      named.addResourceDependency(workGroup);
    }
  }
}
