// Reads of an image's tar, and of a program, for which processor it was made.
import * as fs from "node:fs";

import type { Architecture } from "./config";

const BLOCK = 512;
/** Documents of an image are small; what claims to be larger is not read. */
const MOST_BYTES = 1 << 20;

const PROCESSORS: Record<string, Architecture> = { arm64: "arm64", amd64: "x86_64" };

/** The names that ELF has for the two. */
const MACHINES: ReadonlyMap<number, Architecture> = new Map([[0xb7, "arm64"], [0x3e, "x86_64"]]);

/** The processor that the configuration of an image names, as `docker save` and scripts/image-archives write it. */
export function architectureOf(file: string): Architecture {
  const documents = readDocuments(file);
  const manifest = documents.get("manifest.json");
  if (manifest === undefined) {
    throw new Error(`InvalidImage: ${file} has no manifest.json: it must be as \`docker save\` writes it`);
  }
  const [image, ...more] = JSON.parse(manifest) as { readonly Config: string }[];
  if (image === undefined || more.length > 0) {
    throw new Error(`InvalidImage: ${file} must hold one image`);
  }
  const config = JSON.parse(documents.get(image.Config) ?? "{}") as { readonly architecture?: string };
  const found = PROCESSORS[config.architecture ?? ""];
  if (found === undefined) {
    throw new Error(`InvalidImage: ${file} names the processor ${config.architecture}, which Fargate does not have`);
  }
  return found;
}

/** The processor that a program's first bytes name. */
export function processorOf(program: string): Architecture {
  const head = readAt(program, 0, 20);
  const isElf = head.length === 20 && head.readUInt32BE(0) === 0x7f454c46;
  const found = isElf ? MACHINES.get(head.readUInt16LE(18)) : undefined;
  if (found === undefined) {
    throw new Error(`InvalidProgram: ${program} is no program for Linux on arm64 or x86_64`);
  }
  return found;
}

/** The small files of a tar that may be documents: layers are stepped over. */
function readDocuments(file: string): Map<string, string> {
  const documents = new Map<string, string>();
  const end = fs.statSync(file).size;
  for (let at = 0; at + BLOCK <= end; ) {
    const header = readAt(file, at, BLOCK);
    const name = text(header, 0, 100);
    if (name === "") {
      break;
    }
    const size = Number.parseInt(text(header, 124, 12).trim(), 8);
    if (!Number.isSafeInteger(size)) {
      throw new Error(`InvalidImage: ${file} is no tar: the entry at byte ${at} has no size`);
    }
    if (size <= MOST_BYTES) {
      documents.set(name.replace(/^\.\//, ""), readAt(file, at + BLOCK, size).toString("utf8"));
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return documents;
}

function readAt(file: string, position: number, length: number): Buffer {
  const handle = fs.openSync(file, "r");
  try {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, fs.readSync(handle, bytes, 0, length, position));
  } finally {
    fs.closeSync(handle);
  }
}

function text(header: Buffer, from: number, length: number): string {
  return header.subarray(from, from + length).toString("utf8").replace(/\0.*$/s, "");
}
