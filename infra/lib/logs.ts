// Every log group of the stack: encrypted, and gone after the days that the configuration says.
import { RemovalPolicy } from "aws-cdk-lib";
import type * as kms from "aws-cdk-lib/aws-kms";
import * as logs from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";

import type { Config } from "./config";

export class LogGroups extends Construct {
  constructor(scope: Construct, id: string, private readonly config: Config, private readonly key: kms.IKey) {
    super(scope, id);
  }

  group(name: string): logs.LogGroup {
    const id = name.replaceAll("/", "-").replace(/^-/, "");
    return new logs.LogGroup(this, id, {
      logGroupName: name,
      encryptionKey: this.key,
      retention: this.config.retentionDays.logs as logs.RetentionDays,
      removalPolicy: this.config.keepData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
  }
}
