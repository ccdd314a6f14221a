// Authorities and definitions that change while the server runs: what an authority cannot understand, it does not grant.

import { env } from 'cloudflare:test'
import { type NounAuthority, ObjectError, type ObjectErrorData, type ObjectEvent } from 'digital-objects'
import { beforeAll, expect, test } from 'vitest'
import { ask, askRead, askWrite, type ReadGiven } from '../../test/ask-tenant.ts'
import { caller as fullCaller } from '../../test/generated-tenant.ts'
import type { Caller } from '../answers/caller.ts'

const stub = env.TENANTS.get(env.TENANTS.newUniqueId())
const everything: NounAuthority = { read: 'all', write: 'all', hidden: [], verbs: 'all' }

function callerWith(named: Readonly<Record<string, Partial<NounAuthority>>>): Caller {
  const granted = Object.entries(named).map(([noun, given]) => [noun, { ...everything, ...given }] as const)
  const authority = { who: 'user_0000000000aa', nouns: Object.fromEntries(granted), others: everything }
  return { ...fullCaller, authority }
}

async function define(fields: Readonly<Record<string, string>>, verb = 'schema.put'): Promise<void> {
  const answer = await ask(stub, fullCaller, { kind: 'write', noun: 'Vehicle', verb, body: JSON.stringify({ fields }) })
  if (!answer.ok) throw new ObjectError(answer.error)
}

async function create(noun: string, body: object): Promise<string> {
  const answer = await askWrite(stub, fullCaller, { noun, verb: 'create', body: JSON.stringify(body) })
  if (!answer.ok) throw new ObjectError(answer.error)
  return answer.createdId ?? ''
}

async function read<Body>(caller: Caller, given: ReadGiven): Promise<Body> {
  const answer = await askRead(stub, caller, given)
  if (!answer.ok) throw new ObjectError(answer.error)
  return JSON.parse(answer.body) as Body
}

async function refusal(caller: Caller, given: ReadGiven): Promise<ObjectErrorData | undefined> {
  const answer = await askRead(stub, caller, given)
  return answer.ok ? undefined : answer.error
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const count = (noun: string) => ({ read: 'count', noun })

beforeAll(async () => {
  await create('Contact', { name: 'Ada' })
})

test('an authority that names a Noun before it is defined grants no Noun that it does not name', async () => {
  const driver = callerWith({ Vehicle: { hidden: ['plate'] }, Deal: {} })
  expect(await refusal(driver, count('Contact'))).toMatchObject({ code: 'not_found', field: 'type' })
  expect(await read(driver, count('Deal'))).toEqual({ count: 0 })
  await define({ name: 'string!', plate: 'string?##' })
  expect(await read(driver, count('Contact'))).toEqual({ count: 1 })
})

test('a Noun that a tenant defines is there for callers at once, by their rules', async () => {
  const id = await create('Vehicle', { name: 'van', plate: 'B 1' })
  expect(await read(callerWith({}), { read: 'get', noun: 'Vehicle', id })).toMatchObject({ plate: 'B 1' })
  const driver = callerWith({ Vehicle: { hidden: ['plate'], read: { name: 'van' } } })
  expect(await read(driver, { read: 'get', noun: 'Vehicle', id })).not.toHaveProperty('plate')
  const schema = await read<{ fields: readonly { name: string }[] }>(driver, { read: 'schema', noun: 'Vehicle' })
  expect(JSON.stringify(schema)).not.toContain('plate')
  const other = callerWith({ Vehicle: { read: { name: 'bus' } } })
  expect(await refusal(other, { read: 'get', noun: 'Vehicle', id })).toMatchObject({ code: 'not_found' })
})

test('a field that is hidden today is hidden in the past, and one that the past lacks hides nothing else', async () => {
  const before = new Date().toISOString()
  await sleep(5)
  await define({ seats: 'integer?' }, 'schema.patch')
  await create('Vehicle', { name: 'bus', seats: 50 })
  const driver = callerWith({ Vehicle: { hidden: ['plate', 'seats'] } })
  const parameters = { asOf: before }
  const then = await read<{ results: readonly object[] }>(driver, { read: 'find', noun: 'Vehicle', parameters })
  expect(then.results).toHaveLength(1)
  expect(JSON.stringify(then)).not.toMatch(/plate|seats/)
  expect(JSON.stringify(await read(driver, { read: 'find', noun: 'Vehicle' }))).not.toMatch(/plate|seats/)
})

test('a rule about a field that is defined no more makes its Noun unreadable, now and in the past', async () => {
  const now = new Date().toISOString()
  await sleep(5)
  const rule = callerWith({ Vehicle: { read: { color: 'red' } } })
  expect(await refusal(rule, count('Vehicle'))).toMatchObject({ code: 'not_found', field: 'type' })
  expect(await refusal(rule, { ...count('Vehicle'), parameters: { asOf: now } })).toMatchObject({ code: 'not_found' })
  await define({ color: 'string?' }, 'schema.patch')
  expect(await read(rule, count('Vehicle'))).toEqual({ count: 0 })
})

test('events of definitions are for callers that see everything', async () => {
  const types = async (caller: Caller): Promise<ReadonlySet<string>> => {
    const page = await read<{ results: readonly ObjectEvent[] }>(caller, { read: 'events' })
    return new Set(page.results.map(({ type }) => type.slice(0, type.indexOf('.'))))
  }
  expect(await types(fullCaller)).toEqual(new Set(['Contact', 'Schema', 'Vehicle']))
  expect(await types(callerWith({ Deal: { hidden: ['value'] } }))).toEqual(new Set(['Contact', 'Vehicle']))
})
