// Apollo Client 4, as applications set it up, driven by JSON lines from the test.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { RetryLink } from '@apollo/client/link/retry';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { buildSchema, isAbstractType } from 'graphql';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { follow } from './following.js';
import { print, serve } from './lines.js';
import { recordingFetch, requests } from './recording.js';

const { url, token, transport } = JSON.parse(process.argv[2]);

const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));
const possibleTypes = Object.fromEntries(
  Object.values(schema.getTypeMap())
    .filter(isAbstractType)
    .map((type) => [type.name, schema.getPossibleTypes(type).map(({ name }) => name)]),
);
const headers = { authorization: `Bearer ${token}` };
const http = new HttpLink({ uri: url, headers, fetch: recordingFetch });

function clientThrough(...links) {
  return new ApolloClient({
    link: ApolloLink.from(links),
    cache: new InMemoryCache({ possibleTypes }),
    defaultOptions: { query: { fetchPolicy: 'network-only' } },
  });
}

const clients = {
  retrying: clientThrough(new RetryLink({ delay: { initial: 20 }, attempts: { max: 4 } }), http),
  persisting: clientThrough(
    new PersistedQueryLink({
      sha256: (text) => createHash('sha256').update(text).digest('hex'),
      useGETForHashedQueries: true,
    }),
    http,
  ),
};

function isMutation(document) {
  return document.definitions.some(({ operation }) => operation === 'mutation');
}

async function execute(client, { query, variables }) {
  const document = gql(query);
  try {
    const { data } = isMutation(document)
      ? await client.mutate({ mutation: document, variables })
      : await client.query({ query: document, variables });
    return { data };
  } catch (error) {
    return { error: `${error.name}: ${error.message}` };
  }
}

function overWebSocket() {
  // The one that begins anew is follow, because only it knows which entry came last.
  const ws = createClient({
    url: url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { Authorization: headers.authorization },
    retryAttempts: 0,
  });
  return new GraphQLWsLink(ws);
}

function subscribing(query) {
  const client = clientThrough(transport === 'multipart' ? http : overWebSocket());
  return (variables, sink) => {
    client.subscribe({ query: gql(query), variables, fetchPolicy: 'no-cache' }).subscribe({
      next({ data, error }) {
        if (data) sink.next(data);
        else if (CombinedGraphQLErrors.is(error)) sink.refused(error.message);
        else sink.lost();
      },
    });
  };
}

await serve(async (asked) => {
  if (asked.follow) {
    follow(subscribing(asked.query), asked.follow, asked.after);
  } else {
    const answer = await execute(clients[asked.client], asked);
    print({ ...answer, requests: requests() });
  }
});
process.exit();
