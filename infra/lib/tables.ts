// The tables and views, as crates/contract and sql/ define them.
import * as fs from "node:fs";
import * as path from "node:path";

import { INFRA, REPOSITORY } from "./paths";

export interface Column {
  readonly name: string;
  /** In the words of the Glue catalogue. */
  readonly type: string;
}

export interface Table {
  readonly name: string;
  readonly description: string;
  /** Below `tables/`. That of scores has the name that a spec gives, which is also the name of the view of what is served. */
  readonly folder: string;
  readonly format: "parquet" | "json_lines";
  readonly columns: readonly Column[];
  readonly partition_keys: readonly Column[];
}

export interface View {
  readonly name: string;
  readonly description: string;
  readonly sql: string;
  readonly columns: readonly Column[];
}

/** A question that analysts start from. */
export interface Query {
  readonly name: string;
  readonly description: string;
  readonly sql: string;
}

interface ListedView {
  readonly name: string;
  readonly from: string;
  readonly columns: readonly (string | Column)[];
}

/** What crates/contract defines: the tables, and the views that show of a score table what is served. */
interface Defined {
  readonly tables: readonly Table[];
  readonly views: readonly View[];
}

export function readTables(): readonly Table[] {
  return readJson<Defined>("tables.json").tables;
}

/** Only scores have partitions: by model and day. */
export function isOfScores(table: Table): boolean {
  return table.partition_keys.length > 0;
}

/** The views in the order in which they can be made: first what is served, then those of sql/views. */
export function readViews(): View[] {
  const { tables, views } = readJson<Defined>("tables.json");
  const listed = readJson<{ views: ListedView[] }>("views.json").views.map((view) => ({
    ...readSql("views", view.name),
    columns: view.columns.map((column) => (typeof column === "string" ? columnOf([...tables, ...views], view.from, column) : column)),
  }));
  return [...views, ...listed];
}

export function readQueries(): Query[] {
  const files = fs.readdirSync(path.join(REPOSITORY, "sql", "queries")).sort();
  return files.map((file) => readSql("queries", path.basename(file, ".sql")));
}

function columnOf(sources: readonly (Table | View)[], from: string, name: string): Column {
  const column = sources.find((source) => source.name === from)?.columns.find((column) => column.name === name);
  if (column === undefined) {
    throw new Error(`views.json: ${from} has no column ${name}`);
  }
  return column;
}

/** The first line of a file says what it is for. */
function readSql(folder: "views" | "queries", name: string): Query {
  const text = fs.readFileSync(path.join(REPOSITORY, "sql", folder, `${name}.sql`), "utf8");
  const [first = "", ...rest] = text.trim().split("\n");
  if (!first.startsWith("-- ")) {
    throw new Error(`sql/${folder}/${name}.sql: its first line must say what it is for`);
  }
  return { name, description: first.slice(3), sql: rest.join("\n") };
}

function readJson<Document>(file: string): Document {
  return JSON.parse(fs.readFileSync(path.join(INFRA, file), "utf8")) as Document;
}
