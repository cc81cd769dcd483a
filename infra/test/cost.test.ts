import "./keys";
import assert from "node:assert/strict";
import { test } from "node:test";

import { loadConfig } from "../lib/config";
import { monthlyCost, readPrices, readUsage, startsPerMonth } from "../lib/cost";

test("schedules are counted by the month", () => {
  assert.equal(startsPerMonth("cron(0 6 * * ? *)"), 365 / 12);
  assert.equal(startsPerMonth("cron(0 3 ? * SUN *)"), 52 / 12);
  assert.equal(startsPerMonth("cron(0 3 ? * MON,THU *)"), 104 / 12);
  assert.equal(startsPerMonth("rate(12 hours)"), 365 / 6);
  assert.equal(startsPerMonth("cron(0/5 3 ? * SUN *)"), undefined);
});

test("an estimate adds up what runs and what stands", () => {
  const config = { ...loadConfig("production"), network: { mode: "isolated" as const, zones: 2, zoneNames: undefined } };
  const prices = { ...readPrices(), interfaceEndpointHour: 0.01, keyMonth: 1, alarmMonth: 0.1 };
  const lines = monthlyCost(config, { alarms: 11, interfaceEndpoints: 3 }, prices, readUsage());
  const by = Object.fromEntries((lines ?? []).map((line) => [line.what, line.dollars]));
  assert.ok(Math.abs((by["network endpoints"] ?? 0) - 43.8) < 1e-9);
  assert.ok(Math.abs((by.alarms ?? 0) - 1.1) < 1e-9);
  assert.equal(by["public addresses"], 0);
  // 52/12 trainings of half an hour on 8 processors with 16 GiB.
  const { processorHour, gibibyteHour } = prices.fargate.arm64;
  assert.ok(Math.abs((by["training containers"] ?? 0) - (52 / 12 / 2) * (8 * processorHour + 16 * gibibyteHour)) < 1e-9);
});

test("an estimate has what is easily forgotten: metrics, traces, requests for the key, secrets, flow logs", () => {
  const config = { ...loadConfig("production"), keys: { ...loadConfig("production").keys, pseudonymSecret: "arn" } };
  const [prices, usage] = [readPrices(), readUsage()];
  const by = Object.fromEntries((monthlyCost(config, { alarms: 0, interfaceEndpoints: 0 }, prices, usage) ?? []).map((line) => [line.what, line.dollars]));
  const runs = 52 / 12 + 365 / 12;
  const near = (what: string, dollars: number) => assert.ok(Math.abs((by[what] ?? 0) - dollars) < 1e-9, `${what}: ${by[what]} and not ${dollars}`);
  near("encryption key", prices.keyMonth + runs * usage.keyRequestsPerRun * prices.keyRequest);
  near("secrets", 2 * prices.secretMonth);
  near("Container Insights and other metrics", ((usage.metricsOfFunctions + usage.metricsOfContainers) * runs * usage.metricHoursPerRun / 730) * prices.metricMonth);
  near("traces", runs * usage.tracesPerRun * prices.trace);
  near("flow logs of the network", usage.flowLogGibibytesPerMonth * prices.logGibibyte);
  const always = { ...config, schedules: { ...config.schedules, scoring: { on: true, expression: "rate(1 minute)" } } };
  const busy = monthlyCost(always, { alarms: 0, interfaceEndpoints: 0 }, prices, usage)?.find((line) => line.what.startsWith("Container Insights"));
  assert.ok(Math.abs((busy?.dollars ?? 0) - (usage.metricsOfFunctions + usage.metricsOfContainers) * prices.metricMonth) < 1e-9, "a month has no more hours");
});

test("a schedule that cannot be counted gives no estimate instead of a wrong one", () => {
  const config = loadConfig("dev");
  const odd = { ...config, schedules: { ...config.schedules, scoring: { on: true, expression: "cron(0/5 3 ? * SUN *)" } } };
  assert.equal(monthlyCost(odd, { alarms: 0, interfaceEndpoints: 0 }, readPrices(), readUsage()), undefined);
});

test("prices carry their date and region", () => {
  const prices = readPrices();
  assert.match(prices.asOf, /^\d{4}-\d{2}-\d{2}$/);
  assert.equal(prices.region, "us-east-1");
});

test("every price has the document that it was compared with, and its date", () => {
  const { about: _, asOf, region, sources, ...prices } = readPrices() as ReturnType<typeof readPrices> & { readonly about: string };
  const byProcessor = Object.entries(prices).flatMap(([name, value]) => (typeof value === "number" ? [name] : Object.keys(value).map((one) => `${name}.${one}`)));
  assert.deepEqual(Object.keys(sources).sort(), byProcessor.sort());
  for (const [name, source] of Object.entries(sources)) {
    const [date] = /\d{4}-\d{2}-\d{2}/.exec(source) ?? [undefined];
    assert.ok(date !== undefined && date <= asOf, `${name} of ${region}: "${source}" has no date until ${asOf}`);
  }
});
