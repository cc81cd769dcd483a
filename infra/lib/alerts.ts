// Whoever is to know: a topic that runs and alarms write to, the alarms, and a budget.
import { Duration, Stack } from "aws-cdk-lib";
import * as budgets from "aws-cdk-lib/aws-budgets";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import * as iam from "aws-cdk-lib/aws-iam";
import type * as kms from "aws-cdk-lib/aws-kms";
import * as sns from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import type * as sfn from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";

import type { Config } from "./config";
import type { Flow } from "./flow";

/** Services that write to the topic in their own name. */
const PUBLISHERS = ["budgets.amazonaws.com", "cloudwatch.amazonaws.com"];

export class Topic extends Construct {
  readonly topic: sns.Topic;

  constructor(scope: Construct, id: string, config: Config, key: kms.Key) {
    super(scope, id);
    this.topic = new sns.Topic(this, "Topic", {
      topicName: config.name,
      displayName: "Millrace",
      masterKey: key,
      enforceSSL: true,
    });
    for (const email of config.alerts.emails) {
      this.topic.addSubscription(new EmailSubscription(email));
    }
    const principals = PUBLISHERS.map((name) => new iam.ServicePrincipal(name));
    const conditions = { StringEquals: { "aws:SourceAccount": Stack.of(this).account } };
    this.topic.addToResourcePolicy(new iam.PolicyStatement({
      sid: "Publishers", principals, conditions, actions: ["sns:Publish"], resources: [this.topic.topicArn],
    }));
    key.addToResourcePolicy(new iam.PolicyStatement({
      sid: "Publishers", principals, conditions, actions: ["kms:Decrypt", "kms:GenerateDataKey"], resources: ["*"],
    }));
  }
}

export class Alerts extends Construct {
  constructor(scope: Construct, id: string, private readonly config: Config, private readonly topic: sns.Topic, flow: Flow, scheduleGroup: string) {
    super(scope, id);
    for (const [name, machine] of Object.entries({ training: flow.training, inference: flow.inference })) {
      this.machineAlarms(name, machine);
    }
    this.missingPredictions(flow.inference);
    this.schedulerAlarms(scheduleGroup);
    this.budget();
  }

  private machineAlarms(name: string, machine: sfn.StateMachine): void {
    const sum = { statistic: "Sum", period: Duration.minutes(5) };
    const metrics = {
      failed: machine.metricFailed(sum),
      "timed-out": machine.metricTimedOut(sum),
      throttled: machine.metricThrottled(sum),
      aborted: machine.metricAborted(sum),
    };
    for (const [what, metric] of Object.entries(metrics)) {
      this.alarm(`${name}-${what}`, `An execution of ${name} was ${what}: its last states say why.`, metric);
    }
  }

  private schedulerAlarms(group: string): void {
    for (const metricName of ["InvocationDroppedCount", "TargetErrorCount"]) {
      const metric = new cloudwatch.Metric({
        namespace: "AWS/Scheduler",
        metricName,
        dimensionsMap: { ScheduleGroup: group },
        statistic: "Sum",
        period: Duration.minutes(5),
      });
      this.alarm(`schedule-${metricName}`, "A schedule could not start its execution.", metric);
    }
  }

  private alarm(name: string, alarmDescription: string, metric: cloudwatch.IMetric): void {
    this.notifying(new cloudwatch.Alarm(this, name, {
      alarmName: `${this.config.name}-${name}`,
      alarmDescription,
      metric,
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    }));
  }

  /** Silence is a failure too, once scoring is scheduled. */
  private missingPredictions(inference: sfn.StateMachine): void {
    const hours = this.config.alerts.predictionsMissingAfterHours;
    this.notifying(new cloudwatch.Alarm(this, "predictions-missing", {
      alarmName: `${this.config.name}-predictions-missing`,
      alarmDescription: `No scoring has succeeded for ${hours} hours.`,
      metric: inference.metricSucceeded({ statistic: "Sum", period: Duration.hours(1) }),
      threshold: 1,
      evaluationPeriods: hours,
      datapointsToAlarm: hours,
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.BREACHING,
      actionsEnabled: this.config.schedules.scoring.on,
    }));
  }

  private notifying(alarm: cloudwatch.Alarm): void {
    alarm.addAlarmAction(new SnsAction(this.topic));
  }

  /** The whole account's cost: a budget by tag sees nothing until the tag is activated for billing. */
  private budget(): void {
    const subscribers = [{ subscriptionType: "SNS", address: this.topic.topicArn }];
    const at = (notificationType: string, threshold: number) => ({
      notification: { notificationType, comparisonOperator: "GREATER_THAN", threshold, thresholdType: "PERCENTAGE" },
      subscribers,
    });
    const budget = new budgets.CfnBudget(this, "Budget", {
      budget: {
        budgetName: this.config.name,
        budgetType: "COST",
        timeUnit: "MONTHLY",
        budgetLimit: { amount: this.config.alerts.monthlyBudgetUsd, unit: "USD" },
      },
      notificationsWithSubscribers: [at("ACTUAL", 80), at("ACTUAL", 100), at("FORECASTED", 100)],
    });
    budget.node.addDependency(this.topic);
  }
}
