// Whether Lake Formation lets anybody use what the stack adds to the catalogue.
import type { Config } from "../config";
import { unknown, type Ask, type Finding } from "./ask";

export function checkCatalogue(config: Config, ask: Ask): Finding {
  const name = "LakeFormationStrict";
  const answer = ask(["lakeformation", "get-data-lake-settings"]);
  if (answer.is === "unanswered") {
    return unknown(name, "IAM must decide about new databases, or lakeFormation.grantIamPrincipals be set", answer.why);
  }
  const settings = answer.value?.DataLakeSettings ?? {};
  const toIam = (list: unknown) =>
    Array.isArray(list) && list.some((one) => one?.Principal?.DataLakePrincipalIdentifier === "IAM_ALLOWED_PRINCIPALS");
  if (toIam(settings.CreateDatabaseDefaultPermissions) && toIam(settings.CreateTableDefaultPermissions)) {
    return { name, state: "fine", text: "IAM decides about new databases and tables" };
  }
  if (config.lakeFormation.grantIamPrincipals) {
    return { name, state: "fine", text: "Lake Formation is strict here, and the stack grants its database to IAM" };
  }
  return {
    name,
    state: "blocked",
    text: "Lake Formation is strict in this account, so that no query would find the tables: set lakeFormation.grantIamPrincipals, or let its administrator grant them (docs/DEPLOYMENT.md)",
  };
}
