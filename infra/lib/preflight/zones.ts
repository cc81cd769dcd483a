// Whether Fargate is in the zones that an environment's network takes.
import type { Config } from "../config";
import { unknown, type Ask, type Finding } from "./ask";

/**
 * Regions with zones in which Fargate runs no Linux containers, and where it does run them, by the identities of zones: their
 * names differ from account to account (Amazon ECS, "Supported Regions for Amazon ECS on AWS Fargate").
 */
const FARGATE_ZONES: Record<string, readonly string[]> = {
  "us-west-1": ["usw1-az1", "usw1-az3"],
  "ap-northeast-1": ["apne1-az1", "apne1-az2", "apne1-az4"],
  "cn-north-1": ["cnn1-az1", "cnn1-az2"],
};

interface Zone {
  readonly ZoneName: string;
  readonly ZoneId: string;
  readonly RegionName: string;
  readonly ZoneType?: string;
}

export function checkZones(config: Config, ask: Ask): Finding {
  const name = "ZoneWithoutFargate";
  const answer = ask(["ec2", "describe-availability-zones"]);
  if (answer.is === "unanswered") {
    return unknown(name, "Fargate must be in the zones of the network", answer.why);
  }
  const zones = ((answer.value?.AvailabilityZones ?? []) as Zone[])
    .filter((zone) => (zone.ZoneType ?? "availability-zone") === "availability-zone")
    .sort((a, b) => a.ZoneName.localeCompare(b.ZoneName));
  const { zoneNames, zones: count } = config.network;
  // CloudFormation gives the zones of a region in the order of their names.
  const taken = zoneNames ?? zones.slice(0, count).map((zone) => zone.ZoneName);
  const usable = zones.filter(hasFargate).map((zone) => zone.ZoneName);
  const without = taken.filter((one) => !usable.includes(one));
  if (without.length === 0) {
    return { name, state: "fine", text: `Fargate is in ${taken.join(" and ")}` };
  }
  return {
    name,
    state: "blocked",
    text: `Fargate runs no containers in ${without.join(" and ")}: set network.zoneNames to ${count} of ${usable.join(", ")}`,
  };
}

function hasFargate(zone: Zone): boolean {
  return FARGATE_ZONES[zone.RegionName]?.includes(zone.ZoneId) ?? true;
}
