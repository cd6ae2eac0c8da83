// The store on PostgreSQL: one transaction for each spend, every statement prepared by its name.

import pg from 'pg'

import { success } from './schema.js'

const POOL = 16
const UNIQUE_VIOLATION = '23505'

const WALLET = 'SELECT id, available FROM wallet WHERE id = $1'
const ENTRIES = `
  SELECT sequence, kind, action, connects, available_after AS "availableAfter",
    created_at AS "createdAt"
  FROM entry WHERE wallet_id = $1 AND sequence < $2 ORDER BY sequence DESC LIMIT $3`
const EARLIER = 'SELECT outcome FROM idempotency WHERE key = $1'
const LOCKED = 'SELECT available, sequence FROM wallet WHERE id = $1 FOR UPDATE'
const CHARGE = 'UPDATE wallet SET available = $2, sequence = $3 WHERE id = $1'
const ENTRY = `
  INSERT INTO entry (wallet_id, sequence, kind, action, connects, available_after, created_at)
  VALUES ($1, $2, 'SPEND', 'INVITE_FREELANCER', $3, $4, $5)`
const INVITATION = `
  INSERT INTO invitation (wallet_id, freelancer_id, message, connects, status, created_at)
  VALUES ($1, $2, $3, $4, 'PENDING', $5) RETURNING id`
const KEEP = 'INSERT INTO idempotency (key, outcome) VALUES ($1, $2)'

export async function openPostgres (url) {
  const { username, searchParams, pathname } = new URL(url.replace('@/', '@localhost/'))
  const socket = searchParams.get('host')
  const pool = new pg.Pool({
    max: POOL,
    min: POOL,
    ...(socket
      ? { host: socket, user: username, database: pathname.slice(1) }
      : { connectionString: url })
  })

  function ask (client, name, text, values) {
    return client.query({ name, text, values })
  }

  async function spend (client, input) {
    const earlier = await ask(client, 'earlier', EARLIER, [input.key])
    if (earlier.rows.length > 0) return success(JSON.parse(earlier.rows[0].outcome), input, true)
    const { rows: [wallet] } = await ask(client, 'locked', LOCKED, [input.walletId])
    if (wallet.available < input.connects) {
      return { required: input.connects, available: wallet.available }
    }
    const now = new Date().toISOString()
    const availableAfter = wallet.available - input.connects
    const sequence = wallet.sequence + 1
    await ask(client, 'charge', CHARGE, [input.walletId, availableAfter, sequence])
    await ask(client, 'entry', ENTRY,
      [input.walletId, sequence, -input.connects, availableAfter, now])
    const { rows: [invitation] } = await ask(client, 'invitation', INVITATION,
      [input.walletId, input.freelancerId, input.message, input.connects, now])
    const outcome = { invitation: invitation.id, sequence, availableAfter, createdAt: now }
    await ask(client, 'keep', KEEP, [input.key, JSON.stringify(outcome)])
    return success(outcome, input, false)
  }

  async function invite (input, again = true) {
    const client = await pool.connect()
    try {
      await client.query('BEGIN')
      const result = await spend(client, input)
      await client.query('COMMIT')
      return result
    } catch (error) {
      await client.query('ROLLBACK')
      // Somebody else was first with this key: what they left behind is the answer.
      if (!again || error.code !== UNIQUE_VIOLATION) throw error
    } finally {
      client.release()
    }
    return invite(input, false)
  }

  return {
    invite: (input) => invite(input),
    async wallet (id) {
      return (await ask(pool, 'wallet', WALLET, [id])).rows[0]
    },
    async entries (walletId, first, beyond) {
      const { rows } = await ask(pool, 'entries', ENTRIES, [walletId, beyond, first])
      for (const row of rows) row.createdAt = row.createdAt.toISOString()
      return rows
    },
    close: () => pool.end()
  }
}
