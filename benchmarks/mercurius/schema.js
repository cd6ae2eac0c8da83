// The measured part of the contract. A store provides
// wallet(subject, accountId), entries(accountId, before, first) and invite(asked).

import { globalId, idOf } from './ids.js'
import { now, rfc3339 } from './instants.js'
import { check, checkNothingDue, request } from './spending.js'

const MOST_ROWS = 100

export const schema = `
  scalar DateTime

  interface Node {
    id: ID!
  }

  type Query {
    node(id: ID!): Node
  }

  type Mutation {
    inviteFreelancer(input: InviteFreelancerInput!): InviteFreelancerResult!
  }

  input InviteFreelancerInput {
    jobId: ID!
    freelancerId: ID!
    connects: Int!
    message: String! = ""
    idempotencyKey: String!
  }

  union InviteFreelancerResult = InviteFreelancerSuccess | InsufficientConnects

  type InviteFreelancerSuccess {
    invitation: Invitation!
    wallet: Wallet!
    entry: Entry
    replayed: Boolean!
  }

  type InsufficientConnects {
    required: Int!
    available: Int!
  }

  type Wallet implements Node {
    id: ID!
    available: Int!
    entries(first: Int = 20, after: String): EntryConnection!
  }

  enum InvitationStatus {
    PENDING
    ACCEPTED
    DECLINED
    EXPIRED
  }

  type Invitation {
    id: ID!
    status: InvitationStatus!
    connects: Int!
  }

  type EntryConnection {
    nodes: [Entry!]!
    pageInfo: PageInfo!
  }

  enum EntryKind {
    GRANT
    PURCHASE
    SPEND
    EXPIRY
    REVERSAL
    ADJUSTMENT
    HOLD
    CAPTURE
    RELEASE
  }

  enum ConnectsAction {
    POST_JOB
    SUBMIT_PROPOSAL
    INVITE_FREELANCER
    CONTACT_FREELANCER
  }

  type Entry {
    sequence: Int!
    kind: EntryKind!
    action: ConnectsAction
    connects: Int!
    availableAfter: Int!
    createdAt: DateTime!
  }

  type PageInfo {
    hasNextPage: Boolean!
    endCursor: String
  }
`

export function resolversOn (store) {
  return {
    Query: {
      node: async (_, { id }, { subject }) => {
        const accountId = idOf('Wallet', id)
        const wallet = accountId && await store.wallet(subject, accountId)
        if (wallet) checkNothingDue(wallet, now())
        return wallet
      }
    },
    Mutation: {
      inviteFreelancer: (_, { input }, { subject }) => store.invite(request(subject, input))
    },
    Node: {
      resolveType: () => 'Wallet'
    },
    Wallet: {
      id: (wallet) => globalId('Wallet', wallet.accountId),
      entries: async (wallet, { first, after }) => {
        check(first >= 1 && first <= MOST_ROWS, `first must be 1 to ${MOST_ROWS}.`)
        const before = after == null ? Number.MAX_SAFE_INTEGER : sequenceOf(after)
        const rows = await store.entries(wallet.accountId, before, first + 1)
        const nodes = rows.slice(0, first)
        return {
          nodes,
          pageInfo: {
            hasNextPage: rows.length > first,
            endCursor: nodes.length > 0 ? cursorOf(nodes.at(-1)) : null
          }
        }
      }
    },
    Entry: {
      createdAt: (entry) => rfc3339(entry.createdAt)
    },
    InviteFreelancerResult: {
      resolveType: (result) => result.entry ? 'InviteFreelancerSuccess' : 'InsufficientConnects'
    }
  }
}

function cursorOf (entry) {
  return Buffer.from(String(entry.sequence)).toString('base64url')
}

function sequenceOf (cursor) {
  const sequence = Number(Buffer.from(cursor, 'base64url').toString())
  check(Number.isSafeInteger(sequence), 'after is no cursor.')
  return sequence
}
