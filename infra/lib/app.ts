// The app as a whole: one environment's configuration, one stack, and cdk-nag's word on it.
import { App, Validations, type AppProps } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";

import { loadConfig, loadConfigFile } from "./config";
import type { Images } from "./images";
import { leaveOutUnknown, nameThemselves } from "./emulator";
import { MillraceStack } from "./stack";

/** The context that the app understands, given with `-c name=value`. */
const CONTEXT = {
  environment: "env",
  /** A file instead of one of `config/`. */
  configuration: "config",
  functions: "functions",
  imageArchives: "image-archives",
  imagePrefix: "image-prefix",
  emulator: "emulator",
};

/** How the library behaves where it has learned better since: set here, so that tests have it as well. */
const FLAGS = {
  "@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy": true,
  "@aws-cdk/core:checkSecretUsage": true,
};

export function makeApp(props: AppProps = {}): { app: App; stack: MillraceStack } {
  const app = new App({ ...props, context: { ...FLAGS, ...props.context } });
  const context = (name: string): string | undefined => app.node.tryGetContext(name) as string | undefined;
  const file = context(CONTEXT.configuration);
  const config = file === undefined ? loadConfig(context(CONTEXT.environment) ?? "dev") : loadConfigFile(file);
  const functions = context(CONTEXT.functions);
  const images = imagesOf(context(CONTEXT.imageArchives), context(CONTEXT.imagePrefix));
  const stack = new MillraceStack(app, config, { functions, images });
  if (context(CONTEXT.emulator) !== undefined) {
    leaveOutUnknown(stack);
    nameThemselves(stack);
  }
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return { app, stack };
}

function imagesOf(archives: string | undefined, prefix: string | undefined): Images {
  if (archives !== undefined && prefix !== undefined) {
    throw new Error(`give ${CONTEXT.imageArchives} or ${CONTEXT.imagePrefix}, not both`);
  }
  if (archives !== undefined) {
    return { from: "archives", folder: archives };
  }
  return prefix === undefined ? { from: "sources" } : { from: "engine", prefix };
}
