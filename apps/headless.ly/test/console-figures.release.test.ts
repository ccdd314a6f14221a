// Figures of the console lead to the records that they count, in a year of business.

import { Headlessly, loadDemo } from '@headlessly/sdk'
import { expect, test } from 'vitest'
import { metricsWithRows, rowsOfMetric } from '../../console/src/data/metric-rows.ts'
import { useServer } from './server.ts'

const { url } = useServer()
const tenant = 'harbour'
/** Events are counted by their users. */
const distinct = new Set(['dau', 'mau', 'active_customers'])

test('every figure that is a count leads to exactly as many records, at the end of the year and within it', async () => {
  const client = Headlessly({ tenant, endpoint: url() })
  await loadDemo(client, { untilMs: Date.UTC(2026, 5, 30) })
  const wrong: string[] = []
  let compared = 0
  for (const at of [undefined, '2026-02-14T09:00:00.000Z']) {
    const { metrics = {}, asOf = at ?? '' } = await client.status({
      metrics: true,
      ...(at === undefined ? {} : { asOf: at }),
    })
    const values: Readonly<Record<string, number | null>> = Object.assign({}, ...Object.values(metrics))
    expect(Object.keys(values).toSorted()).toEqual(metricsWithRows.toSorted())
    for (const name of metricsWithRows) {
      const { unit } = await client.metrics.get(name)
      if (unit !== 'count' || distinct.has(name)) continue
      const rows = rowsOfMetric(name, asOf)
      const query = new URLSearchParams({
        filter: JSON.stringify(rows?.filter),
        limit: '1',
        count: 'exact',
        ...(at === undefined ? { strong: 'true' } : { asOf: at }),
      })
      const answer = await fetch(`${url()}/~${tenant}/${rows?.noun}?${query.toString()}`)
      const { total } = (await answer.json()) as { readonly total?: number }
      if (total !== values[name]) wrong.push(`${name} at ${asOf}: ${values[name]}, but ${total} ${rows?.noun}`)
      compared++
    }
  }
  expect(wrong).toEqual([])
  expect(compared).toBeGreaterThan(60)
})
