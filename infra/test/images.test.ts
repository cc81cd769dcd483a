import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";

import { architectureOf, processorOf } from "../lib/archive";
import { image, program, standIns, tar, temporaryFolder } from "./programs";
import { synthesize } from "./template";

function written(bytes: Buffer): string {
  const file = path.join(temporaryFolder(), "image.tar");
  fs.writeFileSync(file, bytes);
  return file;
}

test("an image says for which processor it was made", () => {
  assert.equal(architectureOf(written(image("arm64"))), "arm64");
  assert.equal(architectureOf(written(image("amd64"))), "x86_64");
});

test("what is no image of one processor is refused by name", () => {
  const manifest = JSON.stringify([{ Config: "absent.json" }]);
  for (const bytes of [image("riscv64"), image("wasm"), tar({ "manifest.json": "[]" }), tar({ "manifest.json": manifest }), tar({}), Buffer.from("training")]) {
    assert.throws(() => architectureOf(written(bytes)), /InvalidImage/);
  }
});

test("a program says for which processor it was made", () => {
  assert.equal(processorOf(written(program("arm64"))), "arm64");
  assert.equal(processorOf(written(program("x86_64"))), "x86_64");
  for (const bytes of [Buffer.from("#!/bin/sh\necho a script of some length\n"), Buffer.from("\x7fELF"), Buffer.alloc(0)]) {
    assert.throws(() => processorOf(written(bytes)), /InvalidProgram/);
  }
});

test("images and functions of another processor than the environment's are refused", () => {
  const [right, wrong] = [standIns("arm64"), standIns("x86_64")];
  assert.doesNotThrow(() => synthesize("dev", { functions: right, "image-archives": right }));
  assert.throws(() => synthesize("dev", { functions: right, "image-archives": wrong }), /WrongArchitecture: .*training\.tar is an image for x86_64, and the task runs on arm64/);
  assert.throws(() => synthesize("dev", { functions: wrong, "image-archives": right }), /WrongArchitecture: .*bootstrap is for x86_64/);
});
