// The store on PostgreSQL: one transaction per spend, every statement prepared by name.

import pg from 'pg'

import { instantOf, isRepeated, spend, success, termsOf } from './spending.js'
import { STATEMENTS } from './statements.js'

const POOL = 16
const UNIQUE_VIOLATION = '23505'

// The values read here fit into a number.
pg.types.setTypeParser(pg.types.builtins.INT8, Number)

export function openPostgres (url, pipeline) {
  const { username, searchParams, pathname } = new URL(url.replace('@/', '@localhost/'))
  const socket = searchParams.get('host')
  const pool = new pg.Pool({
    max: POOL,
    min: POOL,
    pipeline,
    ...(socket
      ? { host: socket, user: username, database: pathname.slice(1) }
      : { connectionString: url })
  })

  async function ask (client, name, values) {
    return (await client.query({ name, text: STATEMENTS[name] ?? name, values })).rows
  }

  // Sends the statements known in advance. With a pipeline, none waits for an earlier result.
  async function askAll (client, questions) {
    if (pipeline) return Promise.all(questions.map((question) => ask(client, ...question)))
    const answers = []
    for (const question of questions) answers.push(await ask(client, ...question))
    return answers
  }

  async function carryOut (client, asked) {
    const [, [wallet]] = await askAll(client, [
      ['BEGIN'],
      ['wallet', [asked.subject, asked.jobId]]
    ])
    const at = instantOf(wallet)
    const [[terms], lots] = await askAll(client, [
      ['terms', termsOf(asked, wallet, at)],
      ['lots', [wallet.accountId, asked.connects]]
    ])
    if (isRepeated(asked, terms)) {
      const [[outcome]] = await askAll(client, [
        ['outcome', [wallet.userId, asked.key]],
        ['COMMIT']
      ])
      return success(outcome, true)
    }
    const { answer, writes } = spend(asked, wallet, terms, lots, at)
    await askAll(client, [...writes, ['COMMIT']])
    return answer
  }

  async function invite (asked, again = true) {
    const client = await pool.connect()
    try {
      return await carryOut(client, asked)
    } catch (error) {
      await client.query('ROLLBACK')
      // The user spent from another wallet with this key at the same time: read the outcome.
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
