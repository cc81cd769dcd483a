// What an emulator of AWS does not know is left out there, by a condition that is never true: everything
// else of the template is what AWS gets.
import { Aspects, CfnCondition, CfnResource, Fn, type Stack } from "aws-cdk-lib";

import { acknowledge } from "./reasons";

/** Types that MiniStack refuses; none of them is on the way from data to an answer. */
export const UNKNOWN_TO_EMULATORS = [
  "AWS::Athena::NamedQuery",
  "AWS::Budgets::Budget",
  "AWS::EC2::FlowLog",
  "AWS::EC2::SecurityGroupIngress",
];

export function leaveOutUnknown(stack: Stack): void {
  const never = new CfnCondition(stack, "NotOnAnEmulator", { expression: Fn.conditionEquals("emulator", "aws") });
  acknowledge(stack, "CloudFormation-Validate::W8003", "The condition is meant never to be true.");
  Aspects.of(stack).add({
    visit: (node) => {
      if (CfnResource.isCfnResource(node) && UNKNOWN_TO_EMULATORS.includes(node.cfnResourceType)) {
        node.cfnOptions.condition = never;
      }
    },
  });
}
