// The rules of a spend: values in, values out, the same on both databases.

import { createHash } from 'node:crypto'
import { v7 } from 'uuid'

import { globalId, idOf } from './ids.js'
import { DAY, now } from './instants.js'

const INVITATION_LIFETIME = 7 * DAY
const MESSAGE_LENGTH = 5000
const KEY_LENGTH = 255

// Why a call is refused. InsufficientConnects is a result of the contract and not included.
export class Refusal extends Error {}

export function check (holds, message) {
  if (!holds) throw new Refusal(message)
}

// Returns the request with decoded ids. Throws a Refusal if the input itself is invalid.
export function request (subject, { jobId, freelancerId, connects, message, idempotencyKey: key }) {
  const asked = {
    subject,
    jobId: idOf('Job', jobId),
    freelancerId: idOf('Freelancer', freelancerId),
    connects,
    message,
    key,
    hash: sha256(JSON.stringify([jobId, freelancerId, connects, message]))
  }
  check(asked.jobId, 'jobId must be an id of type Job.')
  check(asked.freelancerId, 'freelancerId must be an id of type Freelancer.')
  check(connects >= 1, 'connects must be 1 or more.')
  check(message.length <= MESSAGE_LENGTH, 'message is too long.')
  check(key.trim().length > 0 && key.length <= KEY_LENGTH, 'idempotencyKey has no such length.')
  return asked
}

// The instant of a spend: never before the wallet's last entry.
export function instantOf (wallet) {
  check(wallet, 'There is no such job among yours.')
  return Math.max(now(), wallet.updatedAt)
}

export function termsOf (asked, wallet, at) {
  return [wallet.userId, at, asked.freelancerId, wallet.userId, asked.key, wallet.accountKind,
    at, at, asked.jobId]
}

// Whether the call has a stored outcome. Throws a Refusal if it is not allowed at all.
export function isRepeated (asked, terms) {
  check(terms.freelancerId, 'There is no such freelancer.')
  check(!terms.isSelf, 'You cannot invite yourself.')
  check(!terms.earlierHash || asked.hash.equals(terms.earlierHash), 'The key was used before.')
  return Boolean(terms.earlierHash)
}

// Due entries are not booked here: a wallet that has any cannot be used.
export function checkNothingDue (wallet, at) {
  check(wallet.nextEventAt > at, 'Booking what is due is not supported.')
}

// Returns the response to a spend, and the statements that write it, with their values.
export function spend (asked, wallet, terms, lots, at) {
  checkNothingDue(wallet, at)
  const connects = priceOf(asked, terms)
  check(terms.jobStatus === 'OPEN' && terms.jobExpiresAt > at, 'The job is not open.')
  check(!terms.isInvited, 'This freelancer has been invited.')
  if (wallet.available < connects) {
    return { answer: { required: connects, available: wallet.available }, writes: [] }
  }
  const invitation = {
    id: v7(),
    status: 'PENDING',
    connects,
    returnable: Math.floor(connects * (terms.percent ?? 0) / 100),
    expiresAt: at + INVITATION_LIFETIME
  }
  const entry = entryOf(wallet, invitation, drawn(lots, connects), at)
  return {
    answer: success({ ...invitation, ...entry, available: entry.availableAfter }, false),
    writes: writesOf(asked, wallet, invitation, entry)
  }
}

// Returns the response to a successful call, from its invitation, its entry and the wallet.
export function success (spent, replayed) {
  return {
    invitation: {
      id: globalId('Invitation', spent.id),
      status: spent.status,
      connects: spent.connects
    },
    wallet: { accountId: spent.accountId, available: spent.available },
    entry: {
      sequence: spent.sequence,
      kind: 'SPEND',
      action: 'INVITE_FREELANCER',
      connects: -spent.connects,
      availableAfter: spent.availableAfter,
      createdAt: spent.createdAt
    },
    replayed
  }
}

function priceOf ({ connects }, { price, isChosen, maximum }) {
  check(price != null, 'This account cannot invite freelancers.')
  if (!isChosen) return price
  check(connects >= price && (maximum == null || connects <= maximum), 'connects is out of range.')
  return connects
}

// Returns what is taken from each lot, in drawing order; the hash lists them by sequence.
function drawn (lots, connects) {
  const draws = []
  let missing = connects
  for (const { sequence, remaining } of lots) {
    const part = Math.min(remaining, missing)
    if (part > 0) draws.push({ lot: sequence, connects: part })
    missing -= part
  }
  return draws.sort((one, other) => one.lot - other.lot)
}

function entryOf (wallet, invitation, draws, at) {
  const entry = {
    accountId: wallet.accountId,
    sequence: wallet.sequence + 1,
    connects: invitation.connects,
    availableAfter: wallet.available - invitation.connects,
    held: wallet.held,
    createdAt: at,
    draws
  }
  const facts = [entry.accountId, entry.sequence, 'SPEND', -entry.connects, entry.availableAfter,
    entry.held, 'INVITE_FREELANCER', invitation.id, wallet.userId, at, '-',
    draws.map((draw) => `${draw.lot}:${draw.connects}`).join(',')]
  return { ...entry, hash: sha256(wallet.headHash, facts.join('|')) }
}

function writesOf (asked, wallet, invitation, entry) {
  const { id, connects, returnable, expiresAt } = invitation
  const { accountId, sequence, availableAfter, createdAt, draws } = entry
  const nextEventAt = returnable ? Math.min(wallet.nextEventAt, expiresAt) : wallet.nextEventAt
  return [
    ['insertInvitation', [id, accountId, asked.jobId, asked.freelancerId, asked.message, connects,
      returnable, createdAt, expiresAt]],
    ['insertEntry', [accountId, sequence, -connects, availableAfter, entry.held, id,
      wallet.userId, createdAt, wallet.headHash, entry.hash]],
    ...draws.flatMap((draw) => [
      ['insertDraw', [accountId, sequence, draw.lot, draw.connects]],
      ['draw', [draw.connects, accountId, draw.lot]]
    ]),
    ['charge', [availableAfter, sequence, entry.hash, createdAt, nextEventAt, accountId]],
    ...(returnable ? [['awaitReturn', [expiresAt, accountId, expiresAt]]] : []),
    ['insertOutcome', [wallet.userId, asked.key, asked.hash, accountId, sequence, id, createdAt]]
  ]
}

function sha256 (...parts) {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
