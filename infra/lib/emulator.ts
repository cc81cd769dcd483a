// What an emulator of AWS does not know is left out there, by a condition that is never true, and each program says who
// it is: everything else of the template is what AWS gets.
import { Aspects, CfnCondition, CfnResource, Fn, type Stack } from "aws-cdk-lib";
import { ContainerDefinition } from "aws-cdk-lib/aws-ecs";
import { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";

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

/**
 * An emulator gives every program the same credentials, so that a call does not show whose role it is made with. The SDK
 * writes this name into each request; tests/permissions reads it there.
 */
export function nameThemselves(stack: Stack): void {
  Aspects.of(stack).add({
    visit: (node) => {
      if (node instanceof LambdaFunction) {
        node.addEnvironment("AWS_SDK_UA_APP_ID", node.node.id);
      } else if (node instanceof ContainerDefinition) {
        node.addEnvironment("AWS_SDK_UA_APP_ID", node.containerName);
        acknowledge(node.taskDefinition, "AwsSolutions-ECS2", "A program's name is no secret.");
      }
    },
  });
}
