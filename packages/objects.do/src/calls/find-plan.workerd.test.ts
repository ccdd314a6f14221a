// SQLite's query plans for lists: they use the index of the filter and order, in the present and in the past.

import { env, runInDurableObject } from 'cloudflare:test'
import { nounToTable, planFind } from '@dotdo/do'
import { type Cursor, nouns, parseFilter, parseSort } from 'digital-objects'
import { expect, test } from 'vitest'

const lookup = (name: string) => Object.values(nouns).find((noun) => noun.$name === name)?.$schema
const tables = new Map(Object.values(nouns).map((noun) => [noun.$name as string, nounToTable(noun.$schema)]))

interface Asked {
  readonly sort?: string
  readonly seq?: number
  readonly after?: Cursor
}

function explain(filter: object, options: Asked = {}): Promise<string> {
  const { $schema } = nouns.Contact
  const table = tables.get('Contact')
  if (table === undefined) throw new Error('no table')
  const point = {
    seq: options.seq,
    table: (noun: string) => tables.get(noun),
    hasList: () => true,
    isPastIndexed: true,
  }
  const sort = options.sort === undefined ? {} : { sort: parseSort(options.sort, $schema) }
  const { page } = planFind({
    table,
    filter: parseFilter(filter, { schema: $schema, lookup }),
    limit: 21,
    point,
    ...sort,
    ...(options.after === undefined ? {} : { after: options.after }),
  })
  return runInDurableObject(env.BARE.get(env.BARE.newUniqueId()), (_, state) => {
    for (const name of ['Contact', 'Organization', 'Deal']) {
      const table = tables.get(name)
      for (const statement of table?.definitions ?? []) state.storage.sql.exec(statement)
      for (const { text } of table?.indexes ?? []) state.storage.sql.exec(text)
    }
    return state.storage.sql
      .exec<{ detail: string }>(`EXPLAIN QUERY PLAN ${page.text}`, ...page.parameters)
      .toArray()
      .map(({ detail }) => detail)
      .join('\n')
  })
}

test('a filter by an indexed field uses its index, which has the default order', async () => {
  const plan = await explain({ stage: 'Lead' })
  expect(plan).toContain('SEARCH t USING INDEX Contact.stage:text (stage:text=?)')
  expect(plan).not.toContain('TEMP B-TREE')
})

test('filters by a unique field and by a reference use their indexes', async () => {
  expect(await explain({ email: 'a' })).toContain('INDEX Contact.email:text (email:text=?)')
  expect(await explain({ organization: 'organization_000000000000' })).toContain(
    'INDEX Contact.organization:text (organization:text=?)',
  )
})

test('a page after a cursor continues in the index of the default order', async () => {
  for (const filter of [{}, { stage: 'Lead' }]) {
    const plan = await explain(filter, { after: { values: [Date.UTC(2026, 0, 1)], id: 'contact_000000000000' } })
    expect(plan).toMatch(/USING INDEX Contact\.(?:\$createdAt|stage:text)/)
    expect(plan).not.toContain('TEMP B-TREE')
  }
})

test('a list without a filter is read from the index of $createdAt', async () => {
  const plan = await explain({})
  expect(plan).toContain('USING INDEX Contact.$createdAt')
  expect(plan).not.toContain('TEMP B-TREE')
})

test('a past read searches both tables by the same index, and merges them', async () => {
  const plan = await explain({ stage: 'Lead' }, { seq: 7 })
  expect(plan).toContain('INDEX Contact.stage:text (stage:text=?)')
  expect(plan).toContain('INDEX Contact/past.stage:text (stage:text=?)')
  expect(plan).toContain('MERGE (UNION ALL)')
  // Versions of one entity have the same $createdAt: SQLite sorts only such ties.
  expect(plan.replace('USE TEMP B-TREE FOR LAST TERM OF ORDER BY', '')).not.toContain('TEMP B-TREE')
})

test.each([undefined, 7])(
  'a related entity is looked up by its key or its index, never scanned (seq %s)',
  async (seq) => {
    const plan = await explain(
      { 'organization.industry': 'retail', 'deals.value': { $gt: 1 } },
      seq === undefined ? {} : { seq },
    )
    expect(plan).not.toMatch(/SCAN (?:tx|r)\b/)
    expect(plan).not.toContain('MATERIALIZE')
  },
)
