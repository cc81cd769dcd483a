// When the machines start by themselves: off until the configuration says otherwise.
import { Stack } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import * as scheduler from "aws-cdk-lib/aws-scheduler";
import type * as sfn from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";

import { statement } from "./access";
import type { Config, Model, Schedule } from "./config";
import type { Data } from "./data";
import type { Flow } from "./flow";

export class Schedules extends Construct {
  readonly groupName: string;
  private readonly role: iam.Role;

  constructor(scope: Construct, id: string, private readonly config: Config, private readonly data: Data, flow: Flow) {
    super(scope, id);
    this.groupName = config.name;
    const group = new scheduler.CfnScheduleGroup(this, "Group", { name: this.groupName });
    this.role = this.makeRole(flow);
    const { training, scoring } = config.schedules;
    for (const model of config.models) {
      this.add(`training-${model.name}`, training, flow.training, {
        spec: data.features.s3UrlForObject(model.spec),
        data: this.dataOf(model),
      }).addResourceDependency(group);
      this.add(`scoring-${model.name}`, scoring, flow.inference, {
        model: model.name,
        data: this.dataOf(model),
      }).addResourceDependency(group);
    }
  }

  private dataOf(model: Model): string {
    return this.data.features.s3UrlForObject(model.data);
  }

  private makeRole(flow: Flow): iam.Role {
    const account = Stack.of(this).account;
    const role = new iam.Role(this, "Role", {
      assumedBy: new iam.ServicePrincipal("scheduler.amazonaws.com", { conditions: { StringEquals: { "aws:SourceAccount": account } } }),
      description: `${this.config.name}: the schedules`,
    });
    const machines = [flow.training.stateMachineArn, flow.inference.stateMachineArn];
    new iam.Policy(this, "Policy", { roles: [role], statements: [statement("Start", ["states:StartExecution"], machines)] });
    return role;
  }

  private add(name: string, schedule: Schedule, machine: sfn.StateMachine, input: object): scheduler.CfnSchedule {
    return new scheduler.CfnSchedule(this, name, {
      name: `${this.config.name}-${name}`,
      groupName: this.groupName,
      state: schedule.on ? "ENABLED" : "DISABLED",
      scheduleExpression: schedule.expression,
      scheduleExpressionTimezone: this.config.schedules.timeZone,
      flexibleTimeWindow: { mode: "OFF" },
      target: {
        arn: machine.stateMachineArn,
        roleArn: this.role.roleArn,
        input: JSON.stringify(input),
        // A start that is an hour late is worth more than none; a day late it would be another day's.
        retryPolicy: { maximumRetryAttempts: 10, maximumEventAgeInSeconds: 3600 },
      },
    });
  }
}
