// What each program may read and write: its role gets exactly this.
//
// A pattern is a key with `*` for what a run, a model or a day decides. Every program may list the store:
// without that S3 answers 403 where an object is absent, and "absent" is an answer that a stage works with.
import * as iam from "aws-cdk-lib/aws-iam";

import type { ContainerName, FunctionName } from "./config";
import type { Data } from "./data";

export type Program = FunctionName | ContainerName;

export interface Access {
  /** Rows, specs and contracts. */
  readonly readsFeatures: boolean;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly deletes: readonly string[];
}

/** The scores of every run; `SERVED` says which of them readers see. No name under one is a name under the other. */
const SCORES = "tables/*/model=*";
/** What files of rows became by erasures: asked for each of them that is read, and written by no program of the stack. */
const ERASURES = "erasures/objects/*";
const SERVED = "tables/served/*";

const VALIDATION: Access = {
  // The spec and contract of the run or of the model, and the profile of earlier data.
  readsFeatures: true,
  reads: ["runs/*", "models/*"],
  writes: ["runs/*/validate/*", "tables/data_quality/*", "tables/quarantine/*"],
  deletes: [],
};

export const ACCESS: Record<Program, Access> = {
  validate: VALIDATION,
  // The same, and as every container it removes its last error first.
  validation: { ...VALIDATION, deletes: ["runs/*/error.json"] },
  "fairness-gate": {
    readsFeatures: false,
    reads: ["runs/*", "models/*", ERASURES],
    writes: ["runs/*/quality-gate-*", "runs/*/fairness-gate-*", "tables/gate_verdicts/*"],
    deletes: [],
  },
  // Reads specs where they are given; looks whether the scores that a shard names are there; removes the
  // error of a container before it is started again. Rejecting a version takes from readers what it scored.
  registry: {
    readsFeatures: true,
    reads: ["runs/*", "models/*", SCORES, SERVED, ERASURES, "tables/runs/*", "tables/model_versions/*"],
    writes: ["runs/*", "models/*", SERVED, "tables/runs/*", "tables/model_versions/*"],
    deletes: ["runs/*/error.json"],
  },
  // Asks the registry, and reads the manifest of the version, before it shows what that scored.
  publish: {
    readsFeatures: false,
    reads: ["runs/*", "models/*", SCORES, SERVED, ERASURES],
    writes: [SERVED],
    deletes: [],
  },
  training: {
    readsFeatures: true,
    reads: ["runs/*"],
    writes: ["runs/*/train-*", "runs/*/search-*"],
    deletes: ["runs/*/error.json"],
  },
  inference: {
    readsFeatures: true,
    reads: ["runs/*", "models/*", SCORES],
    writes: ["runs/*/score-*", SCORES],
    deletes: ["runs/*/error.json"],
  },
};

/** The statements of a program's role, as far as data is concerned. */
export function dataStatements(program: Program, data: Data): iam.PolicyStatement[] {
  const access = ACCESS[program];
  const inStore = (patterns: readonly string[]) => patterns.map((pattern) => data.store.arnForObjects(pattern));
  const features = access.readsFeatures ? [data.features] : [];
  const statements = [
    statement("ListBuckets", ["s3:ListBucket"], [data.store, ...features].map((bucket) => bucket.bucketArn)),
    statement("Read", ["s3:GetObject"], [...inStore(access.reads), ...features.map((bucket) => bucket.arnForObjects("*"))]),
    statement("Write", ["s3:AbortMultipartUpload", "s3:PutObject"], inStore(access.writes)),
    statement("UseKey", ["kms:Decrypt", "kms:GenerateDataKey"], [data.key.keyArn]),
  ];
  return access.deletes.length === 0
    ? statements
    : [...statements, statement("Delete", ["s3:DeleteObject"], inStore(access.deletes))];
}

export function statement(sid: string, actions: string[], resources: string[], conditions?: object): iam.PolicyStatement {
  return new iam.PolicyStatement({ sid, actions, resources, ...(conditions ? { conditions } : {}) });
}
