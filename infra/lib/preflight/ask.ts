// Questions to an account, by AWS's own command line. They only read.
import { spawnSync } from "node:child_process";

export type Answer =
  | { readonly is: "answered"; readonly value: any }
  /** No permission, no such service, no network: what it said. */
  | { readonly is: "unanswered"; readonly why: string };

/** The words after `aws`. Tests give answers of their own. */
export type Ask = (words: readonly string[]) => Answer;

const LIMIT_MILLISECONDS = 60_000;

export function askAws(words: readonly string[]): Answer {
  const done = spawnSync(process.env.MILLRACE_AWS ?? "aws", [...words, "--output", "json"], { encoding: "utf8", timeout: LIMIT_MILLISECONDS });
  if (done.error !== undefined) {
    return { is: "unanswered", why: done.error.message };
  }
  if (done.status !== 0) {
    return { is: "unanswered", why: done.stderr.trim().split("\n").pop() ?? "" };
  }
  try {
    return { is: "answered", value: JSON.parse(done.stdout.trim() === "" ? "{}" : done.stdout) };
  } catch {
    return { is: "unanswered", why: `aws ${words.slice(0, 2).join(" ")} gave no JSON` };
  }
}

/** What a check found. `blocked`: a deployment would fail or break something; `unknown`: nobody could say. */
export interface Finding {
  readonly name: string;
  readonly state: "fine" | "blocked" | "unknown";
  readonly text: string;
}

export function unknown(name: string, needed: string, why: string): Finding {
  return { name, state: "unknown", text: `${needed}; not checked: ${why}` };
}
