// graphql-ws by itself: it connects again by itself, and asks for what it has missed.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { print, serve } from './lines.js';

const { url, token } = JSON.parse(process.argv[2]);

const client = createClient({
  url: url.replace('http', 'ws'),
  webSocketImpl: WebSocket,
  connectionParams: { Authorization: `Bearer ${token}` },
  retryAttempts: 1000,
  retryWait: () => new Promise((resolve) => setTimeout(resolve, 50)),
  shouldRetry: () => true,
});

await serve(({ query, follow, after }) => {
  let last = after;
  const variables = {
    accountId: follow,
    get after() {
      return last;
    },
  };
  client.subscribe({ query, variables }, {
    next({ data, errors }) {
      if (errors) {
        print({ refused: errors[0].message });
        return;
      }
      last = data.walletEntryAdded.sequence;
      print({ entry: data.walletEntryAdded });
    },
    error: (errors) => print({ refused: String(errors) }),
    complete() {},
  });
});
process.exit();
