// What a state machine of statemachines/ needs: read from the very file that is deployed.
import * as fs from "node:fs";
import * as path from "node:path";

import { REPOSITORY } from "./paths";

export type MachineName = "training" | "inference";

/** A Task state: the service that it calls, and the placeholders that its arguments name. */
export interface Task {
  readonly state: string;
  /** Such as `lambda:invoke` or `aws-sdk:glue:createPartition`. */
  readonly resource: string;
  readonly placeholders: readonly string[];
}

export interface Machine {
  readonly name: MachineName;
  readonly definition: string;
  readonly tasks: readonly Task[];
  /** Every `${...}` of the file, sorted. */
  readonly placeholders: readonly string[];
}

interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly Arguments?: unknown;
  readonly Branches?: readonly States[];
  readonly ItemProcessor?: States & { readonly ProcessorConfig?: { readonly Mode?: string } };
  readonly ResultWriter?: { readonly Resource: string; readonly Arguments?: unknown };
}

interface States {
  readonly States: Record<string, State>;
}

const RESOURCE = "arn:aws:states:::";

export function readMachine(name: MachineName): Machine {
  const definition = fs.readFileSync(path.join(REPOSITORY, "statemachines", `${name}.asl.json`), "utf8");
  return { name, definition, tasks: tasksOf(JSON.parse(definition)), placeholders: placeholdersOf(definition) };
}

function tasksOf(machine: States): Task[] {
  return Object.entries(machine.States).flatMap(([state, body]) => {
    const inner = [...(body.Branches ?? []), ...(body.ItemProcessor ? [body.ItemProcessor] : [])].flatMap(tasksOf);
    // A distributed Map starts executions of its own machine, and writes what came of them.
    const distributed = body.ItemProcessor?.ProcessorConfig?.Mode === "DISTRIBUTED"
      ? [{ state, resource: "map:distributed", placeholders: [] }, ...(body.ResultWriter ? [taskOf(state, { Type: "Task", ...body.ResultWriter })] : [])]
      : [];
    return body.Type === "Task" ? [taskOf(state, body), ...inner] : [...distributed, ...inner];
  });
}

function taskOf(state: string, body: State): Task {
  const resource = body.Resource ?? "";
  if (!resource.startsWith(RESOURCE)) {
    throw new Error(`the state ${state} calls ${resource}: only ${RESOURCE}... is known`);
  }
  return {
    state,
    resource: resource.slice(RESOURCE.length),
    placeholders: placeholdersOf(JSON.stringify(body.Arguments ?? {})),
  };
}

export function placeholdersOf(text: string): string[] {
  const names = [...text.matchAll(/\$\{([A-Za-z]+)\}/g)].map((match) => match[1] ?? "");
  return [...new Set(names)].sort();
}
