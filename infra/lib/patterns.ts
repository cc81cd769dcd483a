// A resource with a `*` in it needs a written reason: here they are, by the name of the statement. A
// statement without one is refused.
import { Stack } from "aws-cdk-lib";
import type * as iam from "aws-cdk-lib/aws-iam";

import { acknowledge } from "./reasons";

const KEYS = "Keys hold the names of runs, models and days, which are not known before.";
const TASKS = "A running container has a name that is not known before; the cluster is named.";
const REVISIONS = "An execution goes on with the revision that it began with: any of this one family, in this one cluster.";
const NO_RESOURCES = "The service has no resources to name for these actions.";

const REASONS: Record<string, string> = {
  Read: KEYS,
  Write: KEYS,
  Delete: KEYS,
  ReadScores: KEYS,
  WriteAnswers: "Athena gives every answer a name of its own.",
  RunValidationTask: REVISIONS,
  RunTrainingTask: REVISIONS,
  RunInferenceTask: REVISIONS,
  WatchShards: "The executions of a distributed Map have names that are not known before; the machine is named.",
  WriteResults: KEYS,
  WatchContainers: TASKS,
  TagContainers: TASKS,
  Trace: NO_RESOURCES,
  DeliverLogs: NO_RESOURCES,
  LakeFormation: "Lake Formation has no resources to name, and without a grant of its own this allows nothing.",
};

export function acknowledgePatterns(policy: iam.Policy): void {
  const document = Stack.of(policy).resolve(policy.document) as { Statement: { Sid: string; Resource: unknown }[] };
  for (const { Sid, Resource } of document.Statement) {
    const patterns = [Resource].flat().map(flat).filter((resource) => resource.includes("*"));
    for (const pattern of patterns) {
      const reason = REASONS[Sid];
      if (reason === undefined) {
        throw new Error(`the statement ${Sid} has the resource ${pattern}: write its reason into patterns.ts`);
      }
      acknowledge(policy, `AwsSolutions-IAM5[Resource::${pattern}]`, reason);
    }
  }
}

/** A resource in the words of cdk-nag: references in pointed brackets. */
export function flat(resource: unknown): string {
  if (typeof resource === "string") {
    return resource;
  }
  const intrinsic = resource as { Ref?: string; "Fn::GetAtt"?: string[]; "Fn::Join"?: [string, unknown[]] };
  if (intrinsic.Ref !== undefined) {
    return `<${intrinsic.Ref}>`;
  }
  if (intrinsic["Fn::GetAtt"] !== undefined) {
    return `<${intrinsic["Fn::GetAtt"].join(".")}>`;
  }
  const [separator, parts] = intrinsic["Fn::Join"] ?? ["", []];
  return parts.map(flat).join(separator);
}
