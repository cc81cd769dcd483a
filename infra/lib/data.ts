// Where data lies: one key, and four buckets.
import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import * as kms from "aws-cdk-lib/aws-kms";
import * as s3 from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";

import type { Config } from "./config";

export class Data extends Construct {
  readonly key: kms.Key;
  /** What is given: rows, specs and contracts. Nothing of Millrace writes here. */
  readonly features: s3.Bucket;
  /** What Millrace keeps: `models/`, `runs/` and `tables/`. It is one store, so it is one bucket. */
  readonly store: s3.Bucket;
  /** The answers of queries. */
  readonly results: s3.Bucket;
  /** Who asked the other buckets for what. */
  readonly logs: s3.Bucket;

  constructor(scope: Construct, id: string, config: Config) {
    super(scope, id);
    const removal = config.keepData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    this.key = new kms.Key(this, "Key", {
      description: `${config.name}: data, logs and notifications`,
      enableKeyRotation: true,
      removalPolicy: removal,
    });
    this.allowLogGroups();

    const days = config.retentionDays;
    this.logs = this.bucket("Logs", removal, {
      // Access logs are not delivered to a bucket that is encrypted with a key of one's own.
      encryption: s3.BucketEncryption.S3_MANAGED,
      lifecycleRules: [{ expiration: Duration.days(days.accessLogs) }, abandonedUploads()],
    });

    this.features = this.kept("Features", removal, [old(days.oldVersions)]);
    this.store = this.kept("Store", removal, [
      old(days.oldVersions),
      { prefix: "runs/", expiration: Duration.days(days.runs) },
    ]);
    this.results = this.kept("Results", removal, [
      { expiration: Duration.days(days.queryResults), noncurrentVersionExpiration: Duration.days(1) },
    ]);
  }

  private kept(id: string, removal: RemovalPolicy, rules: s3.LifecycleRule[]): s3.Bucket {
    return this.bucket(id, removal, {
      encryption: s3.BucketEncryption.KMS,
      encryptionKey: this.key,
      // One request to the key service for many objects.
      bucketKeyEnabled: true,
      versioned: true,
      serverAccessLogsBucket: this.logs,
      serverAccessLogsPrefix: `${id.toLowerCase()}/`,
      lifecycleRules: [...rules, abandonedUploads()],
    });
  }

  private bucket(id: string, removalPolicy: RemovalPolicy, props: s3.BucketProps): s3.Bucket {
    return new s3.Bucket(this, id, {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy,
      ...props,
    });
  }

  /** CloudWatch may use the key for the log groups of this account and region, and for nothing else. */
  private allowLogGroups(): void {
    const { region, account, partition } = Stack.of(this);
    this.key.addToResourcePolicy(new iam.PolicyStatement({
      sid: "LogGroups",
      principals: [new iam.ServicePrincipal(`logs.${region}.amazonaws.com`)],
      actions: ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"],
      resources: ["*"],
      conditions: { ArnLike: { "kms:EncryptionContext:aws:logs:arn": `arn:${partition}:logs:${region}:${account}:log-group:*` } },
    }));
  }
}

function old(days: number): s3.LifecycleRule {
  return { noncurrentVersionExpiration: Duration.days(days), expiredObjectDeleteMarker: true };
}

function abandonedUploads(): s3.LifecycleRule {
  return { abortIncompleteMultipartUploadAfter: Duration.days(7) };
}
