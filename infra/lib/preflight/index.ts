// What is asked of an account before anything is deployed into it.
import type { Config } from "../config";
import type { Ask, Finding } from "./ask";
import { checkCatalogue } from "./catalogue";
import { checkQuotas } from "./quotas";
import { checkRunning } from "./running";
import { checkZones } from "./zones";

type Check = (config: Config, ask: Ask) => Finding[];

export const CHECKS: Record<string, Check> = {
  quotas: checkQuotas,
  zones: (config, ask) => [checkZones(config, ask)],
  catalogue: (config, ask) => [checkCatalogue(config, ask)],
  running: (config, ask) => [checkRunning(config, ask)],
};

/** All checks, or those that are named. */
export function preflight(config: Config, names: readonly string[], ask: Ask): Finding[] {
  const wanted = names.length === 0 ? Object.keys(CHECKS) : names;
  return wanted.flatMap((name) => CHECKS[name]?.(config, ask) ?? []);
}
