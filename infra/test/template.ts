// The app as a test sees it: its template, for an environment, without anything being built.
import "./keys";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import type { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";

import { makeApp } from "../lib/app";
import { CONTAINERS, FUNCTIONS } from "../lib/config";
import type { MillraceStack } from "../lib/stack";

export interface Resource {
  readonly Type: string;
  readonly Properties: any;
  readonly Condition?: string;
  readonly DeletionPolicy?: string;
}

export interface Synthesized {
  readonly app: App;
  readonly stack: MillraceStack;
  readonly template: Template;
  readonly resources: Record<string, Resource>;
}

/** Functions and images that only have to be there. */
function standIns(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "millrace-programs-"));
  for (const name of FUNCTIONS) {
    fs.mkdirSync(path.join(folder, name));
    fs.writeFileSync(path.join(folder, name, "bootstrap"), `#!/bin/sh\n# ${name}\n`, { mode: 0o755 });
  }
  for (const name of CONTAINERS) {
    fs.writeFileSync(path.join(folder, `${name}.tar`), name);
  }
  process.on("exit", () => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const FOLDER = standIns();

/** Nothing is built or bundled. */
export function synthesize(env: string, context: Record<string, unknown> = {}): Synthesized {
  const outdir = fs.mkdtempSync(path.join(os.tmpdir(), "millrace-cdk-"));
  process.on("exit", () => fs.rmSync(outdir, { recursive: true, force: true }));
  const { app, stack } = makeApp({
    outdir,
    context: { env, functions: FOLDER, "image-archives": FOLDER, "aws:cdk:bundling-stacks": [], ...context },
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
