// Deletion rules over generated Nouns and graphs, compared with a plain model that works on whole sets.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { deleteVerb, anyGraph, type Graph, performPlan, schemaOf } from '../../test/generated-graph.ts'
import type { EntityFields } from '../base/entity.ts'
import { makeNoun } from '../noun/noun.ts'
import { referredIds } from '../noun/referred-ids.ts'
import type { NounSchema } from '../noun/schema.ts'

const cases = anyGraph.chain((generated) => fc.constantFrom(...generated.ids).map((root) => ({ ...generated, root })))

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

/** Deletes an entity. Returns the graph after it, or the refusal in words. */
function deleteOf(schemas: readonly NounSchema[], graph: Graph, root: string): Graph | string {
  const state = new Map(graph)
  const schema = schemaOf(schemas, root)
  const after = state.get(root) ?? {}
  state.delete(root)
  return (
    performPlan(schemas, state, { schema, verb: deleteVerb(schema), id: root, after, input: {}, nowMs: 0 }) ?? state
  )
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
