// The cost of look-ups in requests and bytes. The layout, the row group size and the bloom filters were chosen for
// these figures.

import { Contact, type Filter, parseFilter } from 'digital-objects'
import { beforeAll, describe, expect, test } from 'vitest'
import { columnMap, columnsOf, CountingObjectStore, putEntityFile } from '../../test/entity-files.ts'
import { seededRandom } from '../base/seeded-random.ts'
import { readColumns, rowAt } from './read-columns.ts'
import type { EntityRow } from './entity-row.ts'
import { type FileRef, type OpenFile, openFile } from './open-file.ts'
import { planScan, pruneByBloomFilters } from './scan-plan.ts'

const rowCount = 100_000
const columns = columnsOf(Contact.$schema)
const store = new CountingObjectStore()
let ref: FileRef
let file: OpenFile

const random = seededRandom(20_261_123)
const below = (limit: number): number => Math.floor(random() * limit)
const oneOf = (texts: string): string => {
  const all = texts.split(' ')
  return all[below(all.length)] ?? ''
}
const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

function digits(value: number, length: number): string {
  let text = ''
  for (let rest = value, count = 0; count < length; count++, rest = Math.floor(rest / 62))
    text = `${base62[rest % 62]}${text}`
  return text
}

/** An id of the real form: 6 characters from the second, 6 random ones. */
function idOf(prefix: string, second: number): string {
  return `${prefix}_${digits(1_767_225_600 + second, 6)}${digits(below(62 ** 6), 6)}`
}

const organizations = Array.from({ length: 500 }, (_, at) => idOf('organization', at))
const ids = Array.from({ length: rowCount }, (_, at) => idOf('contact', 30 * at))

/** A realistic contact, as hard to compress as real ones. */
function contactRow(at: number): EntityRow {
  const firstName = oneOf(
    'Ada Grace Alan Edsger Barbara Donald Zoë Jürgen Søren Olga Priya Wei Hiroshi Amara Kwame Linh',
  )
  const lastName = `${oneOf('Love Hop Tur Dijk Knu Hän Nil Kow Sha Tan')}${oneOf('lace per ing stra th en ov ski el gard')}${digits(below(62), 1)}`
  const handle = `${firstName}.${lastName}${below(100_000)}`.toLowerCase()
  const createdAtMs = 1_767_225_600_000 + at * 30_000 + below(1_000)
  return {
    id: ids[at] ?? '',
    version: 1 + below(4),
    createdAtMs,
    createdBy: `user_000000${digits(below(20), 6)}`,
    updatedAtMs: createdAtMs + below(30 * 86_400_000),
    seq: 3 * at + below(3),
    isDeleted: false,
    fields: {
      name: `${firstName} ${lastName}`,
      firstName,
      lastName,
      email: `${handle}@example${below(2_000)}.com`,
      ...(below(2) === 0 ? { phone: `+49 ${100 + below(900)} ${1_000_000 + below(9_000_000)}` } : {}),
      title: oneOf('Buyer Founder Engineer Designer Accountant Controller Consultant Manager Analyst Partner'),
      role: oneOf('DecisionMaker Influencer Champion Blocker User'),
      stage: oneOf('Lead Lead Lead Qualified Customer Churned'),
      status: oneOf('Active Active Active Inactive Bounced'),
      source: oneOf('web referral conference webinar outbound'),
      leadScore: below(101),
      timezone: oneOf('Europe/Berlin Europe/London America/New_York Asia/Tokyo'),
      language: oneOf('en en de fr ja'),
      ...(below(2) === 0 ? { linkedinUrl: `https://linkedin.com/in/${handle}` } : {}),
      ...(below(2) === 0 ? { lastEngagement: new Date(createdAtMs + below(10 ** 10)).toISOString() } : {}),
      organization: organizations[below(organizations.length)] ?? '',
      ...(below(3) === 0 ? { metadata: { plan: oneOf('free team enterprise'), seats: below(500) } } : {}),
    },
  }
}

beforeAll(async () => {
  const rows = Array.from({ length: rowCount }, (_, at) => contactRow(at))
  ref = await putEntityFile({ store, columns, rows })
  store.forget()
  file = await openFile(store, ref)
})

interface Cost {
  readonly rows: readonly EntityRow[]
  readonly requests: number
  readonly bytes: number
}

function parse(input: object): Filter {
  return parseFilter(input, { schema: Contact.$schema, lookup: () => undefined })
}

/** Looks values up in an open file. Row groups that may hold matches are read completely. */
async function lookUp(input: { readonly [field: string]: string }): Promise<Cost> {
  store.forget()
  const options = { filter: parse(input), columns: columnMap(columns) }
  const groups = await pruneByBloomFilters(planScan(file, options), options)
  const [field = '', value] = Object.entries(input)[0] ?? []
  const rows: EntityRow[] = []
  for (const group of groups) {
    const read = await readColumns(file, group, columns)
    for (const [row, found] of (read.get(field) ?? []).entries())
      if (found === value) rows.push(rowAt(read, columns, row))
  }
  return { rows, requests: store.requests, bytes: store.bytes }
}

describe('in a file of 100,000 contacts', () => {
  test('opening takes one request, for the footer', async () => {
    store.forget()
    await openFile(store, ref)
    expect(store.requests).toBe(1)
    expect(store.bytes).toBeLessThan(80_000)
    expect(ref.bytes / rowCount).toBeLessThan(100)
  })

  test('an existing id takes at most 2 requests and 400 KB', async () => {
    for (let at = 0; at < rowCount; at += 4_999) {
      const cost = await lookUp({ $id: ids[at] ?? '' })
      expect(cost.rows.map(({ id }) => id)).toEqual([ids[at]])
      expect(cost.requests).toBeLessThanOrEqual(2)
      expect(cost.bytes).toBeLessThanOrEqual(400_000)
    }
  })

  test('a missing id takes at most 1 request and 50 KB, and none outside the range of ids', async () => {
    for (let at = 0; at < rowCount; at += 997) {
      const cost = await lookUp({ $id: idOf('contact', 30 * at + 7) })
      expect(cost.rows).toEqual([])
      expect(cost.requests).toBeLessThanOrEqual(1)
      expect(cost.bytes).toBeLessThanOrEqual(50_000)
    }
    expect(await lookUp({ $id: idOf('contact', -1_000) })).toEqual({ rows: [], requests: 0, bytes: 0 })
    expect(await lookUp({ $id: 'contact_zzzzzzzzzzzz' })).toEqual({ rows: [], requests: 0, bytes: 0 })
  })

  test('a missing indexed value takes 1 request, except for a few false positives of bloom filters', async () => {
    const options = { columns: columnMap(columns) }
    let falsePositives = 0
    for (let at = 0; at < 100; at++) {
      store.forget()
      const filter = parse({ email: `nobody${at}@example.org` })
      const groups = await pruneByBloomFilters(planScan(file, { ...options, filter }), { ...options, filter })
      expect(store.requests).toBeLessThanOrEqual(1)
      expect(store.bytes).toBeLessThan(200_000)
      expect(groups.length).toBeLessThanOrEqual(1)
      if (groups.length > 0) falsePositives++
    }
    // 20 row groups, each with a false positive rate of at most 1%, and usually 0.2%.
    expect(falsePositives).toBeLessThanOrEqual(10)
  })

  test('an indexed value that exists once takes 2 requests', async () => {
    const [sample] = (await lookUp({ $id: ids[77_777] ?? '' })).rows
    const email = String(sample?.fields['email'])
    const cost = await lookUp({ email })
    expect(cost.rows).toContainEqual(sample)
    expect(cost.requests).toBeLessThanOrEqual(1 + cost.rows.length)
  })

  test('reading one column of the whole file takes one request per row group', async () => {
    store.forget()
    const stage = columns.filter(({ name }) => name === 'stage')
    for (const group of file.groups) await readColumns(file, group, stage)
    expect(store.requests).toBe(file.groups.length)
    expect(store.bytes).toBeLessThan(500_000)
  })
})
