// The store on PostgreSQL: one transaction for each spend, every statement prepared by its name.

import pg from 'pg'

import { instantOf, isRepeated, spend, success, termsOf } from './spending.js'
import { STATEMENTS } from './statements.js'

const POOL = 16
const UNIQUE_VIOLATION = '23505'

// Those that are read are small enough for a number.
pg.types.setTypeParser(pg.types.builtins.INT8, Number)

export function openPostgres (url) {
  const { username, searchParams, pathname } = new URL(url.replace('@/', '@localhost/'))
  const socket = searchParams.get('host')
  const pool = new pg.Pool({
    max: POOL,
    min: POOL,
    ...(socket
      ? { host: socket, user: username, database: pathname.slice(1) }
      : { connectionString: url })
  })

  async function ask (client, name, values) {
    return (await client.query({ name, text: STATEMENTS[name], values })).rows
  }

  async function carryOut (client, asked) {
    const [wallet] = await ask(client, 'wallet', [asked.subject, asked.jobId])
    const at = instantOf(wallet)
    const [terms] = await ask(client, 'terms', termsOf(asked, wallet, at))
    if (isRepeated(asked, terms)) {
      return success((await ask(client, 'outcome', [wallet.userId, asked.key]))[0], true)
    }
    const lots = await ask(client, 'lots', [wallet.accountId, asked.connects])
    const { answer, writes } = spend(asked, wallet, terms, lots, at)
    for (const [name, values] of writes) await ask(client, name, values)
    return answer
  }

  async function invite (asked, again = true) {
    const client = await pool.connect()
    try {
      await client.query('BEGIN')
      const answer = await carryOut(client, asked)
      await client.query('COMMIT')
      return answer
    } catch (error) {
      await client.query('ROLLBACK')
      // The user spent from another wallet with this key at the same time: see what it left.
      if (!again || error.code !== UNIQUE_VIOLATION) throw error
    } finally {
      client.release()
    }
    return invite(asked, false)
  }

  return {
    invite: (asked) => invite(asked),
    wallet: async (subject, accountId) => (await ask(pool, 'balance', [subject, accountId]))[0],
    entries: (accountId, before, first) => ask(pool, 'entries', [accountId, before, first]),
    close: () => pool.end()
  }
}
