// What leaves this machine when an image is built from the sources, or when the repository is committed.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";

import { App, Stack } from "aws-cdk-lib";
import { DockerImageAsset } from "aws-cdk-lib/aws-ecr-assets";

import { IMAGES } from "../lib/config";
import { sources } from "../lib/images";
import { REPOSITORY } from "../lib/paths";
import { temporaryFolder } from "./programs";

/** Where somebody might leave them: the first is where docs/DEPLOYMENT.md has them made. */
const SECRETS = [
  "keys/signing.key", "keys/pseudonym.key", "keys/verify.key", "signing.key", "crates/keys/signing.key", "fargate/training/pseudonym.key",
  "scripts/private.pem", "cli/.env", "crates/.env.local", ".env", ".aws/credentials", "infra/cdk.out/outputs.json", ".millrace/models/model.json",
  "customers/part-0.parquet", "infra/config/secret.json", "docs/notes.txt",
];
const MARK = "ba5eba11-secret";

/** The files of the repository that git knows, and secrets beside them. */
function repositoryWithSecrets(): string {
  const folder = path.join(temporaryFolder(), "repository");
  const files = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: REPOSITORY, encoding: "utf8" }).split("\0");
  for (const file of files.filter((name) => name !== "" && fs.existsSync(path.join(REPOSITORY, name)))) {
    write(folder, file, fs.readFileSync(path.join(REPOSITORY, file)));
  }
  for (const secret of SECRETS) {
    write(folder, secret, Buffer.from(MARK));
  }
  return folder;
}

function write(folder: string, file: string, content: Buffer): void {
  fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  fs.writeFileSync(path.join(folder, file), content);
}

/** What a build of the image would be sent. */
function contextOf(repository: string, name: (typeof IMAGES)[number]): string {
  const outdir = path.join(temporaryFolder(), "out");
  const app = new App({ outdir });
  const stack = new Stack(app, "Images");
  new DockerImageAsset(stack, name, { directory: repository, ...sources(name, "arm64") });
  app.synth();
  const [folder, ...more] = fs.readdirSync(outdir).filter((entry) => entry.startsWith("asset."));
  assert.deepEqual(more, []);
  return path.join(outdir, folder ?? assert.fail("nothing was staged"));
}

function filesBelow(folder: string): string[] {
  const entries = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name))).sort();
}

test("no secret is in what a build of an image is sent, and all that it needs is", () => {
  const repository = repositoryWithSecrets();
  for (const name of IMAGES) {
    const context = contextOf(repository, name);
    const files = filesBelow(context);
    const leaked = files.filter((file) => fs.readFileSync(path.join(context, file)).includes(MARK));
    assert.deepEqual(leaked.filter((file) => !file.endsWith("context.test.ts")), []);
    const folders = new Set(files.map((file) => file.split("/")[0]));
    assert.deepEqual([...folders].sort(), [".dockerignore", "Cargo.lock", "Cargo.toml", "cli", "contracts", "crates", "fargate", "lambdas", "models", "scripts", "tests"]);
    // All members of the workspace, with all of their programs.
    const asked = spawnSync("cargo", ["metadata", "--locked", "--no-deps", "--format-version", "1"], { cwd: context, encoding: "utf8" });
    assert.equal(asked.status, 0, asked.stderr);
  }
});

test("git takes no key, wherever `millrace keys make` wrote it", () => {
  for (const file of SECRETS.filter((secret) => secret.endsWith(".key"))) {
    const asked = spawnSync("git", ["check-ignore", "--quiet", "--no-index", file], { cwd: REPOSITORY });
    assert.equal(asked.status, 0, file);
  }
  const known = execFileSync("git", ["ls-files", "*.key", "keys/"], { cwd: REPOSITORY, encoding: "utf8" });
  assert.equal(known, "");
});
