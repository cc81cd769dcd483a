// The pairs of processors and memory that Fargate has.
import { Value } from "./shape";

export interface ContainerSize {
  /** 1024 is one processor. */
  readonly cpu: number;
  readonly memoryMiB: number;
}

/** For each number of processor units: the least memory, the most, and the step between, in MiB. */
const FARGATE: ReadonlyMap<number, readonly [number, number, number]> = new Map([
  [512, [1024, 4096, 1024]],
  [1024, [2048, 8192, 1024]],
  [2048, [4096, 16_384, 1024]],
  [4096, [8192, 30_720, 1024]],
  [8192, [16_384, 61_440, 4096]],
  [16_384, [32_768, 122_880, 8192]],
]);

export function readContainerSize(value: Value): ContainerSize {
  const given = value.object(["cpu", "memoryMiB"]);
  const cpu = given.cpu.wholeOf([...FARGATE.keys()]);
  const [least, most, step] = FARGATE.get(cpu) ?? [0, 0, 1];
  const memoryMiB = given.memoryMiB.whole(least, most);
  if (memoryMiB % step !== 0) {
    given.memoryMiB.fail(`must be a multiple of ${step}`);
  }
  return { cpu, memoryMiB };
}
