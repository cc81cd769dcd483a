// The app as a test sees it: its template, for an environment, without anything being built.
import "./keys";
import type { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";

import { makeApp } from "../lib/app";
import { loadConfig } from "../lib/config";
import type { MillraceStack } from "../lib/stack";
import { standIns, temporaryFolder } from "./programs";

export interface Resource {
  readonly Type: string;
  readonly Properties: any;
  readonly Condition?: string;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export interface Synthesized {
  readonly app: App;
  readonly stack: MillraceStack;
  readonly template: Template;
  readonly resources: Record<string, Resource>;
}

const FOLDERS = { arm64: standIns("arm64"), x86_64: standIns("x86_64") };

/** Nothing is built or bundled. */
export function synthesize(env: string, context: Record<string, unknown> = {}): Synthesized {
  const outdir = temporaryFolder();
  const folder = FOLDERS[loadConfig(env).architecture];
  const { app, stack } = makeApp({
    outdir,
    context: { env, functions: folder, "image-archives": folder, "aws:cdk:bundling-stacks": [], ...context },
  });
  const template = Template.fromStack(stack);
  return { app, stack, template, resources: template.toJSON().Resources as Record<string, Resource> };
}

export function ofType(synthesized: Synthesized, type: string): Resource[] {
  return Object.values(synthesized.resources).filter((resource) => resource.Type === type);
}

const cache = new Map<string, Synthesized>();

/** The same for every test that only looks at it. */
export function environment(env: string): Synthesized {
  const known = cache.get(env) ?? synthesize(env);
  cache.set(env, known);
  return known;
}
