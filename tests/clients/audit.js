// Runs graphql-http's audits against the server whose URL is given. Exits 1 unless all are ok.
import { serverAudits } from 'graphql-http';

const [url] = process.argv.slice(2);
if (!url) {
  console.error('Which server? node audit.js http://127.0.0.1:8000/graphql');
  process.exit(2);
}

const levels = { warn: 'warning' };
const audits = serverAudits({ url, fetchFn: fetch });
let ok = 0;
for (const audit of audits) {
  const { status, reason } = await audit.fn();
  if (status === 'ok') ok += 1;
  else console.log(`${audit.id} ${levels[status] ?? status}: ${audit.name}: ${reason}`);
}
console.log(`${ok} of ${audits.length} ok`);
process.exitCode = ok === audits.length ? 0 : 1;
