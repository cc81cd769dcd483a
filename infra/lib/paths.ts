// Where things are, seen from the compiled file in infra/build/lib.
import * as path from "node:path";

export const INFRA = path.resolve(__dirname, "../..");
export const REPOSITORY = path.resolve(INFRA, "..");
