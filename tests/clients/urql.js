// urql, as applications set it up, driven by JSON lines from the test.
import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { retryExchange } from '@urql/exchange-retry';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createWsClient } from 'graphql-ws';
import { parse } from 'graphql';
import WebSocket from 'ws';
import { follow } from './following.js';
import { print, serve } from './lines.js';
import { recordingFetch, requests } from './recording.js';

// urql aborts a fetch once it has its answer, and Node's fetch may reject a promise that nobody has.
process.on('unhandledRejection', (reason) => {
  if (reason?.name !== 'AbortError') throw reason;
});

const { url, token, transport } = JSON.parse(process.argv[2]);
const headers = { authorization: `Bearer ${token}` };

// The ones that begin anew are follow, because only it knows which entry came last.
const transports = {
  'graphql-ws': () =>
    createWsClient({
      url: url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { Authorization: headers.authorization },
      retryAttempts: 0,
    }),
  'graphql-sse': () => createSseClient({ url, headers, retryAttempts: 0 }),
};

function subscriptions() {
  const client = transports[transport]();
  return subscriptionExchange({
    forwardSubscription: ({ query, variables }) => ({
      subscribe: (sink) => ({ unsubscribe: client.subscribe({ query, variables }, sink) }),
    }),
  });
}

const client = new Client({
  url,
  fetch: recordingFetch,
  fetchOptions: { headers },
  requestPolicy: 'network-only',
  fetchSubscriptions: !transport,
  exchanges: [
    ...(transport ? [subscriptions()] : []),
    retryExchange({
      initialDelayMs: 20,
      maxNumberAttempts: 4,
      retryIf: ({ networkError }, { kind }) => networkError && kind !== 'subscription',
    }),
    fetchExchange,
  ],
});

function isMutation(query) {
  return parse(query).definitions.some(({ operation }) => operation === 'mutation');
}

async function execute({ query, variables }) {
  const { data, error } = isMutation(query)
    ? await client.mutation(query, variables)
    : await client.query(query, variables);
  return error ? { error: error.message } : { data };
}

function subscribing(query) {
  return (variables, sink) => {
    let over = false;
    client.subscription(query, variables).subscribe(({ data, error, hasNext }) => {
      if (over) return;
      over = Boolean(error) || hasNext === false;
      if (error?.graphQLErrors.length) sink.refused(error.message);
      else if (over) sink.lost();
      else sink.next(data);
    });
  };
}

await serve(async (asked) => {
  if (asked.follow) {
    follow(subscribing(asked.query), asked.follow, asked.after);
  } else {
    const answer = await execute(asked);
    print({ ...answer, requests: requests() });
  }
});
process.exit();
