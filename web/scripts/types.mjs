// Writes src/contract.ts from the server's models; with --check, fails when the committed file is not current.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const environment = here("../../.venv/bin/python");
const python = process.env.PYTHON ?? (existsSync(environment) ? environment : "python3");
const target = here("../src/contract.ts");

const schema = JSON.parse(execFileSync(python, [here("schema.py")], { encoding: "utf8" }));
const ast = await openapiTS(schema, { rootTypes: true, rootTypesNoSchemaPrefix: true, alphabetize: true });
const text = `// Made by \`npm run types\` from src/binome/experiment/api.py; do not edit.\n\n${astToString(ast)}`;

if (process.argv.includes("--check")) {
  if (!existsSync(target) || readFileSync(target, "utf8") !== text) {
    console.error("web/src/contract.ts is not current: run `make web-types` and commit the result.");
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
}
