// The two state machines, from the files that `millrace run` executes as well.
import * as iam from "aws-cdk-lib/aws-iam";
import * as sfn from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";

import { readMachine, type MachineName } from "./asl";
import type { Config } from "./config";
import type { LogGroups } from "./logs";
import type { Parts } from "./parts";
import { acknowledgePatterns } from "./patterns";
import { machineStatements } from "./permissions";

export class Flow extends Construct {
  readonly training: sfn.StateMachine;
  readonly inference: sfn.StateMachine;

  constructor(scope: Construct, id: string, private readonly config: Config, private readonly logs: LogGroups, private readonly parts: Parts) {
    super(scope, id);
    this.training = this.make("training");
    this.inference = this.make("inference");
  }

  private make(name: MachineName): sfn.StateMachine {
    const machine = readMachine(name);
    const role = new iam.Role(this, `${name}-role`, {
      assumedBy: new iam.ServicePrincipal("states.amazonaws.com"),
      description: `${this.config.name}: the state machine ${name}`,
    });
    const policy = new iam.Policy(this, `${name}-policy`, { roles: [role], statements: machineStatements(machine, this.parts) });
    acknowledgePatterns(policy);
    const made = new sfn.StateMachine(this, name, {
      stateMachineName: this.parts.machineName(name),
      definitionBody: sfn.DefinitionBody.fromString(machine.definition),
      definitionSubstitutions: this.parts.valuesOf(machine.placeholders),
      role: role.withoutPolicyUpdates(),
      tracingEnabled: true,
      logs: {
        // Under this prefix CloudWatch needs no policy for each group.
        destination: this.logs.group(`/aws/vendedlogs/millrace/${this.config.name}/machine/${name}`),
        level: sfn.LogLevel.ALL,
        // Messages are references and verdicts, no rows.
        includeExecutionData: true,
      },
    });
    made.node.addDependency(policy);
    return made;
  }
}
