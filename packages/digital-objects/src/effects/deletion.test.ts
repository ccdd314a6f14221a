// Deletion rules over generated Nouns and graphs, compared with a plain model that works on whole sets.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { EntityFields } from '../base/entity.ts'
import { ObjectError } from '../base/object-error.ts'
import type { DeletionRule } from '../noun/deletion-rule.ts'
import { makeNoun } from '../noun/noun.ts'
import { referredIds } from '../noun/referred-ids.ts'
import type { NounSchema } from '../noun/schema.ts'
import { decideChange } from '../verb/decide-change.ts'
import type { EffectReader } from './following-change.ts'
import { followingChanges } from './following-changes.ts'

type Graph = ReadonlyMap<string, EntityFields>

const names = ['Aa', 'Bb', 'Cc'] as const
const rules: readonly DeletionRule[] = [
  'restrict',
  'cascade',
  'clear',
  'keep',
  { restrictWhile: { field: 'mood', values: ['Calm'] }, otherwise: 'cascade' },
  { restrictWhile: { field: 'mood', values: ['Calm'] }, otherwise: 'clear' },
]

const references = fc.record({
  many: fc.boolean(),
  to: fc.subarray([...names], { minLength: 1 }),
  rule: fc.constantFrom(undefined, ...rules),
})
const nouns = fc
  .tuple(...names.map(() => fc.array(references, { maxLength: 3 })))
  .map((all) => all.map((fields, at) => nounOf(names[at] ?? 'Aa', fields)))

function nounOf(
  name: string,
  fields: readonly { many: boolean; to: string[]; rule: DeletionRule | undefined }[],
): NounSchema {
  const texts = fields.map(({ many, to }, at) => [`r${at}`, `-> ${to.join(' | ')}${many ? '[]' : ''}`])
  const onDelete = Object.fromEntries(fields.flatMap(({ rule }, at) => (rule === undefined ? [] : [[`r${at}`, rule]])))
  const definition = { fields: { mood: 'Calm | Busy', ...Object.fromEntries(texts) }, onDelete }
  return makeNoun(name, definition).$schema
}

const cases = nouns.chain((schemas) => {
  const ids = schemas.flatMap(({ idPrefix }) => [0, 1, 2, 3].map((at) => `${idPrefix}_00000000000${at}`))
  const entities = ids.map((id) => {
    const schema = schemaOf(schemas, id)
    const parts = Object.values(schema.fields).map((field) => {
      if (field.kind === 'enum') return fc.constantFrom('Calm', 'Busy').map((value) => [field.name, value] as const)
      const targets = ids.filter(
        (other) => field.kind === 'reference' && field.to.includes(schemaOf(schemas, other).name),
      )
      const one = fc.constantFrom(...targets)
      const some: fc.Arbitrary<string | string[]> =
        field.kind === 'reference' && field.many ? fc.array(one, { minLength: 1, maxLength: 3 }) : one
      return fc.option(some, { nil: undefined, freq: 2 }).map((value) => [field.name, value] as const)
    })
    return fc.tuple(...parts).map((entries) => [id, fieldsOf(entries)] as const)
  })
  return fc.record({
    schemas: fc.constant(schemas),
    graph: fc.tuple(...entities).map((all): Graph => new Map(all)),
    root: fc.constantFrom(...ids),
  })
})

function schemaOf(schemas: readonly NounSchema[], id: string): NounSchema {
  const schema = schemas.find(({ idPrefix }) => id.startsWith(`${idPrefix}_`))
  if (schema === undefined) throw new Error(`no Noun of ${id}`)
  return schema
}

function fieldsOf(entries: readonly (readonly [string, string | string[] | undefined])[]): EntityFields {
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])))
}

/** The model: whole sets, without an order. Returns undefined if the deletion is restricted. */
function modelOf(schemas: readonly NounSchema[], graph: Graph, root: string): Graph | undefined {
  const gone = new Set([root])
  const edges = [...graph].flatMap(([id, fields]) =>
    Object.values(schemaOf(schemas, id).fields).flatMap((field) => {
      if (field.kind !== 'reference') return []
      const { onDelete } = field
      const isStated = typeof onDelete !== 'string' && fields['mood'] === 'Calm'
      const fate = typeof onDelete === 'string' ? onDelete : isStated ? 'restrict' : onDelete.otherwise
      return referredIds(fields[field.name]).map((to) => ({ id, to, fate, field: field.name }))
    }),
  )
  for (let size = 0; size !== gone.size;) {
    size = gone.size
    for (const { id, to, fate } of edges) if (fate === 'cascade' && gone.has(to)) gone.add(id)
  }
  if (edges.some(({ id, to, fate }) => fate === 'restrict' && gone.has(to) && !gone.has(id))) return undefined
  const left = new Map<string, EntityFields>()
  for (const [id, fields] of graph) {
    if (gone.has(id)) continue
    const cleared = edges.filter((edge) => edge.id === id && edge.fate === 'clear' && gone.has(edge.to))
    const entries = Object.entries(fields).flatMap(([name, value]) => {
      if (!cleared.some((edge) => edge.field === name)) return [[name, value] as const]
      const others = referredIds(value).filter((one) => !gone.has(one))
      return Array.isArray(value) && others.length > 0 ? [[name, others] as const] : []
    })
    left.set(id, Object.fromEntries(entries))
  }
  return left
}

/** Makes the planned changes one by one, as the tenant's object does. */
function deleteOf(schemas: readonly NounSchema[], graph: Graph, root: string): Graph | string {
  const state = new Map(graph)
  const reader: EffectReader = {
    get: (_, id) => state.get(id),
    referring: (schema, { field, id, limit }) =>
      [...state]
        .filter(
          ([other, fields]) => schemaOf(schemas, other) === schema && referredIds(fields[field.name]).includes(id),
        )
        .map(([other]) => other)
        .slice(0, limit),
  }
  const schema = schemaOf(schemas, root)
  const after = state.get(root) ?? {}
  state.delete(root)
  const verb = schema.verbs['delete']
  if (verb === undefined) throw new Error('every Noun of this test has the verb delete')
  const plan = followingChanges(
    { schema, verb, id: root, after, input: {}, nowMs: 0 },
    { nouns: schemas, lookup: (name) => schemas.find((one) => one.name === name), reader },
  )
  try {
    for (let next = plan.next(); next.done !== true;) {
      const { schema: noun, verb: then, target = '', input } = next.value
      const current = state.get(target)
      expect(current, `${then.name} ${target} acts on a live entity`).toBeDefined()
      const fields = decideChange({ schema: noun, verb: then, input, current, nowMs: 0 })
      if (then.name === 'delete') state.delete(target)
      else state.set(target, fields ?? {})
      next = plan.next(target)
    }
    return state
  } catch (error) {
    if (error instanceof ObjectError) return `${error.code} ${error.message}`
    throw error
  }
}

test('deletions restrict, cascade and clear as a model of sets says, cycles included', () => {
  const seen = { restricted: 0, done: 0 }
  fc.assert(
    fc.property(cases, ({ schemas, graph, root }) => {
      const expected = modelOf(schemas, graph, root)
      const actual = deleteOf(schemas, graph, root)
      if (expected === undefined) {
        seen.restricted++
        expect(actual).toMatch(/^conflict \w+ '\w+' cannot be deleted: /)
      } else {
        seen.done++
        // A cascade of more than 8 levels is refused.
        if (typeof actual === 'string') expect(actual).toMatch(/^payload_too_large effects follow each other/)
        else expect(Object.fromEntries(actual)).toEqual(Object.fromEntries(expected))
      }
    }),
    { numRuns: 400 },
  )
  expect(Math.min(seen.restricted, seen.done)).toBeGreaterThan(20)
})

function chain(length: number): { readonly schemas: readonly NounSchema[]; readonly graph: Graph } {
  const noun = makeNoun('Aa', { fields: { parent: '-> Aa' }, onDelete: { parent: 'cascade' } }).$schema
  const idOf = (at: number): string => `aa_0000000000${String(at).padStart(2, '0')}`
  const entities = Array.from({ length }, (_, at) => [idOf(at), at === 0 ? {} : { parent: idOf(at - 1) }] as const)
  return { schemas: [noun], graph: new Map<string, EntityFields>(entities) }
}

test('a cascade goes 8 levels deep, and is refused beyond', () => {
  const root = 'aa_000000000000'
  const eight = chain(9)
  expect(deleteOf(eight.schemas, eight.graph, root)).toEqual(new Map())
  const nine = chain(10)
  expect(deleteOf(nine.schemas, nine.graph, root)).toContain('at most 8 levels, and Aa.delete would be one more')
})

test('a deletion with more than 1,000 consequences is refused', () => {
  const { schemas } = chain(1)
  const root = 'aa_000000000000'
  const children = (count: number): Graph =>
    new Map<string, EntityFields>([
      [root, {}],
      ...Array.from({ length: count }, (_, at) => [`aa_1${String(at).padStart(11, '0')}`, { parent: root }] as const),
    ])
  expect(deleteOf(schemas, children(1_000), root)).toEqual(new Map())
  expect(deleteOf(schemas, children(1_001), root)).toContain('at most 1000 changes, effects included')
})

test('a restriction names the reference, the number and the ids of those that refer', () => {
  const schemas = [makeNoun('Aa', { fields: { parent: '-> Aa!' } }).$schema]
  const root = 'aa_000000000000'
  const graph: Graph = new Map([
    [root, {}],
    ['aa_000000000001', { parent: root }],
    ['aa_000000000002', { parent: root }],
  ])
  expect(deleteOf(schemas, graph, root)).toBe(
    `conflict Aa '${root}' cannot be deleted: 2 Aa refer to it by 'parent', which restricts deletion`,
  )
})
