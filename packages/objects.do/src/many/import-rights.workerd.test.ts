// An import by a caller does what the caller could do row by row: generated callers import generated rows into one tenant, and write
// them one after another into another.

import { env } from 'cloudflare:test'
import { type Authority, fullAuthority, type JsonValue, parseAuthority } from 'digital-objects'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ask, askRead } from '../../test/ask-tenant.ts'
import type { Answer } from '../answers/answer.ts'

type Body = Readonly<Record<string, JsonValue>>

const fields = { name: 'string!', code: 'string?#', slot: 'integer?#', email: 'email?##', crew: 'integer?' }
const names = ['name', 'code', 'slot', 'email', 'crew'] as const
const seed = Math.trunc(Math.random() * 2 ** 31)

const ship = fc.record(
  {
    name: fc.constantFrom('Argo', 'Beagle', ''),
    code: fc.constantFrom('a', 'b', 'A', 'é'),
    slot: fc.constantFrom(1, 2, 3),
    email: fc.constantFrom('ada@example.com', 'Ada@example.com', 'bo@example.com', 'no address'),
    crew: fc.constantFrom(1, 5, 9),
  },
  { requiredKeys: ['name'] },
)
const rule = fc.constantFrom<JsonValue>(
  'all',
  'all',
  'none',
  { crew: { $lt: 6 } },
  { code: 'a' },
  { slot: { $gte: 2 } },
)
const hidden = fc.subarray(['slot', 'email', 'crew'], { maxLength: 1 })
const granted = fc.record({
  read: rule,
  write: rule,
  hidden,
  verbs: fc.constantFrom<JsonValue>('all', ['create', 'update'], ['create'], ['update']),
})
const cases = fc.sample(
  fc.record({
    granted,
    match: fc.constantFrom(null, 'code', 'slot', 'email', 'email'),
    before: fc.array(ship, { maxLength: 6 }),
    rows: fc.array(ship, { minLength: 15, maxLength: 30 }),
  }),
  { numRuns: 24, seed },
)

function bodyOf(answer: Answer): Body {
  if (!answer.ok) throw new Error(`${answer.error.code}: ${answer.error.message}`)
  return JSON.parse(answer.body) as Body
}

async function openTenant(before: readonly Body[]) {
  const stub = env.TENANTS.get(env.TENANTS.newUniqueId())
  const callerOf = (authority: Authority) =>
    ({ tenant: 'rights', context: 'http://localhost/~rights', authority, via: 'rest' }) as const
  const ada = fullAuthority('ada')
  const write = (authority: Authority, verb: string, body: object, more: { readonly id?: string } = {}) =>
    ask(stub, callerOf(authority), { kind: 'write', verb, noun: 'Ship', body: JSON.stringify(body), ...more })
  const find = (authority: Authority, filter: object) =>
    askRead(stub, callerOf(authority), {
      read: 'find',
      noun: 'Ship',
      parameters: { filter: JSON.stringify(filter), strong: 'true', limit: '2' },
    })
  bodyOf(await write(ada, 'schema.put', { fields }))
  for (const one of before) await write(ada, 'create', one)
  const job = async (id: string) => bodyOf(await askRead(stub, callerOf(ada), { read: 'job', id }))
  const all = async (): Promise<readonly string[]> => {
    const { results } = bodyOf(
      await askRead(stub, callerOf(ada), { read: 'find', noun: 'Ship', parameters: { strong: 'true', limit: '100' } }),
    )
    return (results as readonly Body[])
      .map((one) => JSON.stringify([one['$version'], ...names.map((name) => one[name] ?? null)]))
      .toSorted()
  }
  return { write, find, job, all }
}

type Tenant = Awaited<ReturnType<typeof openTenant>>

/** Returns the lines that were refused. */
async function oneByOne(tenant: Tenant, authority: Authority, rows: readonly Body[], match: string | null) {
  const refused: number[] = []
  for (const [at, row] of rows.entries()) {
    const value = match === null ? undefined : row[match]
    const found = match === null || value === undefined ? undefined : await tenant.find(authority, { [match]: value })
    if (found !== undefined && !found.ok) {
      refused.push(at + 2)
      continue
    }
    const [only, other] = found === undefined ? [] : (bodyOf(found)['results'] as readonly Body[])
    const changes = async () =>
      only === undefined
        ? tenant.write(authority, 'create', row)
        : tenant.write(authority, 'update', row, { id: String(only['$id']) })
    const written = other === undefined ? await changes() : undefined
    if (written?.ok !== true) refused.push(at + 2)
  }
  return refused
}

async function imported(tenant: Tenant, authority: Authority, rows: readonly Body[], match: string | null) {
  const seen = names.filter((name) => !(authority.nouns['Ship']?.hidden ?? []).includes(name))
  const columns = seen.map((field, index) => ({ index, header: field, to: 'field', field, by: 'choice' }))
  const plan = { noun: 'Ship', columns, zone: 'UTC', system: '', match }
  const staged = rows.map((row, at) => [at + 2, ...seen.map((name) => (row[name] === undefined ? null : [row[name]]))])
  const stage = await tenant.write(authority, 'import.stage', { piece: 0, rows: staged })
  if (!stage.ok) return undefined
  const { source } = bodyOf(stage)
  const start = await tenant.write(authority, 'import.start', { source, header: seen, plan })
  if (!start.ok) return undefined
  const { id } = bodyOf(start)['job'] as { readonly id: string }
  for (let round = 0; round < 500; round++) {
    const job = await tenant.job(id)
    if (job['state'] !== 'running')
      return (job['refusals'] as readonly Body[]).map(({ field }) => Number(String(field).replace('line ', '')))
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('the import did not end')
}

test.each(cases.map((one, at) => [at, one] as const))(
  `import %i by a generated caller leaves what its rows one by one leave, and refuses the same (seed ${seed})`,
  async (_, { granted: own, match, before, rows: given }) => {
    const authority = parseAuthority(
      JSON.stringify({
        who: 'bo',
        nouns: { Ship: own },
        others: { read: 'none', write: 'none', hidden: [], verbs: [] },
      }),
    )
    const hides: readonly string[] = own.hidden
    const rows = given.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !hides.includes(name))))
    const [first, second] = [await openTenant(before), await openTenant(before)]
    const refused = await imported(first, authority, rows, match)
    // No caller matches by a field that is hidden from it. One that is refused as a whole could write none of the rows.
    const written = match !== null && hides.includes(match) ? [] : await oneByOne(second, authority, rows, match)
    if (refused === undefined) expect(written).toHaveLength(match !== null && hides.includes(match) ? 0 : rows.length)
    else expect(refused).toEqual(written)
    expect(await first.all()).toEqual(await second.all())
  },
)
