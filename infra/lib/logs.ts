// Every log group of the stack: encrypted, and gone after the days that the configuration says.
//
// Where data is kept, a group outlives its stack. So its name ends in a part of the stack's own identity: another stack of
// the same name would otherwise find the name taken and could never be made.
import { Fn, RemovalPolicy, Stack } from "aws-cdk-lib";
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
      logGroupName: `${name}-${this.stackIdentity()}`,
      encryptionKey: this.key,
      retention: this.config.retentionDays.logs as logs.RetentionDays,
      removalPolicy: this.config.keepData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
  }

  /** The first eight digits of the identity in `arn:...:stack/<name>/<identity>`. */
  private stackIdentity(): string {
    return Fn.select(0, Fn.split("-", Fn.select(2, Fn.split("/", Stack.of(this).stackId))));
  }
}
