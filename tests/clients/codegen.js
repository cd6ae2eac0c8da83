// Prints the TypeScript that GraphQL Code Generator makes of {schema, documents}, by file name.
import { codegen } from '@graphql-codegen/core';
import * as typescript from '@graphql-codegen/typescript';
import * as operations from '@graphql-codegen/typescript-operations';
import { parse } from 'graphql';
import { print, readAll } from './lines.js';

const { schema, documents } = await readAll();

function generated(filename, plugin) {
  return codegen({
    filename,
    schema: parse(schema),
    documents: documents.map((text, index) => ({ location: `${index}`, document: parse(text) })),
    config: { scalars: { DateTime: 'string', MinorUnits: 'number' }, strictScalars: true, enumsAsTypes: true },
    pluginMap: { plugin },
    plugins: [{ plugin: {} }],
  });
}

print({
  'schema.ts': await generated('schema.ts', typescript),
  'operations.ts': await generated('operations.ts', operations),
});
