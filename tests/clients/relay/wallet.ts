// Fragments, lists and mutations as Relay applications write them. It is compiled, never run.
import { graphql } from 'react-relay';

graphql`
  query walletPageQuery($id: ID!, $ids: [ID!]!) {
    node(id: $id) {
      __typename
      ...wallet_account @alias
    }
    nodes(ids: $ids) {
      ...wallet_job @alias
    }
  }
`;

graphql`
  fragment wallet_account on Account @refetchable(queryName: "walletAccountRefetchQuery") {
    name
    wallet {
      available
      ...wallet_entries
      ...wallet_oldestEntries
    }
    ...wallet_jobs
  }
`;

graphql`
  fragment wallet_job on Job @refetchable(queryName: "walletJobRefetchQuery") {
    title
    createdAt
  }
`;

graphql`
  fragment wallet_entries on Wallet
  @refetchable(queryName: "walletEntriesForwardsQuery")
  @argumentDefinitions(
    count: { type: "Int", defaultValue: 10 }
    cursor: { type: "String" }
    filter: { type: "EntryFilter" }
  ) {
    entries(filter: $filter, first: $count, after: $cursor)
      @connection(key: "wallet_entries", filters: ["filter"]) {
      edges {
        node {
          sequence
          subject {
            ... on Job {
              title
            }
          }
        }
      }
    }
  }
`;

graphql`
  fragment wallet_oldestEntries on Wallet
  @refetchable(queryName: "walletEntriesBackwardsQuery")
  @argumentDefinitions(
    count: { type: "Int", defaultValue: 10 }
    cursor: { type: "String" }
  ) {
    oldest: entries(last: $count, before: $cursor) @connection(key: "wallet_oldest") {
      edges {
        node {
          sequence
        }
      }
    }
  }
`;

graphql`
  fragment wallet_jobs on Account
  @refetchable(queryName: "walletJobsQuery")
  @argumentDefinitions(
    count: { type: "Int", defaultValue: 10 }
    cursor: { type: "String" }
  ) {
    jobs(first: $count, after: $cursor) @connection(key: "wallet_jobs") {
      edges {
        node {
          title
        }
      }
    }
  }
`;

graphql`
  mutation walletPostJobMutation($input: PostJobInput!, $connections: [ID!]!) {
    postJob(input: $input) {
      __typename
      ... on PostJobSuccess {
        replayed
        job @prependNode(connections: $connections, edgeTypeName: "JobEdge") {
          title
        }
        wallet {
          available
        }
      }
      ... on InsufficientConnects {
        shortfall
      }
      ... on UserError {
        code
        message
      }
    }
  }
`;

graphql`
  subscription walletEntriesSubscription($accountId: ID!, $after: Int) {
    walletEntryAdded(accountId: $accountId, after: $after) {
      sequence
      connects
    }
  }
`;
