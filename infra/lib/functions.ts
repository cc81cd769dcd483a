// The functions of lambdas/, each with a role of its own.
import * as fs from "node:fs";
import * as path from "node:path";

import { Duration } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import * as lambda from "aws-cdk-lib/aws-lambda";
import { RustFunction } from "cargo-lambda-cdk";
import { Construct } from "constructs";

import { dataStatements, statement } from "./access";
import { processorOf } from "./archive";
import { FUNCTIONS, type Config, type FunctionName } from "./config";
import type { Data } from "./data";
import { functionVariables, holdsSecret } from "./keys";
import { LogGroups } from "./logs";
import { REPOSITORY } from "./paths";
import { acknowledgePatterns } from "./patterns";

/** As long as the machines wait for an answer. */
const TIMEOUT: Record<FunctionName, Duration> = {
  validate: Duration.minutes(15),
  "fairness-gate": Duration.minutes(15),
  registry: Duration.minutes(5),
  publish: Duration.minutes(5),
};

export interface FunctionsProps {
  readonly config: Config;
  readonly data: Data;
  readonly logs: LogGroups;
  /** A folder with `<name>/bootstrap` for each function, as scripts/functions makes it; without it each is built by itself. */
  readonly prebuilt: string | undefined;
}

export class Functions extends Construct {
  readonly all: Record<FunctionName, lambda.Function>;

  constructor(scope: Construct, id: string, private readonly props: FunctionsProps) {
    super(scope, id);
    const entries = FUNCTIONS.map((name) => [name, this.make(name)] as const);
    this.all = Object.fromEntries(entries) as Record<FunctionName, lambda.Function>;
  }

  private make(name: FunctionName): lambda.Function {
    const { config, data, logs } = this.props;
    const logGroup = logs.group(`/millrace/${config.name}/function/${name}`);
    const role = new iam.Role(this, `${name}-role`, {
      assumedBy: new iam.ServicePrincipal("lambda.amazonaws.com"),
      description: `${config.name}: the function ${name}`,
    });
    const policy = new iam.Policy(this, `${name}-policy`, {
      roles: [role],
      statements: [
        ...dataStatements(name, data),
        statement("WriteLogs", ["logs:CreateLogStream", "logs:PutLogEvents"], [logGroup.logGroupArn]),
        // X-Ray has no resources to name.
        statement("Trace", ["xray:PutTelemetryRecords", "xray:PutTraceSegments"], ["*"]),
      ],
    });
    acknowledgePatterns(policy);
    const made = this.code(name, {
      functionName: `${config.name}-${name}`,
      description: `Millrace: ${name}`,
      role: role.withoutPolicyUpdates(),
      memorySize: config.functions.memoryMiB[name],
      timeout: TIMEOUT[name],
      environment: { MILLRACE_STORE: data.store.s3UrlForObject(), ...functionVariables(name, config) },
      ...(holdsSecret(name, config) ? { environmentEncryption: data.key } : {}),
      tracing: lambda.Tracing.ACTIVE,
      logGroup,
      loggingFormat: lambda.LoggingFormat.TEXT,
    });
    made.node.addDependency(policy);
    return made;
  }

  private code(name: FunctionName, options: lambda.FunctionOptions): lambda.Function {
    const architecture = this.props.config.architecture === "arm64" ? lambda.Architecture.ARM_64 : lambda.Architecture.X86_64;
    if (this.props.prebuilt === undefined) {
      const folder = path.join(REPOSITORY, "lambdas", name);
      return new RustFunction(this, name, { ...options, manifestPath: folder, binaryName: name, bundling: { architecture, profile: "image", cargoLambdaFlags: ["--locked"] } });
    }
    const folder = path.resolve(this.props.prebuilt, name);
    if (!fs.existsSync(path.join(folder, "bootstrap"))) {
      throw new Error(`there is no ${folder}/bootstrap: build the functions first`);
    }
    const [found, wanted] = [processorOf(path.join(folder, "bootstrap")), this.props.config.architecture];
    if (found !== wanted) {
      throw new Error(`WrongArchitecture: ${folder}/bootstrap is for ${found}, and the function runs on ${wanted}`);
    }
    return new lambda.Function(this, name, {
      ...options,
      architecture,
      runtime: lambda.Runtime.PROVIDED_AL2023,
      handler: "bootstrap",
      code: lambda.Code.fromAsset(folder),
    });
  }
}
