// Where the images of the containers come from, and what is refused before anything is deployed.
import * as fs from "node:fs";
import * as path from "node:path";

import { Platform } from "aws-cdk-lib/aws-ecr-assets";
import * as ecs from "aws-cdk-lib/aws-ecs";

import { architectureOf } from "./archive";
import type { Architecture, ContainerName, ImageName } from "./config";
import { REPOSITORY } from "./paths";

export type Images =
  /** Built by Docker from the sources, as fargate/<name>/Dockerfile says. */
  | { readonly from: "sources" }
  /** Files `<folder>/<name>.tar`, as scripts/image-archives and `docker save` write them. */
  | { readonly from: "archives"; readonly folder: string }
  /** `<prefix><name>` as the engine of an emulator knows it. */
  | { readonly from: "engine"; readonly prefix: string };

export function imageOf(container: ContainerName): ImageName {
  return container === "validation" ? "inference" : container;
}

export function containerImage(container: ContainerName, images: Images, architecture: Architecture): ecs.ContainerImage {
  const name = imageOf(container);
  switch (images.from) {
    case "engine":
      return ecs.ContainerImage.fromRegistry(`${images.prefix}${name}`);
    case "archives":
      return ecs.ContainerImage.fromTarball(archive(images.folder, name, architecture));
    case "sources":
      return ecs.ContainerImage.fromAsset(REPOSITORY, sources(name, architecture));
  }
}

/** What of a folder a build of an image sees is said by the folder's own .dockerignore. */
export function sources(name: ImageName, architecture: Architecture) {
  return {
    file: `fargate/${name}/Dockerfile`,
    platform: architecture === "arm64" ? Platform.LINUX_ARM64 : Platform.LINUX_AMD64,
  };
}

/** On AWS a program of another processor would only say "exec format error", at the first run. */
function archive(folder: string, name: ImageName, wanted: Architecture): string {
  const file = path.resolve(folder, `${name}.tar`);
  if (!fs.existsSync(file)) {
    throw new Error(`there is no ${file}: \`scripts/image-archives ${wanted}\` makes it`);
  }
  const found = architectureOf(file);
  if (found !== wanted) {
    throw new Error(`WrongArchitecture: ${file} is an image for ${found}, and the task runs on ${wanted}: \`scripts/image-archives ${wanted}\` makes the right one`);
  }
  return file;
}
