// Findings have a limit, so that an account with a million objects of unknown types makes no million records.

import { expect, test } from 'vitest'
import { Findings } from './findings.ts'

test('beyond the limit of open findings, further objects of a type are one, and conflicts are recorded as ever', async () => {
  const made: Record<string, unknown>[] = []
  const parts = {
    idsWith: (_noun: string, { field, value, limit }: { field: string; value: string; limit: number }) =>
      made.flatMap((one, index) => (one[field] === value ? [String(index)] : [])).slice(0, limit),
    read: (id: string) => made[Number(id)],
    answer: ({ verb, body }: { readonly verb: string; readonly body: string }) => {
      const fields = JSON.parse(body) as Record<string, unknown>
      if (verb === 'create') made.push({ ...fields, status: 'Open' })
      return Promise.resolve({ ok: true, body: '{}' })
    },
  }
  const findings = new Findings(parts as never, 'stripe')
  const matter = { message: 'x', remedy: 'y' }
  for (let count = 0; count < 2_100; count++)
    await findings.record({ kind: 'Unknown', object: 'payout', externalId: `po_${count}`, ...matter })
  expect(made).toHaveLength(2_001)
  expect(made.at(-1)).toMatchObject({ object: 'payout', externalId: '(others)' })
  await findings.record({ kind: 'Conflict', object: 'customer', externalId: 'cus_1', field: 'name', ...matter })
  expect(made.at(-1)).toMatchObject({ kind: 'Conflict', externalId: 'cus_1' })
})
