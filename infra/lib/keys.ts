// Who may vouch for models, and what hides customers' ids: public keys, and the names of secrets.
//
// They belong to an installation and not to this repository, so that they may also come from the shell of whoever
// deploys: MILLRACE_VERIFY_KEYS, MILLRACE_SIGNING_SECRET, MILLRACE_PSEUDONYM_SECRET.
import { SecretValue } from "aws-cdk-lib";

import type { Config, ContainerName, FunctionName } from "./config";
import type { Value } from "./shape";

export interface Keys {
  /** Whether a stack without public keys is refused. */
  readonly required: boolean;
  /** Ed25519, in hexadecimal. Without any, no signature is asked for. */
  readonly verify: readonly string[];
  /** The ARN of the secret that holds the content of signing.key. */
  readonly signingSecret: string | undefined;
  /** The ARN of the secret that holds the content of pseudonym.key. */
  readonly pseudonymSecret: string | undefined;
}

const PUBLIC_KEY = /^[0-9a-f]{64}$/;
const SECRET = /^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+$/;

export function readKeys(value: Value, shell: NodeJS.ProcessEnv = process.env): Keys {
  const given = value.object(["required", "verify", "signingSecret", "pseudonymSecret"], ["signingSecret", "pseudonymSecret"]);
  const verify = given.verify.list((item) => item.text(PUBLIC_KEY, "a public key of 64 small hexadecimal digits"));
  for (const key of (shell.MILLRACE_VERIFY_KEYS ?? "").split(",").map((text) => text.trim()).filter(Boolean)) {
    verify.push(PUBLIC_KEY.test(key) ? key : given.verify.fail("and MILLRACE_VERIFY_KEYS must be public keys of 64 small hexadecimal digits"));
  }
  const secret = (one: Value, variable: string): string | undefined => {
    const name = one.isAbsent() ? shell[variable] : one.text(SECRET, "the ARN of a secret");
    return name === undefined || SECRET.test(name) ? name : one.fail(`is taken from ${variable}, which must be the ARN of a secret`);
  };
  const required = given.required.boolean();
  if (required && verify.length === 0) {
    given.verify.fail("must name a public key, here or in MILLRACE_VERIFY_KEYS: `millrace keys make` makes one");
  }
  const signingSecret = secret(given.signingSecret, "MILLRACE_SIGNING_SECRET");
  if (verify.length > 0 && signingSecret === undefined) {
    given.signingSecret.fail("is missing: signatures are asked for, and nothing would make them");
  }
  return { required, verify, signingSecret, pseudonymSecret: secret(given.pseudonymSecret, "MILLRACE_PSEUDONYM_SECRET") };
}

/** The programs that use models: they refuse one that none of these keys signed. */
const VERIFY: readonly (FunctionName | ContainerName)[] = ["registry", "fairness-gate", "publish", "inference"];

export function verifyVariables(program: FunctionName | ContainerName, config: Config): Record<string, string> {
  const { verify } = config.keys;
  return VERIFY.includes(program) && verify.length > 0 ? { MILLRACE_VERIFY_KEYS: verify.join(",") } : {};
}

/** Whether a function is given a secret: then its variables are encrypted with the stack's own key. */
export function holdsSecret(name: FunctionName, config: Config): boolean {
  const { signingSecret, pseudonymSecret } = config.keys;
  return (name === "registry" && signingSecret !== undefined) || (name === "validate" && pseudonymSecret !== undefined);
}

/**
 * What a function is given. A secret stands in the template as a reference that CloudFormation resolves: a function
 * cannot take one by itself without another client, a permission and a call at each start.
 */
export function functionVariables(name: FunctionName, config: Config): Record<string, string> {
  const { signingSecret, pseudonymSecret } = config.keys;
  const resolved = (secret: string) => SecretValue.secretsManager(secret).unsafeUnwrap();
  return {
    ...verifyVariables(name, config),
    ...(name === "registry" && signingSecret !== undefined ? { MILLRACE_SIGNING_KEY: resolved(signingSecret) } : {}),
    // It writes the table of rows that were put aside.
    ...(name === "validate" && pseudonymSecret !== undefined ? { MILLRACE_PSEUDONYM_KEY: resolved(pseudonymSecret) } : {}),
  };
}
