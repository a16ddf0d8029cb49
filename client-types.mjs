/*
 * npm run client-types: writes the types of lib/client/wire.ts from the OpenAPI document of the last build; with --print it only prints
 * them. A test of the package fails when they are not those of the routes.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compile } from 'json-schema-to-typescript';
import { format, resolveConfig } from 'prettier';

const HEAD = `/* Made from the OpenAPI document by \`npm run client-types\`. Do not change it by hand. */`;
const OPEN = 'Record<string, unknown>';
/** Members of schemas whose members are names. */
const NAMED = new Set(['properties', 'definitions']);
const target = new URL('lib/client/wire.ts', import.meta.url);

const types = await clientTypes();
if (process.argv[2] === '--print') process.stdout.write(types);
else writeFileSync(target, types);

/** The types of what requests take and responses are, as TypeScript. */
async function clientTypes() {
  const document = JSON.parse(readFileSync(new URL('dist/openapi.json', import.meta.url), 'utf8'));
  // A type of this name would hide the class of JavaScript.
  const { Error: ErrorResponse, ...definitions } = document.components.schemas;
  definitions.ErrorResponse = ErrorResponse;
  for (const operation of Object.values(document.paths).flatMap((methods) => Object.values(methods))) {
    const name = pascalCase(operation.operationId.replace(/^scheduler\./, ''));
    const query = queryOf(operation);
    if (query) definitions[`${name}Query`] = query;
    const [answer] = Object.entries(operation.responses).flatMap(([status, { content }]) =>
      status.startsWith('2') && content ? [Object.values(content)[0].schema] : [],
    );
    // Others are components already.
    if (answer && !answer.$ref) definitions[`${name}Response`] = answer;
  }
  const text = JSON.stringify({
    definitions: Object.fromEntries(
      Object.entries(definitions).map(([name, schema]) => [name, { title: name, ...schema }]),
    ),
    type: 'object',
    properties: Object.fromEntries(Object.keys(definitions).map((name) => [name, { $ref: `#/definitions/${name}` }])),
    additionalProperties: false,
  });
  const schema = JSON.parse(
    text
      .replaceAll('#/components/schemas/', '#/definitions/')
      .replaceAll('#/definitions/Error"', '#/definitions/ErrorResponse"'),
    simplified,
  );
  const written = await compile(schema, 'WireTypes', {
    bannerComment: HEAD,
    additionalProperties: false,
    format: false,
  });
  const path = fileURLToPath(target);
  // What it has made a root of is no type of anything.
  const named = written.replace(/export interface WireTypes \{[^}]*\}\n/, '');
  return format(named, { ...(await resolveConfig(path)), filepath: path });
}

function queryOf({ parameters = [] }) {
  const query = parameters.filter((parameter) => parameter.in === 'query');
  if (query.length === 0) return undefined;
  return {
    type: 'object',
    properties: Object.fromEntries(query.map(({ description, name, schema }) => [name, { description, ...schema }])),
    required: query.filter(({ required }) => required).map(({ name }) => name),
  };
}

/** Without what types do not say, and without words beside a reference, which would make another type of it. */
function simplified(key, value) {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || NAMED.has(key)) return value;
  if (value.$ref) return { $ref: value.$ref };
  const { examples: _examples, example: _example, ...rest } = value;
  const types = [rest.type ?? []].flat();
  const isOpen = types.includes('object') && !rest.properties && rest.additionalProperties === undefined;
  if (isOpen) return { ...rest, tsType: types.includes('null') ? `${OPEN} | null` : OPEN };
  const isAnything = types.length === 0 && !rest.anyOf && !rest.enum && !rest.properties;
  return isAnything ? { ...rest, tsType: 'unknown' } : rest;
}

function pascalCase(name) {
  return name.replace(/(?:^|_)([a-z])/g, (_, letter) => letter.toUpperCase());
}
