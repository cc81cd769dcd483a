#!/usr/bin/env node
// Says what a synthesized environment would create and what that costs: plan.js <environment> <cdk.out>
import * as fs from "node:fs";
import * as path from "node:path";

import { loadConfig, type Config } from "../lib/config";
import { monthlyCost, readPrices, readUsage } from "../lib/cost";

interface Template {
  readonly Resources: Record<string, { readonly Type: string; readonly Properties?: { readonly VpcEndpointType?: string } }>;
}

function main(environment: string, folder: string): void {
  const config = loadConfig(environment);
  const file = path.join(folder, `${config.name}.template.json`);
  const resources = Object.values((JSON.parse(fs.readFileSync(file, "utf8")) as Template).Resources);
  const counts = new Map<string, number>();
  for (const { Type } of resources) {
    counts.set(Type, (counts.get(Type) ?? 0) + 1);
  }
  console.log(`The stack ${config.name} has ${resources.length} resources:`);
  for (const [type, count] of [...counts].sort(([a], [b]) => a.localeCompare(b))) {
    console.log(`  ${String(count).padStart(3)}  ${type.replace("AWS::", "").replaceAll("::", " ")}`);
  }
  const endpoints = resources.filter((one) => one.Properties?.VpcEndpointType === "Interface").length;
  printCost(config, { alarms: counts.get("AWS::CloudWatch::Alarm") ?? 0, interfaceEndpoints: endpoints });
}

function printCost(config: Config, standing: { alarms: number; interfaceEndpoints: number }): void {
  const prices = readPrices();
  const lines = monthlyCost(config, standing, prices, readUsage());
  if (lines === undefined) {
    console.log("\nThe cost is not estimated: a schedule of the configuration is neither daily, weekly nor a rate.");
    return;
  }
  console.log(`\nEstimated cost in a month with both schedules on (list prices of ${prices.region} as of ${prices.asOf}, infra/prices.json;`);
  console.log("what is assumed of the use: infra/usage.json; check both before you rely on them):");
  for (const { what, dollars } of lines.filter((line) => line.dollars >= 0.005)) {
    console.log(`  ${dollars.toFixed(2).padStart(8)} USD  ${what}`);
  }
  const total = lines.reduce((sum, line) => sum + line.dollars, 0);
  console.log(`  ${total.toFixed(2).padStart(8)} USD  in all; alarm at ${config.alerts.monthlyBudgetUsd} USD`);
}

const [environment, folder] = process.argv.slice(2);
if (environment === undefined || folder === undefined) {
  console.error("plan.js <environment> <cdk.out>");
  process.exit(2);
}
main(environment, folder);
