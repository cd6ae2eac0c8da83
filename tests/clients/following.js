// Following a wallet over connections that may break, whichever the client.
import { print } from './lines.js';

const PAUSE_MILLISECONDS = 50;

/**
 * Prints each entry as {entry}. `subscribe(variables, sink)` opens one subscription; whenever it
 * ends, the next one begins after the last entry that came. A refusal is printed as {refused}.
 */
export function follow(subscribe, accountId, after) {
  let last = after;
  subscribe({ accountId, after }, {
    next({ walletEntryAdded: entry }) {
      last = entry.sequence;
      print({ entry });
    },
    refused(message) {
      print({ refused: message });
    },
    lost() {
      setTimeout(() => follow(subscribe, accountId, last), PAUSE_MILLISECONDS);
    },
  });
}
