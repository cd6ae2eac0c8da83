// The part of the contract that is measured. A store is what a database gives:
// wallet(id), entries(walletId, first, after) and invite(input).

export const schema = `
  type Query {
    wallet(id: ID!): Wallet
  }

  type Mutation {
    inviteFreelancer(input: InviteFreelancerInput!): InviteFreelancerResult!
  }

  input InviteFreelancerInput {
    walletId: ID!
    freelancerId: ID!
    connects: Int!
    message: String!
    idempotencyKey: String!
  }

  union InviteFreelancerResult = InviteFreelancerSuccess | InsufficientConnects

  type InviteFreelancerSuccess {
    invitation: Invitation!
    wallet: Wallet!
    entry: Entry!
    replayed: Boolean!
  }

  type InsufficientConnects {
    required: Int!
    available: Int!
  }

  type Wallet {
    id: ID!
    available: Int!
    entries(first: Int = 20, after: String): EntryConnection!
  }

  type Invitation {
    id: ID!
    status: String!
    connects: Int!
  }

  type EntryConnection {
    nodes: [Entry!]!
    pageInfo: PageInfo!
  }

  type Entry {
    sequence: Int!
    kind: String!
    action: String
    connects: Int!
    availableAfter: Int!
    createdAt: String!
  }

  type PageInfo {
    hasNextPage: Boolean!
    endCursor: String
  }
`

export function resolversOn (store) {
  return {
    Query: {
      wallet: (_, { id }) => store.wallet(Number(id))
    },
    Mutation: {
      inviteFreelancer: (_, { input }) => store.invite({
        walletId: Number(input.walletId),
        freelancerId: Number(input.freelancerId),
        connects: input.connects,
        message: input.message,
        key: input.idempotencyKey
      })
    },
    Wallet: {
      entries: async (wallet, { first, after }) => {
        const beyond = after == null ? 2 ** 31 - 1 : Number(after)
        const rows = await store.entries(wallet.id, first + 1, beyond)
        const nodes = rows.slice(0, first)
        return {
          nodes,
          pageInfo: {
            hasNextPage: rows.length > first,
            endCursor: nodes.length > 0 ? String(nodes.at(-1).sequence) : null
          }
        }
      }
    },
    InviteFreelancerResult: {
      resolveType: (result) => result.entry ? 'InviteFreelancerSuccess' : 'InsufficientConnects'
    }
  }
}

// What an invitation answers: `outcome` is what is kept under the idempotency key.
export function success (outcome, input, replayed) {
  return {
    invitation: { id: outcome.invitation, status: 'PENDING', connects: input.connects },
    wallet: { id: input.walletId, available: outcome.availableAfter },
    entry: {
      sequence: outcome.sequence,
      kind: 'SPEND',
      action: 'INVITE_FREELANCER',
      connects: -input.connects,
      availableAfter: outcome.availableAfter,
      createdAt: outcome.createdAt
    },
    replayed
  }
}
