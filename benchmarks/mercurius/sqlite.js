// The store on SQLite, as durable as ours: one transaction per spend, in the event loop.

import Database from 'better-sqlite3'

import { instantOf, isRepeated, spend, success, termsOf } from './spending.js'
import { LOCK, STATEMENTS } from './statements.js'

export function openSqlite (path) {
  const db = new Database(path)
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.pragma('foreign_keys = ON')
  db.pragma('busy_timeout = 10000')

  const prepared = {}
  for (const [name, text] of Object.entries(STATEMENTS)) {
    prepared[name] = db.prepare(text.replace(LOCK, '').replace(/\$\d+/g, '?'))
  }

  const carryOut = db.transaction((asked) => {
    const wallet = prepared.wallet.get(asked.subject, asked.jobId)
    const at = instantOf(wallet)
    const terms = prepared.terms.get(...termsOf(asked, wallet, at))
    if (isRepeated(asked, terms)) {
      return success(prepared.outcome.get(wallet.userId, asked.key), true)
    }
    const lots = prepared.lots.all(wallet.accountId, asked.connects)
    const { answer, writes } = spend(asked, wallet, terms, lots, at)
    for (const [name, values] of writes) prepared[name].run(...values)
    return answer
  })

  return {
    invite: (asked) => carryOut.immediate(asked),
    wallet: (subject, accountId) => prepared.balance.get(subject, accountId),
    entries: (accountId, before, first) => prepared.entries.all(accountId, before, first),
    close: () => db.close()
  }
}
