// Serves the contestant: `node server.js DATABASE_URL`, with the tokens' secret in AUTH_SECRET.
// With --pipeline, pg sends without waiting for results. Prints its address.

import jwt from '@fastify/jwt'
import Fastify from 'fastify'
import mercurius from 'mercurius'

import { resolversOn, schema } from './schema.js'

const REMEMBERED_TOKENS = 10_000

const [url, option] = process.argv.slice(2)
const store = url.startsWith('sqlite://')
  ? (await import('./sqlite.js')).openSqlite(url.slice('sqlite://'.length))
  : (await import('./postgres.js')).openPostgres(url, option === '--pipeline')

const app = Fastify({ logger: false })
app.register(jwt, {
  secret: process.env.AUTH_SECRET,
  verify: { algorithms: ['HS256'], requiredClaims: ['sub', 'exp'], cache: REMEMBERED_TOKENS }
})
app.addHook('onRequest', (request) => request.jwtVerify())
app.register(mercurius, {
  schema,
  resolvers: resolversOn(store),
  jit: 1,
  context: (request) => ({ subject: request.user?.sub })
})
app.addHook('onClose', () => store.close())
process.once('SIGTERM', () => app.close())

await app.listen({ host: '127.0.0.1', port: 0 })
console.log(`Answers at http://127.0.0.1:${app.server.address().port}/graphql`)
