// scripts/image_archive.py, which makes images without an engine: what it writes is what synthesis reads.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";

import { architectureOf, processorOf } from "../lib/archive";
import { REPOSITORY } from "../lib/paths";
import { program, temporaryFolder } from "./programs";

/** A small program of this machine, and where its libraries are. */
const PROGRAM = fs.realpathSync("/bin/true");
const LIBRARIES = ["/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu", "/lib64", "/usr/lib"].filter((folder) => fs.existsSync(folder));
const HERE = processorOf(PROGRAM);
const ELSEWHERE = HERE === "arm64" ? "x86_64" : "arm64";

function assemble(folder: string, architecture: string, from = PROGRAM, libraries = LIBRARIES) {
  const file = path.join(folder, "image.tar");
  const places = libraries.flatMap((one) => ["--libraries", one]);
  const words = ["--architecture", architecture, "--program", from, ...places, "--certificates", PROGRAM, "--tag", "t:latest", "--archive", file];
  const done = spawnSync("python3", [path.join(REPOSITORY, "scripts", "image_archive.py"), ...words], { encoding: "utf8" });
  return { file, ...done };
}

test("an image is made without an engine, the same bytes each time, and says its processor", () => {
  const [first, second] = [assemble(temporaryFolder(), HERE), assemble(temporaryFolder(), HERE)];
  assert.equal(first.status, 0, first.stderr);
  assert.equal(architectureOf(first.file), HERE);
  assert.ok(fs.readFileSync(first.file).equals(fs.readFileSync(second.file)));
});

test("a program of another processor, one whose library is missing, and what is no program are refused by name", () => {
  assert.match(assemble(temporaryFolder(), ELSEWHERE).stderr, /WrongArchitecture: .* is for .*, and the image is for/);
  assert.match(assemble(temporaryFolder(), HERE, PROGRAM, [temporaryFolder()]).stderr, /LibraryMissing: /);
  const folder = temporaryFolder();
  const [script, head] = [path.join(folder, "script"), path.join(folder, "head")];
  fs.writeFileSync(script, "#!/bin/sh\n");
  fs.writeFileSync(head, program("arm64"));
  assert.match(assemble(folder, HERE, script).stderr, /InvalidProgram: /);
  assert.match(assemble(folder, HERE, head).stderr, /InvalidProgram: |WrongArchitecture: /);
  assert.ok(!fs.existsSync(path.join(folder, "image.tar")), "nothing half is left");
});
