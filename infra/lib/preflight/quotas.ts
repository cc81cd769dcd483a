// Whether the account may have as much at once as an environment asks for.
import type { Config } from "../config";
import { unknown, type Ask, type Finding } from "./ask";

/** One of AWS's quotas, by the codes that Service Quotas has for it. */
export interface Quota {
  readonly service: string;
  readonly code: string;
  readonly title: string;
  /** What an account has that nobody has raised anything for. */
  readonly ofNewAccount: number;
}

export interface Need {
  readonly quota: Quota;
  readonly needed: number;
  readonly why: string;
}

// "Fargate quotas" of the Amazon ECS Developer Guide and AWS Batch's API reference (both as of 2026): 6, can be raised; a new
// account may have less at first.
export const FARGATE: Quota = { service: "fargate", code: "L-3032A538", title: "Fargate On-Demand vCPU resource count", ofNewAccount: 6 };
// "Lambda quotas" of the AWS Lambda Developer Guide (as of 2026): 1,000, and less in a new account, without saying how much. What
// new accounts report is 10.
export const FUNCTIONS: Quota = { service: "lambda", code: "L-B99A9384", title: "Concurrent executions", ofNewAccount: 10 };
// "Amazon VPC quotas" of the Amazon VPC User Guide (as of 2026): 5, can be raised.
export const NETWORKS: Quota = { service: "vpc", code: "L-F678F1CE", title: "VPCs per Region", ofNewAccount: 5 };

const UNITS_OF_A_PROCESSOR = 1024;
/** Of the two machines: what else runs while shards are scored. */
const FUNCTIONS_BESIDE = 2;

/**
 * A training and a scoring at once, for two schedules may meet. A search that is spread over more containers than one wants
 * as many trainings more: the machine waits for them, so it is slower and does not fail.
 */
export function needs(config: Config): Need[] {
  const { training, inference } = config.containers;
  const shards = config.inference.concurrency;
  return [
    {
      quota: FARGATE,
      needed: (training.cpu + shards * inference.cpu) / UNITS_OF_A_PROCESSOR,
      why: `a training on ${training.cpu / UNITS_OF_A_PROCESSOR} vCPU beside ${shards} shards on ${inference.cpu / UNITS_OF_A_PROCESSOR} each`,
    },
    { quota: FUNCTIONS, needed: shards + FUNCTIONS_BESIDE, why: `a function for each of ${shards} shards, and both gates` },
  ];
}

export function linkOf(quota: Quota): string {
  return `https://console.aws.amazon.com/servicequotas/home/services/${quota.service}/quotas/${quota.code}`;
}

/** One finding for each quota. */
export function checkQuotas(config: Config, ask: Ask): Finding[] {
  return [...needs(config), ...needOfNetwork(config, ask)].map((need) => check(need, ask));
}

function check({ quota, needed, why }: Need, ask: Ask): Finding {
  const name = "QuotaTooLow";
  const wanted = `${quota.title} (${quota.service} ${quota.code}): ${needed} needed, ${why}`;
  const found = valueOf(quota, ask);
  if (typeof found === "string") {
    return unknown(name, `${wanted}; a new account has ${quota.ofNewAccount}`, found);
  }
  return found >= needed
    ? { name, state: "fine", text: `${wanted}; the account has ${found}` }
    : { name, state: "blocked", text: `${wanted}; the account has ${found}. Raise it at ${linkOf(quota)}, or make the sizes of the configuration smaller` };
}

/** An account whose quota nobody touched has none of its own, but the default. */
function valueOf(quota: Quota, ask: Ask): number | string {
  const which = ["--service-code", quota.service, "--quota-code", quota.code];
  const own = ask(["service-quotas", "get-service-quota", ...which]);
  const answer = own.is === "answered" ? own : ask(["service-quotas", "get-aws-default-service-quota", ...which]);
  if (answer.is === "unanswered") {
    return answer.why;
  }
  const value: unknown = answer.value?.Quota?.Value;
  return typeof value === "number" ? value : "Service Quotas gave no value";
}

/** A network of its own, unless the stack is there already. */
function needOfNetwork(config: Config, ask: Ask): Need[] {
  const stack = ask(["cloudformation", "describe-stacks", "--stack-name", config.name]);
  const networks = ask(["ec2", "describe-vpcs"]);
  if (stack.is === "answered" || networks.is === "unanswered") {
    return [];
  }
  const used = (networks.value?.Vpcs as unknown[] | undefined)?.length ?? 0;
  return [{ quota: NETWORKS, needed: used + 1, why: `one beside the ${used} that are there` }];
}
