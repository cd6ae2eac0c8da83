// The store on SQLite, as durable as ours: one transaction for each spend, in the event loop.

import Database from 'better-sqlite3'

import { success } from './schema.js'

export function openSqlite (path) {
  const db = new Database(path)
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.pragma('foreign_keys = ON')
  db.pragma('busy_timeout = 10000')

  const wallet = db.prepare('SELECT id, available FROM wallet WHERE id = ?')
  const entries = db.prepare(`
    SELECT sequence, kind, action, connects, available_after AS availableAfter,
      created_at AS createdAt
    FROM entry WHERE wallet_id = ? AND sequence < ? ORDER BY sequence DESC LIMIT ?`)
  const earlier = db.prepare('SELECT outcome FROM idempotency WHERE key = ?')
  const current = db.prepare('SELECT available, sequence FROM wallet WHERE id = ?')
  const charge = db.prepare('UPDATE wallet SET available = ?, sequence = ? WHERE id = ?')
  const insertEntry = db.prepare(`
    INSERT INTO entry (wallet_id, sequence, kind, action, connects, available_after, created_at)
    VALUES (?, ?, 'SPEND', 'INVITE_FREELANCER', ?, ?, ?)`)
  const insertInvitation = db.prepare(`
    INSERT INTO invitation (wallet_id, freelancer_id, message, connects, status, created_at)
    VALUES (?, ?, ?, ?, 'PENDING', ?)`)
  const keep = db.prepare('INSERT INTO idempotency (key, outcome) VALUES (?, ?)')

  const spend = db.transaction((input) => {
    const known = earlier.get(input.key)
    if (known) return success(JSON.parse(known.outcome), input, true)
    const { available, sequence: last } = current.get(input.walletId)
    if (available < input.connects) return { required: input.connects, available }
    const now = new Date().toISOString()
    const availableAfter = available - input.connects
    const sequence = last + 1
    charge.run(availableAfter, sequence, input.walletId)
    insertEntry.run(input.walletId, sequence, -input.connects, availableAfter, now)
    const { lastInsertRowid } = insertInvitation.run(
      input.walletId, input.freelancerId, input.message, input.connects, now)
    const outcome =
      { invitation: Number(lastInsertRowid), sequence, availableAfter, createdAt: now }
    keep.run(input.key, JSON.stringify(outcome))
    return success(outcome, input, false)
  })

  return {
    invite: (input) => spend.immediate(input),
    wallet: (id) => wallet.get(id),
    entries: (walletId, first, beyond) => entries.all(walletId, beyond, first),
    close: () => db.close()
  }
}
