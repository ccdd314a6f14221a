// Refusals of the server that ships have a German form: for every type, verb and field, and for what a person meets in the console.

import type { JsonValue, NounSchema } from 'digital-objects'
import { expect, test } from 'vitest'
import { loadLanguage, withRest } from '../../console/src/base/language.ts'
import { minimalFields } from '../../../packages/objects.do/test/minimal-fields.ts'
import { useServer } from './server.ts'

const { call, tenant } = useServer()
const { translate = () => undefined } = await withRest(await loadLanguage('de'))

interface Refusals {
  readonly ask: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<JsonValue>
  readonly sentences: ReadonlySet<string>
}

/** Collects each sentence of refusals, also of those inside of a dry run. */
function refusalsOf(slug: string): Refusals {
  const sentences = new Set<string>()
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const { detail, errors, questions, reason, line } = value as Readonly<Record<string, unknown>>
    if (typeof detail === 'string') sentences.add(detail)
    if (typeof reason === 'string' && line !== undefined) sentences.add(reason)
    for (const list of [errors, questions])
      for (const one of Array.isArray(list) ? (list as { readonly message?: string }[]) : [])
        if (one.message !== undefined) sentences.add(one.message)
    Object.values(value).forEach(collect)
  }
  const ask: Refusals['ask'] = async (method, path, body, headers) => {
    const answer = await call(method, `/~${slug}${path}`, body, headers)
    collect(answer.body)
    return answer.body as JsonValue
  }
  return { ask, sentences }
}

function expectGerman(sentences: ReadonlySet<string>, atLeast: number): void {
  expect([...sentences].filter((text) => translate(text) === undefined)).toEqual([])
  expect(sentences.size).toBeGreaterThan(atLeast)
}

const member = (value: JsonValue, name: string): string => String((value as Readonly<Record<string, unknown>>)[name])

async function schemasOf(ask: Refusals['ask']): Promise<readonly NounSchema[]> {
  const described = Object.values((await ask('GET', '/schema')) as object) as readonly {
    readonly fields: readonly { readonly name: string }[]
    readonly verbs: readonly { readonly verb: string }[]
  }[]
  return described.map(
    (schema) =>
      ({
        ...schema,
        fields: Object.fromEntries(schema.fields.map((field) => [field.name, field])),
        verbs: Object.fromEntries(schema.verbs.map((verb) => [verb.verb, verb])),
      }) as unknown as NounSchema, // the server's contract
  )
}

test('for every type: missing and wrong fields, every verb in several states, every state by an update, and a deletion', async () => {
  const { ask, sentences } = refusalsOf(tenant())
  await ask('POST', '/Contact', { name: 'Ada' })
  const schemas = await schemasOf(ask)
  expect(schemas.length).toBeGreaterThan(45)
  const ids = new Map<string, string>()
  // References are there in the second round.
  for (const schema of [...schemas, ...schemas]) {
    const id = member(
      await ask(
        'POST',
        `/${schema.name}`,
        minimalFields(schema, {}, (noun) => ids.get(noun)),
      ),
      '$id',
    )
    if (id !== 'undefined') ids.set(schema.name, id)
  }
  const disabled = (schema: NounSchema): readonly string[] => schema.disabled
  for (const schema of schemas) {
    for (const value of ['x', 12.5, [1], {}])
      await ask('POST', `/${schema.name}`, Object.fromEntries(Object.keys(schema.fields).map((name) => [name, value])))
    await ask('POST', `/${schema.name}`, { nmae: 'x' })
    const id = ids.get(schema.name)
    if (id === undefined) continue
    const path = `/${schema.name}/${id}`
    const verbs = Object.keys(schema.verbs).filter((verb) => !['create', 'update', 'delete'].includes(verb))
    for (const verb of [...verbs, ...verbs, 'nope']) await ask('POST', `${path}/${verb}`, {})
    if (disabled(schema).includes('update')) continue
    for (const field of Object.values(schema.fields))
      for (const value of field.kind === 'enum' ? field.values : [null, 7, '2020-01-01T00:00:00Z'])
        await ask('PATCH', path, { [field.name]: value })
    await ask('PATCH', path, { tags: ['x'] }, { 'if-match': '"99"' })
  }
  for (const schema of schemas)
    if (ids.has(schema.name) && !disabled(schema).includes('delete'))
      await ask('DELETE', `/${schema.name}/${ids.get(schema.name) ?? ''}`)
  expectGerman(sentences, 1_000)
})

test('for values that are taken, records that others refer to, undo, rights, approvals and limits', async () => {
  const { ask, sentences } = refusalsOf(tenant())
  const ada = member(await ask('POST', '/Contact', { name: 'Ada', email: 'ada@example.com' }), '$id')
  await ask('POST', '/Contact', { name: 'Bob', email: 'ada@example.com' })
  const deal = member(await ask('POST', '/Deal', { name: 'Berths', value: 5, contact: ada }), '$id')
  const customer = member(await ask('POST', '/Customer', { name: 'Harbour' }), '$id')
  const invoice = member(await ask('POST', '/Invoice', { customer }), '$id')
  await ask('POST', '/LineItem', { invoice, unitAmount: 100, quantity: 1 })
  for (const verb of ['finalize', 'pay', 'void', 'credit']) await ask('POST', `/Invoice/${invoice}/${verb}`, {})
  await ask('POST', `/Invoice/${invoice}/credit`, { amount: 1_000 })
  for (const path of [`/Invoice/${invoice}`, `/Customer/${customer}`]) await ask('DELETE', path)
  await ask('POST', '/Deal', { name: 'Nobody', value: 5, contact: 'contact_000000000000' })
  await ask('POST', `/Contact/${ada}/merge`, { from: ada })
  const { results } = (await ask('GET', `/Invoice/${invoice}/history`)) as unknown as { results: { seq: number }[] }
  for (const { seq } of results) await ask('POST', `/commits/${seq}/undo`, {})
  await ask('POST', '/commits/99999/undo', {})
  // A member who may do little, by a key of theirs.
  const viewer = member(await ask('POST', '/User', { name: 'V', email: 'v@example.com', role: 'Viewer' }), '$id')
  const clerk = member(await ask('POST', '/User', { name: 'M', email: 'm@example.com', role: 'Member' }), '$id')
  const keyOf = async (owner: string): Promise<Record<string, string>> => ({
    authorization: `Bearer ${member(await ask('POST', '/ApiKey', { name: 'key', owner }), 'key')}`,
  })
  await ask('PUT', '/rules', { approvals: [{ name: 'deals', types: ['Deal'] }] })
  for (const headers of [await keyOf(viewer), await keyOf(clerk)]) {
    await ask('POST', '/Deal', { name: 'Another', value: 1 }, headers)
    await ask('PATCH', `/Deal/${deal}`, { name: 'Changed' }, headers)
    await ask('DELETE', `/Contact/${ada}`, undefined, headers)
    await ask('POST', '/User', { name: 'O', email: 'o@example.com', role: 'Owner' }, headers)
    await ask('POST', '/Refund', { amount: 5 }, headers)
    for (const [path, body] of [
      ['/rules', {}],
      ['/schema/Car', { fields: { name: 'string!' } }],
    ] as const)
      await ask('PUT', path, body, headers)
    for (const path of ['/rules', '/audit', '/approvals']) await ask('GET', path, undefined, headers)
  }
  await ask('GET', '/Contact', undefined, { authorization: 'Bearer hly_nope' })
  await ask('POST', '/Contact', { name: 'x'.repeat(1_100_000) })
  expectGerman(sentences, 25)
})

test('for filters, definitions, settings, functions, webhooks and the rows of an import', async () => {
  const { ask, sentences } = refusalsOf(tenant())
  await ask('POST', '/Contact', { name: 'Ada' })
  const filters = ['{', '[]', '{"nope":1}', '{"name":{"$nope":1}}', '{"value":"x"}', '{"value":{"$in":5}}', '{"$or":5}']
  for (const filter of [...filters, '{"stage":"x"}', '{"expectedCloseDate":"x"}', '{"contact":"x"}', '{"name":{}}'])
    await ask('GET', `/Deal?filter=${encodeURIComponent(filter)}`)
  for (const query of ['asOf=2999-01-01T00:00:00Z', 'asOf=2019-01-01T00:00:00Z', 'cursor=x'])
    await ask('GET', `/Deal?${query}`)
  for (const fields of [{}, { a: 'nope' }, { a: '-> Nope' }, { a: 'string', A: 'string' }])
    await ask('PUT', '/schema/Car', { fields })
  await ask('PUT', '/schema/Deal', { fields: { a: 'string' } })
  await ask('PATCH', '/schema/Contact', { fields: { name: null } })
  await ask('PATCH', '/settings', { currency: 'nope', timeZone: 'nope', numbers: 5, opening: 5 })
  await ask('PUT', '/functions/one', { source: 'nope(' })
  await ask('PUT', '/functions/one', { source: '(x) => 1', schedule: '99' })
  await ask('PUT', '/functions/one', { source: '(x) => 1', on: 'Nope.creating' })
  for (const webhook of [{}, { url: 'https://example.com', events: ['Nope.*'] }])
    await ask('POST', '/webhooks', webhook)
  const files = [
    'name,value,expectedCloseDate,contact,stage,currency\nA,abc,32.13.2026,Nobody,Nope,XXX\nB,-5,2026-01-01,Ada,Won,EUR\n',
    'nope\n1\n',
    'name,name\na,b\n',
    'name,value,expectedCloseDate\na,"1,5",03/04/2026\n',
    'name,value\n"a,1\n',
    '',
  ]
  for (const file of files)
    for (const query of ['', '&unmapped=ignore'])
      await ask('POST', `/import/Deal?dryRun=true${query}`, file, { 'content-type': 'text/csv' })
  expectGerman(sentences, 25)
})
