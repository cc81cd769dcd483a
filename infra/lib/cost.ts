// What an environment costs in a month, estimated from prices.json and usage.json.
import * as fs from "node:fs";
import * as path from "node:path";

import type { Architecture, Config, ContainerName } from "./config";
import { INFRA } from "./paths";

export interface Prices {
  readonly asOf: string;
  readonly region: string;
  readonly fargate: Record<Architecture, { readonly processorHour: number; readonly gibibyteHour: number }>;
  readonly lambda: Record<Architecture, { readonly gibibyteSecond: number }>;
  readonly functionRequest: number;
  readonly storeWrite: number;
  readonly storeRead: number;
  readonly interfaceEndpointHour: number;
  readonly publicAddressHour: number;
  readonly keyMonth: number;
  readonly keyRequest: number;
  readonly secretMonth: number;
  /** Of a metric that is not one of AWS's own, as long as something reports it: a part of a month costs its part. */
  readonly metricMonth: number;
  readonly trace: number;
  readonly alarmMonth: number;
  readonly storageGibibyteMonth: number;
  readonly logGibibyte: number;
  readonly scannedGibibyte: number;
  readonly stateTransition: number;
  /** By the name of a price, or `name.architecture`: the document that it was compared with, and that document's date. */
  readonly sources: Record<string, string>;
}

export interface Usage {
  readonly trainingMinutes: number;
  readonly scoringMinutes: number;
  readonly functionSecondsPerRun: number;
  readonly stateTransitionsPerRun: number;
  /** `duration_milliseconds` and `failures` of each function. */
  readonly metricsOfFunctions: number;
  /** What Container Insights reports of the cluster and of both families of tasks. */
  readonly metricsOfContainers: number;
  /** A metric costs for every hour in which it was reported. */
  readonly metricHoursPerRun: number;
  readonly tracesPerRun: number;
  /** Buckets ask for a key of their own now and then and not for every object; functions and tables ask as well. */
  readonly keyRequestsPerRun: number;
  readonly flowLogGibibytesPerMonth: number;
  readonly storedGibibytes: number;
  readonly logGibibytesPerMonth: number;
  readonly scannedGibibytesPerMonth: number;
}

export interface Line {
  readonly what: string;
  readonly dollars: number;
}

/** What the template has of things that cost by being there. */
export interface Standing {
  readonly alarms: number;
  readonly interfaceEndpoints: number;
}

const HOURS = 730;
const DAYS = 365 / 12;

export function readPrices(): Prices {
  return JSON.parse(fs.readFileSync(path.join(INFRA, "prices.json"), "utf8")) as Prices;
}

export function readUsage(): Usage {
  return JSON.parse(fs.readFileSync(path.join(INFRA, "usage.json"), "utf8")) as Usage;
}

/** How often a schedule starts in a month; nothing for one that this cannot count. */
export function startsPerMonth(expression: string): number | undefined {
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression);
  if (rate !== null) {
    const perDay = { minute: 1440, hour: 24, day: 1 }[rate[2] as "minute" | "hour" | "day"];
    return (perDay * DAYS) / Number(rate[1]);
  }
  const cron = /^cron\(\d+ \d+ (\S+) \* (\S+) \*\)$/.exec(expression);
  if (cron === null) {
    return undefined;
  }
  const [dayOfMonth, dayOfWeek] = [cron[1], cron[2]];
  if (dayOfMonth === "*" && dayOfWeek === "?") {
    return DAYS;
  }
  const weekly = dayOfMonth === "?" && /^[A-Z]{3}(,[A-Z]{3})*$/.test(dayOfWeek ?? "");
  return weekly ? ((dayOfWeek ?? "").split(",").length * 52) / 12 : undefined;
}

/** The lines of an estimate with both schedules on; nothing if a schedule cannot be counted. */
export function monthlyCost(config: Config, standing: Standing, prices: Prices, usage: Usage): Line[] | undefined {
  const training = startsPerMonth(config.schedules.training.expression);
  const scoring = startsPerMonth(config.schedules.scoring.expression);
  if (training === undefined || scoring === undefined) {
    return undefined;
  }
  const models = config.models.length;
  const trainingHours = (models * training * usage.trainingMinutes) / 60;
  const scoringHours = (models * scoring * usage.scoringMinutes) / 60;
  const runs = models * (training + scoring);
  const memory = Math.max(...Object.values(config.functions.memoryMiB)) / 1024;
  const addresses = config.network.mode === "public" ? (trainingHours + scoringHours) * prices.publicAddressHour : 0;
  return [
    { what: "training containers", dollars: trainingHours * containerHour(config, "training", prices) },
    { what: "scoring containers", dollars: scoringHours * containerHour(config, "inference", prices) },
    { what: "public addresses", dollars: addresses },
    { what: "functions", dollars: runs * usage.functionSecondsPerRun * memory * prices.lambda[config.architecture].gibibyteSecond },
    { what: "state machines", dollars: runs * usage.stateTransitionsPerRun * prices.stateTransition },
    { what: "network endpoints", dollars: standing.interfaceEndpoints * config.network.zones * HOURS * prices.interfaceEndpointHour },
    { what: "encryption key", dollars: prices.keyMonth + runs * usage.keyRequestsPerRun * prices.keyRequest },
    { what: "secrets", dollars: secretsOf(config) * prices.secretMonth },
    { what: "Container Insights and other metrics", dollars: metrics(runs, usage) * prices.metricMonth },
    { what: "traces", dollars: runs * usage.tracesPerRun * prices.trace },
    { what: "alarms", dollars: standing.alarms * prices.alarmMonth },
    { what: "storage", dollars: usage.storedGibibytes * prices.storageGibibyteMonth },
    { what: "logs", dollars: usage.logGibibytesPerMonth * prices.logGibibyte },
    { what: "flow logs of the network", dollars: usage.flowLogGibibytesPerMonth * prices.logGibibyte },
    { what: "queries", dollars: usage.scannedGibibytesPerMonth * prices.scannedGibibyte },
  ];
}

function secretsOf({ keys }: Config): number {
  return [keys.signingSecret, keys.pseudonymSecret].filter((secret) => secret !== undefined).length;
}

/** How many metrics are reported for how much of a month: never more than the whole of it. */
function metrics(runs: number, usage: Usage): number {
  const partOfMonth = Math.min(1, (runs * usage.metricHoursPerRun) / HOURS);
  return (usage.metricsOfFunctions + usage.metricsOfContainers) * partOfMonth;
}

function containerHour(config: Config, name: ContainerName, prices: Prices): number {
  const { cpu, memoryMiB } = config.containers[name];
  const price = prices.fargate[config.architecture];
  return (cpu / 1024) * price.processorHour + (memoryMiB / 1024) * price.gibibyteHour;
}
