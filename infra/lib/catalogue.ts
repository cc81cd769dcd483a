// The Glue database with the tables and views that crates/contract defines, and the views of sql/views.
import { Stack, type CfnResource } from "aws-cdk-lib";
import * as glue from "aws-cdk-lib/aws-glue";
import * as lakeformation from "aws-cdk-lib/aws-lakeformation";
import { Construct } from "constructs";

import type { Config } from "./config";
import type { Data } from "./data";
import { readTables, readViews, type Column, type Table, type View } from "./tables";

const HIVE = "org.apache.hadoop.hive.ql.io";

interface Format {
  readonly classification: string;
  readonly input: string;
  readonly output: string;
  readonly library: string;
}

const FORMATS: Record<Table["format"], Format> = {
  parquet: {
    classification: "parquet",
    input: `${HIVE}.parquet.MapredParquetInputFormat`,
    output: `${HIVE}.parquet.MapredParquetOutputFormat`,
    library: `${HIVE}.parquet.serde.ParquetHiveSerDe`,
  },
  json_lines: {
    classification: "json",
    input: "org.apache.hadoop.mapred.TextInputFormat",
    output: `${HIVE}.HiveIgnoreKeyTextOutputFormat`,
    library: "org.openx.data.jsonserde.JsonSerDe",
  },
};

export class Catalogue extends Construct {
  /** Names of Glue have no hyphens. */
  readonly databaseName: string;
  readonly tables: readonly Table[];
  readonly views: readonly View[];

  constructor(scope: Construct, id: string, config: Config, private readonly data: Data) {
    super(scope, id);
    this.databaseName = config.name.replaceAll("-", "_");
    const database = new glue.CfnDatabase(this, "Database", {
      catalogId: Stack.of(this).account,
      databaseInput: { name: this.databaseName, description: "What Millrace predicts, and why that may be believed." },
    });
    this.tables = readTables();
    this.views = readViews();
    for (const table of this.tables) {
      this.table(table.name, this.tableInput(table)).addResourceDependency(database);
    }
    for (const view of this.views) {
      this.table(view.name, this.viewInput(view)).addResourceDependency(database);
    }
    if (config.lakeFormation.grantIamPrincipals) {
      this.leaveToIam(database);
    }
  }

  /**
   * Where Lake Formation is strict, nobody may use what is new, whatever IAM says. This gives this one database and its tables
   * back to IAM, whose policies say who may do what: those of this stack, and those of analysts.
   */
  private leaveToIam(database: glue.CfnDatabase): void {
    const catalogId = Stack.of(this).account;
    const databaseName = this.databaseName;
    const grant = (id: string, resource: lakeformation.CfnPrincipalPermissions.ResourceProperty, made: CfnResource) =>
      new lakeformation.CfnPrincipalPermissions(this, `${id}-grant`, {
        principal: { dataLakePrincipalIdentifier: "IAM_ALLOWED_PRINCIPALS" },
        permissions: ["ALL"],
        permissionsWithGrantOption: [],
        resource,
      }).addResourceDependency(made);
    grant("database", { database: { catalogId, name: databaseName } }, database);
    for (const { name } of [...this.tables, ...this.views]) {
      grant(name, { table: { catalogId, databaseName, name } }, this.node.findChild(name) as CfnResource);
    }
  }

  private table(name: string, tableInput: glue.CfnTable.TableInputProperty): glue.CfnTable {
    return new glue.CfnTable(this, name, { catalogId: Stack.of(this).account, databaseName: this.databaseName, tableInput });
  }

  private tableInput(table: Table): glue.CfnTable.TableInputProperty {
    const format = FORMATS[table.format];
    return {
      name: table.name,
      description: table.description,
      tableType: "EXTERNAL_TABLE",
      parameters: { classification: format.classification, EXTERNAL: "TRUE" },
      partitionKeys: [...table.partition_keys],
      storageDescriptor: {
        columns: [...table.columns],
        location: this.data.store.s3UrlForObject(`tables/${table.folder}/`),
        inputFormat: format.input,
        outputFormat: format.output,
        serdeInfo: { serializationLibrary: format.library },
      },
    };
  }

  private viewInput(view: View): glue.CfnTable.TableInputProperty {
    return {
      name: view.name,
      description: view.description,
      tableType: "VIRTUAL_VIEW",
      parameters: { presto_view: "true", comment: "Presto View" },
      partitionKeys: [],
      storageDescriptor: { columns: [...view.columns], location: "", serdeInfo: {} },
      viewOriginalText: viewText(view, this.databaseName),
      viewExpandedText: "/* Presto View */",
    };
  }
}

/** How Athena keeps a view: a document in Base64, with its types by their names in SQL. */
export function viewText(view: View, schema: string): string {
  const document = {
    originalSql: view.sql,
    catalog: "awsdatacatalog",
    schema,
    columns: view.columns.map((column) => ({ name: column.name, type: sqlType(column) })),
  };
  return `/* Presto View: ${Buffer.from(JSON.stringify(document)).toString("base64")} */`;
}

const SQL_TYPES: Record<string, string> = {
  string: "varchar",
  bigint: "bigint",
  double: "double",
  boolean: "boolean",
  date: "date",
  timestamp: "timestamp(3)",
};

function sqlType(column: Column): string {
  const type = SQL_TYPES[column.type];
  if (type === undefined) {
    throw new Error(`the column ${column.name} is of the type ${column.type}, which no view has`);
  }
  return type;
}
