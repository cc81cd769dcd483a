#!/usr/bin/env node
// What to type after a deployment: next.js <outputs.json>
import * as fs from "node:fs";

const file = process.argv[2];
if (file === undefined) {
  console.error("next.js <outputs.json>");
  process.exit(2);
}
const stacks = JSON.parse(fs.readFileSync(file, "utf8")) as Record<string, Record<string, string>>;
for (const outputs of Object.values(stacks)) {
  const features = `s3://${outputs.FeaturesBucket}`;
  const training = JSON.stringify({ spec: `${features}/models/engagement.toml`, data: `${features}/customers` });
  console.log(`
Next: bring the spec, its contract and your rows, and train.

  aws s3 cp models/engagement.toml ${features}/models/
  aws s3 cp contracts/customers.toml ${features}/contracts/
  millrace generate --out ${features}/customers
  aws stepfunctions start-execution --state-machine-arn ${outputs.TrainingMachine} \\
    --input '${training}'

The store is ${outputs.Store}: \`millrace models list --store ${outputs.Store}\`. The schedules are off until
\`schedules\` in the environment's configuration turns them on.`);
}
