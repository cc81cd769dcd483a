// What may differ between environments: config/<environment>.json, read and checked as a whole.
import * as fs from "node:fs";
import * as path from "node:path";

import { readKeys, type Keys } from "./keys";
import { INFRA } from "./paths";
import { InvalidDocument, Value } from "./shape";
import { readContainerSize, type ContainerSize } from "./sizes";

export type Architecture = "arm64" | "x86_64";

export interface Config {
  /** The name of the stack, and what every name in it begins with. */
  readonly name: string;
  readonly architecture: Architecture;
  readonly network: Network;
  readonly functions: { readonly memoryMiB: Record<FunctionName, number> };
  readonly containers: Record<ContainerName, ContainerSize>;
  readonly inference: { readonly bytesPerShard: number; readonly concurrency: number };
  readonly retentionDays: Retention;
  /** Whether buckets, tables and keys stay when the stack is destroyed. */
  readonly keepData: boolean;
  readonly schedules: Schedules;
  readonly models: readonly Model[];
  readonly alerts: Alerts;
  readonly athena: { readonly scanLimitGiB: number };
  /** For accounts in which Lake Formation and not IAM decides who may use what is new in the catalogue. */
  readonly lakeFormation: { readonly grantIamPrincipals: boolean };
  readonly keys: Keys;
}

export const FUNCTIONS = ["validate", "fairness-gate", "registry", "publish"] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

/** The validation is of what a function cannot hold; the program of the inference knows it as well. */
export const CONTAINERS = ["training", "inference", "validation"] as const;
export type ContainerName = (typeof CONTAINERS)[number];

export const IMAGES = ["training", "inference"] as const;
export type ImageName = (typeof IMAGES)[number];

export interface Network {
  /** `isolated`: no way to the internet, endpoints instead; `public`: a public address for each task, no endpoints. */
  readonly mode: "isolated" | "public";
  readonly zones: number;
  /** Instead of the first zones of the region, in which Fargate may not be. */
  readonly zoneNames: readonly string[] | undefined;
}

export interface Retention {
  readonly logs: number;
  readonly accessLogs: number;
  readonly queryResults: number;
  /** How long an overwritten or deleted object can be brought back. */
  readonly oldVersions: number;
  /** How long the folders of runs stay; versions of models are copies and stay for ever. */
  readonly runs: number;
}

export interface Schedule {
  readonly on: boolean;
  /** Such as `cron(0 3 ? * SUN *)`. */
  readonly expression: string;
}

export interface Schedules {
  readonly timeZone: string;
  readonly training: Schedule;
  readonly scoring: Schedule;
}

/** A model that is trained and applied by schedule. */
export interface Model {
  readonly name: string;
  /** The key of its spec in the features bucket; its contract lies where the spec says, seen from there. */
  readonly spec: string;
  /** The folder of its rows in the features bucket. */
  readonly data: string;
}

export interface Alerts {
  readonly emails: readonly string[];
  readonly monthlyBudgetUsd: number;
  readonly predictionsMissingAfterHours: number;
}

/** A configuration that lies elsewhere than in `config/`. */
export function loadConfigFile(file: string): Config {
  return readConfig(JSON.parse(fs.readFileSync(file, "utf8")), file);
}

export function loadConfig(environment: string): Config {
  const folder = path.join(INFRA, "config");
  const known = fs.readdirSync(folder).map((file) => path.basename(file, ".json")).sort();
  if (!known.includes(environment)) {
    throw new InvalidDocument(`environment ${environment}`, `is not known; known are ${known.join(", ")}`);
  }
  const text = fs.readFileSync(path.join(folder, `${environment}.json`), "utf8");
  return readConfig(JSON.parse(text), environment);
}

export function readConfig(document: unknown, origin: string): Config {
  const top = new Value(origin, document).object([
    "name", "architecture", "network", "functions", "containers", "inference", "retentionDays", "keepData",
    "schedules", "models", "alerts", "athena", "keys", "lakeFormation",
  ], ["lakeFormation"]);
  const inference = top.inference.object(["bytesPerShard", "concurrency"]);
  return {
    name: top.name.text(/^[a-z][a-z0-9-]{0,29}$/, "a name of at most 30 small letters, digits and hyphens"),
    architecture: readArchitecture(top.architecture),
    network: readNetwork(top.network),
    functions: readFunctions(top.functions),
    containers: readContainers(top.containers),
    inference: {
      bytesPerShard: inference.bytesPerShard.whole(1, 1_000_000_000_000),
      concurrency: inference.concurrency.whole(1, 40),
    },
    retentionDays: readRetention(top.retentionDays),
    keepData: top.keepData.boolean(),
    schedules: readSchedules(top.schedules),
    models: readModels(top.models),
    alerts: readAlerts(top.alerts),
    keys: readKeys(top.keys),
    athena: { scanLimitGiB: top.athena.object(["scanLimitGiB"]).scanLimitGiB.whole(1, 10_000) },
    lakeFormation: { grantIamPrincipals: !top.lakeFormation.isAbsent() && top.lakeFormation.object(["grantIamPrincipals"]).grantIamPrincipals.boolean() },
  };
}

/** `host` is for emulators, which run programs as this machine does. */
function readArchitecture(value: Value): Architecture {
  const given = value.oneOf(["arm64", "x86_64", "host"]);
  if (given !== "host") {
    return given;
  }
  return process.arch === "arm64" ? "arm64" : "x86_64";
}

function readNetwork(value: Value): Network {
  const { mode, zones, zoneNames } = value.object(["mode", "zones", "zoneNames"], ["zoneNames"]);
  const names = zoneNames.isAbsent() ? undefined : zoneNames.list((item) => item.text(/^[a-z]{2}(-[a-z]+)+-[0-9][a-z]$/, "the name of a zone, such as us-west-1a"));
  const count = zones.whole(1, 3);
  if (names !== undefined && new Set(names).size !== count) {
    zoneNames.fail(`must name ${count} different zones, as many as zones says`);
  }
  return { mode: mode.oneOf(["isolated", "public"]), zones: count, zoneNames: names };
}

function readFunctions(value: Value): Config["functions"] {
  const memory = value.object(["memoryMiB"]).memoryMiB.object(FUNCTIONS);
  const entries = FUNCTIONS.map((name) => [name, memory[name].whole(128, 10_240)] as const);
  return { memoryMiB: Object.fromEntries(entries) as Record<FunctionName, number> };
}

function readContainers(value: Value): Config["containers"] {
  const sizes = value.object(CONTAINERS);
  const entries = CONTAINERS.map((name) => [name, readContainerSize(sizes[name])] as const);
  return Object.fromEntries(entries) as Record<ContainerName, ContainerSize>;
}

/** What CloudWatch accepts as a retention. */
const LOG_RETENTIONS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

function readRetention(value: Value): Retention {
  const days = value.object(["logs", "accessLogs", "queryResults", "oldVersions", "runs"]);
  return {
    logs: days.logs.wholeOf(LOG_RETENTIONS),
    accessLogs: days.accessLogs.whole(1, 3653),
    queryResults: days.queryResults.whole(1, 3653),
    oldVersions: days.oldVersions.whole(1, 3653),
    runs: days.runs.whole(7, 3653),
  };
}

function readSchedules(value: Value): Schedules {
  const { timeZone, training, scoring } = value.object(["timeZone", "training", "scoring"]);
  const zone = timeZone.text(/^[A-Za-z]+(\/[A-Za-z_+-]+)*$/, "a time zone such as Europe/Berlin");
  if (!isTimeZone(zone)) {
    timeZone.fail("must be a time zone such as Europe/Berlin");
  }
  return { timeZone: zone, training: readSchedule(training), scoring: readSchedule(scoring) };
}

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

function readSchedule(value: Value): Schedule {
  const { on, expression } = value.object(["on", "expression"]);
  const pattern = /^(cron\(([^ ()]+ ){5}[^ ()]+\)|rate\([1-9][0-9]* (minute|hour|day)s?\))$/;
  return { on: on.boolean(), expression: expression.text(pattern, "such as cron(0 3 ? * SUN *) or rate(1 day)") };
}

function readModels(value: Value): Model[] {
  const models = value.list((item) => {
    const { name, spec, data } = item.object(["name", "spec", "data"]);
    return {
      name: name.text(/^[a-z][a-z0-9_-]{0,62}$/, "the name of a model"),
      spec: spec.text(/^[A-Za-z0-9_][A-Za-z0-9_./-]*\.toml$/, "the key of a spec, such as models/engagement.toml"),
      data: data.text(/^[A-Za-z0-9_][A-Za-z0-9_./=-]*$/, "the key of a folder, such as customers"),
    };
  });
  const names = models.map((model) => model.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    value.fail(`names ${twice} twice`);
  }
  return models;
}

function readAlerts(value: Value): Alerts {
  const given = value.object(["emails", "monthlyBudgetUsd", "predictionsMissingAfterHours"]);
  return {
    emails: given.emails.list((item) => item.text(/^[^@\s]+@[^@\s]+\.[^@\s]+$/, "an email address")),
    monthlyBudgetUsd: given.monthlyBudgetUsd.whole(1, 1_000_000),
    predictionsMissingAfterHours: given.predictionsMissingAfterHours.whole(1, 168),
  };
}
