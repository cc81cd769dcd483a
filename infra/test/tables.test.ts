import assert from "node:assert/strict";
import { test } from "node:test";

import { placeholdersOf } from "../lib/asl";
import { isOfScores, readQueries, readTables, readViews } from "../lib/tables";
import { environment, ofType } from "./template";

const tables = readTables();
const views = readViews();
const made = environment("production");

function glue(name: string) {
  const found = ofType(made, "AWS::Glue::Table").find((table) => table.Properties.TableInput.Name === name);
  assert.ok(found, name);
  return found.Properties.TableInput;
}

test("the catalogue has every table of crates/contract with its columns, and every view", () => {
  const names = ofType(made, "AWS::Glue::Table").map((table) => table.Properties.TableInput.Name).sort();
  assert.deepEqual(names, [...tables, ...views].map((one) => one.name).sort());
  for (const table of tables) {
    const input = glue(table.name);
    assert.equal(input.TableType, "EXTERNAL_TABLE");
    const columns = (list: any[]) => list.map((column) => [column.Name, column.Type]);
    assert.deepEqual(columns(input.StorageDescriptor.Columns), table.columns.map((column) => [column.name, column.type]));
    assert.deepEqual(columns(input.PartitionKeys), table.partition_keys.map((column) => [column.name, column.type]));
    assert.match(JSON.stringify(input.StorageDescriptor.Location), new RegExp(`/tables/${table.folder}/"`));
  }
});

test("the tables that are wanted are there, scores by model and day where they always lay", () => {
  const wanted = ["churn_by_run", "data_quality", "gate_verdicts", "gemstone_prices_by_run", "model_versions", "predictions_by_run", "quarantine", "runs", "served"];
  assert.deepEqual(tables.map((table) => table.name).sort(), wanted);
  assert.deepEqual(glue("predictions_by_run").PartitionKeys, [{ Name: "model", Type: "string" }, { Name: "scored_on", Type: "date" }]);
  assert.match(JSON.stringify(glue("predictions_by_run").StorageDescriptor.Location), /\/tables\/predictions\/"/);
});

for (const table of tables.filter(isOfScores)) {
  const name = table.folder;
  test(`${name} shows of ${table.name} what is served, and all of its columns`, () => {
    const view = views.find((view) => view.name === name);
    assert.ok(view);
    assert.deepEqual(view.columns, [...table.columns, ...table.partition_keys]);
    assert.deepEqual(sources(view.sql), [table.name, "served"]);
    for (const key of ["model", "scored_on", "run_id"]) {
      assert.match(view.sql, new RegExp(`s\\.${key} = p\\.${key}\\b`));
    }
    assert.ok(view.sql.includes(`s.table_name = '${name}'`));
  });
}

/** What the outermost SELECT gives, by its names. */
function selected(sql: string): string[] {
  const list = /^\s*SELECT\s+([\s\S]*?)\nFROM\s/.exec(sql)?.[1];
  assert.ok(list, sql);
  return list.split(",\n").map((item) => /([a-z_0-9]+)\s*$/.exec(item)?.[1] ?? item);
}

for (const view of views) {
  test(`the view ${view.name} has the columns of its SQL, in their order`, () => {
    assert.deepEqual(view.columns.map((column) => column.name), selected(view.sql));
  });

  test(`the view ${view.name} is written as Athena reads it`, () => {
    const input = glue(view.name);
    assert.equal(input.TableType, "VIRTUAL_VIEW");
    const encoded = /^\/\* Presto View: (\S+) \*\/$/.exec(input.ViewOriginalText)?.[1] ?? "";
    const document = JSON.parse(Buffer.from(encoded, "base64").toString("utf8"));
    assert.equal(document.originalSql, view.sql);
    assert.equal(document.schema, "millrace");
    assert.ok(document.columns.every((column: any) => column.type !== "string" && column.type !== undefined));
  });
}

/** The names after FROM and JOIN. */
function sources(sql: string): string[] {
  return [...sql.matchAll(/\b(?:FROM|JOIN)\s+([a-z_]+)/g)].map((match) => match[1] ?? "");
}

test("views and queries ask only tables, and views that were made before", () => {
  const known = new Set(tables.map((table) => table.name));
  for (const view of views) {
    assert.deepEqual(sources(view.sql).filter((name) => !known.has(name)), [], view.name);
    known.add(view.name);
  }
  for (const query of readQueries()) {
    assert.deepEqual(sources(query.sql).filter((name) => !known.has(name)), [], query.name);
  }
});

test("every query of sql/queries is offered to analysts", () => {
  const named = ofType(made, "AWS::Athena::NamedQuery").map((query) => query.Properties);
  assert.deepEqual(named.map((query) => query.Name).sort(), readQueries().map((query) => query.name).sort());
  assert.ok(named.every((query) => query.WorkGroup === "millrace" && query.Description.length > 10));
  assert.ok(named.every((query) => placeholdersOf(query.QueryString).length === 0));
});
