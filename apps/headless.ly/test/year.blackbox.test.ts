// The example of a year of business, in a short form: the product's numbers agree with the ledger of the example. The whole
// year is `npm run soak:year`.

import { Headlessly } from '@headlessly/sdk'
import { expect, test } from 'vitest'
import { runYear, sizeOf } from '../../../examples/a-year-of-business/run-year.ts'
import { useServer } from './server.ts'

const { url, tenant } = useServer()

test('a small business has the figures of an independent ledger at the end of each day, live and as of the day', async () => {
  const client = Headlessly({ endpoint: url(), tenant: tenant() })
  const seed = Number(process.env['SEED'] ?? 1)
  const { acts, days, live, asOf, ledger } = await runYear(client, { size: sizeOf({ customers: 12, days: 45 }), seed })
  expect({ live, asOf }).toEqual({ live: [], asOf: [] })
  expect(days).toHaveLength(45)
  expect(acts).toBeGreaterThan(150)
  expect(ledger.billing.invoiceCount).toBeGreaterThan(5)
  expect(days.at(-1)?.figures.mrr).toBeGreaterThan(0)
})
