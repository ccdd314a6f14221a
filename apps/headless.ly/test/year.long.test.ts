// The example of a year of business, in a short form: the product's numbers agree with the ledger of the example. The whole
// year is `npm run soak:year`.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Headlessly } from '@headlessly/sdk'
import { expect, test } from 'vitest'
import { runYear, sizeOf } from '../../../examples/a-year-of-business/run-year.ts'
import { differencesIn, questions } from '../../../examples/a-year-of-business/questions.ts'
import { useServer } from './server.ts'

const { url, tenant } = useServer()

const folder = join(import.meta.dirname, '../../../examples/a-year-of-business')

test(
  'a small business has the figures of an independent ledger at the end of each day, live and as of the day',
  { timeout: 180_000 },
  async () => {
    let requests = 0
    const counted: typeof fetch = (...given) => {
      requests++
      return fetch(...given)
    }
    const client = Headlessly({ endpoint: url(), tenant: tenant(), fetch: counted })
    const seed = Number(process.env['SEED'] ?? 1)
    const report = await runYear(client, { size: sizeOf({ customers: 8, days: 24 }), seed })
    const { acts, days, live, asOf, ledger } = report
    expect({ live, asOf }).toEqual({ live: [], asOf: [] })
    expect(days).toHaveLength(24)
    expect(acts).toBeGreaterThan(50)
    expect(ledger.billing.invoiceCount).toBeGreaterThan(2)
    expect(days.at(-1)?.figures.mrr).toBeGreaterThan(0)

    for (const question of questions) {
      requests = 0
      expect(await differencesIn(client, { question, report }), question.name).toEqual([])
      expect(requests, question.name).toBe(1)
    }
  },
)

test('a question of the founder is at most three lines', () => {
  const asked = readFileSync(join(folder, 'questions.ts'), 'utf8').match(/^ {4}ask: [^]*?(?=^ {4}read:)/gm) ?? []
  expect(asked).toHaveLength(questions.length)
  for (const text of asked) expect(text.trimEnd().split('\n').length, text).toBeLessThanOrEqual(3)
})
