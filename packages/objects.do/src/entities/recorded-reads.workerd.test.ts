// The law of recorded reads on generated tenants: if a read, repeated after later commits, gives another answer, then it
// counts as affected. Commits that plainly have nothing to do with a read do not count.

import { env } from 'cloudflare:test'
import { type Call, type Entity, fullAuthority } from 'digital-objects'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { askWrite, type WriteGiven } from '../../test/ask-tenant.ts'
import {
  caller,
  filterOf,
  type Ids,
  type Kind,
  kinds,
  makeTenant,
  recordOf,
  sortOf,
} from '../../test/generated-tenant.ts'
import { item, member, step } from '../../test/expression-builder.ts'
import { restrictedCallers } from '../../test/restricted-callers.ts'
import type { Caller } from '../answers/caller.ts'

type ReadCall = Exclude<Call, { kind: 'write' | 'command' }>
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))
const rounds = Number(process.env['RUNS'] ?? 1)
const sampled = <Value>(arbitrary: fc.Arbitrary<Value>, salt: number): Value =>
  fc.sample(arbitrary, { seed: seed * 10_007 + salt, numRuns: 1 })[0] as Value

const groups: Readonly<Record<Kind, string>> = {
  Organization: 'industry',
  Contact: 'stage,organization.industry',
  Deal: 'month(expectedCloseDate),contact.stage',
  Activity: 'allDay,deal.name',
}
const values: Readonly<Record<Kind, string>> = {
  Organization: 'employeeCount',
  Contact: 'leadScore*organization.employeeCount',
  Deal: 'value,contact.leadScore',
  Activity: 'deal.value',
}

const includes: Readonly<Record<Kind, readonly string[]>> = {
  Organization: ['contacts', 'deals'],
  Contact: ['organization', 'deals'],
  Deal: ['contact', 'owner'],
  Activity: ['contact', 'deal'],
}

function readOf(ids: Ids): fc.Arbitrary<ReadCall> {
  const onKind = fc.constantFrom(...kinds).chain((noun) => {
    const filter = filterOf(noun).map((given) => JSON.stringify(given))
    const id = fc.constantFrom(...ids[noun], `${noun.toLowerCase()}_000000000000`)
    const include = fc.constantFrom(...includes[noun])
    const maybe = <Value>(name: string, given: fc.Arbitrary<Value>): fc.Arbitrary<object> =>
      fc.oneof(
        fc.constant({}),
        given.map((one) => ({ [name]: one })),
      )
    const parameters = (...parts: readonly fc.Arbitrary<object>[]): fc.Arbitrary<Record<string, string>> =>
      fc.tuple(...parts).map((given) => Object.assign({}, ...given) as Record<string, string>)
    const listed = parameters(
      maybe('filter', filter),
      maybe('sort', fc.constantFrom(...sortOf[noun])),
      maybe('limit', fc.constantFrom('1', '3', '20')),
      maybe('include', include),
      maybe('count', fc.constant('exact')),
    )
    const read = (name: string, given: fc.Arbitrary<Record<string, string>>, ofId?: fc.Arbitrary<string>) =>
      fc
        .tuple(given, ofId ?? fc.constant(undefined))
        .map(([parameters, one]) => ({ kind: 'read', read: name, noun, parameters, ...(one && { id: one }) }) as const)
    const named = fc.record({ filter }).map(({ filter: given }) => ({
      kind: 'pipeline' as const,
      read: 'find' as const,
      noun,
      parameters: { filter: given },
      steps: [step('map', member(item, '$id'))],
    }))
    return fc.oneof(
      { weight: 5, arbitrary: read('find', listed) },
      { weight: 3, arbitrary: read('count', parameters(maybe('filter', filter))) },
      {
        weight: 3,
        arbitrary: read(
          'aggregate',
          parameters(
            maybe('filter', filter),
            maybe('by', fc.constantFrom(...groups[noun].split(','))),
            maybe('sum', fc.constantFrom(...values[noun].split(','))),
          ),
        ),
      },
      { weight: 2, arbitrary: read('get', parameters(maybe('include', include)), id) },
      read('references', fc.constant({}), id),
      read('history', fc.constant({}), id),
      named,
    )
  })
  const ofLog = fc.constantFrom<ReadCall>(
    { kind: 'read', read: 'events', parameters: { limit: '1000', after: '30' } },
    { kind: 'read', read: 'overview', parameters: {} },
  )
  return fc.oneof({ weight: 40, arbitrary: onKind }, ofLog)
}

interface Tenant {
  readonly stub: DurableObjectStub<RecordingObject>
  readonly ids: Ids
  readonly write: (given: Omit<WriteGiven, 'body'>, body?: object) => Promise<Entity | undefined>
}
type RecordingObject = Cloudflare.Env['RECORDING'] extends DurableObjectNamespace<infer One> ? One : never

async function generated(salt: number): Promise<Tenant> {
  const { stub, history } = await makeTenant(seed + salt, env.RECORDING)
  const ids: Ids = { Organization: [], Contact: [], Deal: [], Activity: [] }
  for (const { $id, $type } of history.at(-1)?.world.values() ?? []) ids[$type as Kind].push($id)
  const write: Tenant['write'] = async (given, body = {}) => {
    const answer = await askWrite(stub, caller, { ...given, body: JSON.stringify(body) })
    return answer.ok && answer.body !== '' ? (JSON.parse(answer.body) as Entity) : undefined
  }
  return { stub: stub as Tenant['stub'], ids, write }
}

/** Writes something, or is refused. */
async function writeSomething({ ids, write }: Tenant, salt: number): Promise<void> {
  const kind = sampled(fc.constantFrom(...kinds), salt)
  const id = sampled(fc.constantFrom(...ids[kind]), salt + 1)
  const fields = sampled(recordOf[kind](ids), salt + 2)
  const verb = sampled(fc.constantFrom('create', 'update', 'update', 'update', 'delete'), salt + 3)
  const made = await write({ noun: kind, verb, ...(verb === 'create' ? {} : { id }) }, verb === 'delete' ? {} : fields)
  if (verb === 'create' && made !== undefined) ids[kind].push(made.$id)
}

describe('soundness', () => {
  test(
    `a read that would give another answer is affected, for any caller (seed ${seed})`,
    { timeout: 600_000 },
    async () => {
      let [changedCount, sameCount, falseCount] = [0, 0, 0]
      for (let round = 0; round < rounds; round++) {
        const salt = round * 1_000
        const tenant = await generated(salt)
        const { stub, ids } = tenant
        const restricted = restrictedCallers({ seed: seed + salt, count: 3, contactIds: ids.Contact })
        const callers: readonly Caller[] = [caller, caller, ...restricted.map((one) => one.caller)]
        const reads = Array.from({ length: 40 }, (_, at) => ({
          by: callers[at % callers.length] ?? caller,
          call: sampled(readOf(ids), salt + at),
        }))
        let known = await Promise.all(reads.map(({ by, call }) => stub.record(by, call)))
        for (let step = 0; step < 12; step++) {
          for (let writes = 0; writes <= step % 3; writes++) await writeSomething(tenant, salt + step * 50 + writes * 7)
          const affected = await stub.affected(known.map(({ at }) => at))
          const now = await Promise.all(reads.map(({ by, call }) => stub.record(by, call)))
          for (const [at, read] of reads.entries()) {
            const isSame = known[at]?.answer === now[at]?.answer
            if (isSame) sameCount++
            else changedCount++
            if (affected[at] !== null && isSame) falseCount++
            if (!isSame) expect(affected[at], JSON.stringify([read, known[at], now[at]])).not.toBeNull()
          }
          known = now
        }
      }
      expect(changedCount).toBeGreaterThan(0)
      // Filters across relations, short pages and reads of the log are decided roughly.
      expect(falseCount / sameCount).toBeLessThan(0.5)
    },
  )
})

describe('precision', () => {
  const find = (noun: string, filter: object, others: object = {}): ReadCall => ({
    kind: 'read',
    read: 'find',
    noun,
    parameters: { filter: JSON.stringify(filter), ...others },
  })
  const count = (noun: string, filter: object): ReadCall => ({ ...find(noun, filter), read: 'count' }) as ReadCall

  /** Returns what of the reads is affected by the writes. */
  async function affectedBy(
    reads: (given: { readonly ada: string; readonly org: string }) => readonly ReadCall[],
    writes: (tenant: Tenant['write'], given: { readonly ada: string; readonly org: string }) => Promise<unknown>,
  ): Promise<readonly (string | null)[]> {
    const stub = env.RECORDING.get(env.RECORDING.newUniqueId())
    const by: Caller = { ...caller, authority: fullAuthority('anonymous') }
    const write: Tenant['write'] = async (given, body = {}) => {
      const answer = await askWrite(stub, by, { ...given, body: JSON.stringify(body) })
      if (!answer.ok) throw new Error(JSON.stringify(answer.error))
      return answer.body === '' ? undefined : (JSON.parse(answer.body) as Entity)
    }
    const org = (await write({ noun: 'Organization', verb: 'create' }, { name: 'o', industry: 'x' }))?.$id ?? ''
    const fields = { name: 'Ada', stage: 'Lead', leadScore: 1, organization: org }
    const ada = (await write({ noun: 'Contact', verb: 'create' }, fields))?.$id ?? ''
    const recorded: number[] = []
    for (const call of reads({ ada, org })) recorded.push((await stub.record(by, call)).at)
    await writes(write, { ada, org })
    return stub.affected(recorded)
  }

  test('an update of another entity that a filter does not match before or after leaves lists and counts alone', async () => {
    const reads = () => [
      find('Contact', { stage: 'Qualified' }, { sort: '-leadScore', limit: '1' }),
      count('Contact', { $or: [{ stage: 'Qualified' }, { leadScore: { $gt: 5 } }] }),
      find('Contact', { $not: { stage: 'Lead' } }),
      find('Contact', { name: { $regex: '^B' } }),
      find('Deal', {}),
      count('Deal', {}),
    ]
    const affected = await affectedBy(reads, (write, { ada }) =>
      write({ noun: 'Contact', verb: 'update', id: ada }, { leadScore: 2 }),
    )
    expect(affected).toEqual([null, null, null, null, null, null])
  })

  test('a count is affected only by a change of membership, and a list by any change of a match', async () => {
    const reads = () => [count('Contact', { stage: 'Lead' }), count('Contact', {}), find('Contact', { stage: 'Lead' })]
    const touch = await affectedBy(reads, (write, { ada }) =>
      write({ noun: 'Contact', verb: 'update', id: ada }, { leadScore: 9 }),
    )
    expect(touch).toEqual([null, null, 'a list of Contact by stage'])
    const leave = await affectedBy(reads, (write, { ada }) => write({ noun: 'Contact', verb: 'qualify', id: ada }))
    expect(leave).toEqual(['the count of Contact by stage', null, 'a list of Contact by stage'])
    const phantom = await affectedBy(reads, (write) =>
      write({ noun: 'Contact', verb: 'create' }, { name: 'B', stage: 'Lead' }),
    )
    expect(phantom).toEqual(['the count of Contact by stage', 'the count of Contact', 'a list of Contact by stage'])
  })

  test('an entity is affected by its own events, and an absent one by its creation; a creation that was undone is not seen', async () => {
    const get = (id: string): ReadCall => ({ kind: 'read', read: 'get', noun: 'Contact', id, parameters: {} })
    const own = await affectedBy(
      ({ ada }) => [get(ada), get('contact_000000000000')],
      (write, { ada }) => write({ noun: 'Contact', verb: 'update', id: ada }, { title: 't' }),
    )
    expect(own).toEqual([expect.stringMatching(/^Contact 'contact_\w+' at version 1$/), null])
    const gone = await affectedBy(
      () => [find('Contact', {}), count('Contact', {})],
      async (write) => {
        const made = await write({ noun: 'Contact', verb: 'create' }, { name: 'B' })
        await write({ noun: 'Contact', verb: 'delete', id: made?.$id ?? '' })
      },
    )
    expect(gone).toEqual([null, null])
  })

  test('a filter across a relation depends on the fields that it reads there, and on no others', async () => {
    const reads = () => [
      find('Contact', { 'organization.industry': 'y' }),
      count('Organization', { 'contacts.stage': 'Lead' }),
    ]
    const other = await affectedBy(reads, (write, { org }) =>
      write({ noun: 'Organization', verb: 'update', id: org }, { name: 'renamed' }),
    )
    expect(other).toEqual([null, null])
    const read = await affectedBy(reads, (write, { org }) =>
      write({ noun: 'Organization', verb: 'update', id: org }, { industry: 'y' }),
    )
    expect(read).toEqual(['a list of Contact by organization', null])
  })

  test('a list by words depends on the words of all entities, a definition on everything, a history on its entity', async () => {
    const words = await affectedBy(
      () => [find('Contact', { $text: 'ada' }), find('Contact', { $text: 'ada' }, { sort: 'name' })],
      (write) => write({ noun: 'Contact', verb: 'create' }, { name: 'Bea' }),
    )
    expect(words).toEqual(['the Contact entities', null])
    const history = await affectedBy(
      ({ ada }) => [
        { kind: 'read', read: 'history', noun: 'Contact', id: ada, parameters: {} },
        { kind: 'read', read: 'status', parameters: {} },
      ],
      (write) => write({ noun: 'Contact', verb: 'create' }, { name: 'Bea' }),
    )
    expect(history).toEqual([null, 'the log'])
    const definition = await affectedBy(
      () => [count('Contact', {})],
      (write) => write({ noun: 'Vehicle', verb: 'schema.put' }, { fields: { name: 'string!' } }),
    )
    expect(definition).toEqual(['the definitions'])
  })
})
