// Functions and images that only have to be there, for a processor.
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { IMAGES, FUNCTIONS, type Architecture } from "../lib/config";

const MACHINE: Record<Architecture, number> = { arm64: 0xb7, x86_64: 0x3e };
const NAME: Record<Architecture, string> = { arm64: "arm64", x86_64: "amd64" };

/** The head of a program, and nothing that could run. */
export function program(architecture: Architecture): Buffer {
  const bytes = Buffer.alloc(64);
  bytes.write("\x7fELF", "latin1");
  bytes.writeUInt16LE(MACHINE[architecture], 18);
  return bytes;
}

/** A tar with these files, as far as tar needs to be one. */
export function tar(files: Record<string, string | Buffer>): Buffer {
  const blocks = Object.entries(files).flatMap(([name, content]) => {
    const header = Buffer.alloc(512);
    const bytes = Buffer.from(content);
    header.write(name);
    header.write(`${bytes.length.toString(8).padStart(11, "0")}\0`, 124);
    header.write("0", 156);
    return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** As `docker save` writes an image: the layer first. */
export function image(architecture: string, name = "training"): Buffer {
  return tar({
    "layer.tar": name,
    "abc.json": JSON.stringify({ architecture, os: "linux" }),
    "manifest.json": JSON.stringify([{ Config: "abc.json", RepoTags: [`millrace-${name}:latest`], Layers: ["layer.tar"] }]),
  });
}

const folders: string[] = [];
process.on("exit", () => folders.forEach((folder) => fs.rmSync(folder, { recursive: true, force: true })));

/** Gone when the tests are. */
export function temporaryFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "millrace-infra-"));
  folders.push(folder);
  return folder;
}

/** A folder with all functions and all images. */
export function standIns(architecture: Architecture): string {
  const folder = temporaryFolder();
  for (const name of FUNCTIONS) {
    fs.mkdirSync(path.join(folder, name));
    // Each has other bytes, as they have.
    fs.writeFileSync(path.join(folder, name, "bootstrap"), Buffer.concat([program(architecture), Buffer.from(name)]), { mode: 0o755 });
  }
  for (const name of IMAGES) {
    fs.writeFileSync(path.join(folder, `${name}.tar`), image(NAME[architecture], name));
  }
  return folder;
}
