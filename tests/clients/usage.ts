// What an application may do with the generated types; tsc says whether it may.
import type { OpeningMutation, SpendingMutation } from './operations';
import type { Entry, MutationPostJobArgs } from './schema';

export function availableAfter({ postJob }: SpendingMutation): number | null {
  return postJob && 'wallet' in postJob ? postJob.wallet.available : null;
}

export function said({ openAccount }: OpeningMutation): string {
  if (!openAccount) return 'an error says why';
  return 'message' in openAccount ? openAccount.message : openAccount.account.id;
}

export const asked: MutationPostJobArgs = {
  input: { accountId: 'a', title: 't', description: 'd', idempotencyKey: 'k' },
};

// @ts-expect-error: an idempotency key is required
export const keyless: MutationPostJobArgs = { input: { accountId: 'a', title: 't', description: 'd' } };

export function instant({ createdAt }: Entry): Date {
  return new Date(createdAt.toUpperCase());
}
