// Serves the peer: `node server.js DATABASE_URL`. Prints where it listens.

import Fastify from 'fastify'
import mercurius from 'mercurius'

import { resolversOn, schema } from './schema.js'

const url = process.argv[2]
const store = url.startsWith('sqlite://')
  ? (await import('./sqlite.js')).openSqlite(url.slice('sqlite://'.length))
  : await (await import('./postgres.js')).openPostgres(url)

const app = Fastify({ logger: false })
app.register(mercurius, { schema, resolvers: resolversOn(store), jit: 1 })
app.addHook('onClose', () => store.close())
process.once('SIGTERM', () => app.close())

await app.listen({ host: '127.0.0.1', port: 0 })
console.log(`Answers at http://127.0.0.1:${app.server.address().port}/graphql`)
