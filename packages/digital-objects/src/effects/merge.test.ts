// Merges over generated Nouns and graphs, compared with a plain model that renames ids.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyGraph, type Graph, performPlan, readerOf, schemaOf } from '../../test/generated-graph.ts'
import type { EntityFields, JsonValue } from '../base/entity.ts'
import { referredIds } from '../noun/referred-ids.ts'
import type { NounSchema } from '../noun/schema.ts'
import { mergedFields, mergeSources } from './merge.ts'

interface Merge {
  readonly schemas: readonly NounSchema[]
  readonly graph: Graph
  readonly survivor: string
  readonly from: readonly string[]
}

const merges: fc.Arbitrary<Merge> = anyGraph.chain((generated) =>
  fc.constantFrom(...generated.ids).chain((survivor) => {
    const others = generated.ids.filter((id) => id !== survivor && id.split('_')[0] === survivor.split('_')[0])
    return fc
      .shuffledSubarray(others, { minLength: 1 })
      .map((from) => ({ schemas: generated.schemas, graph: generated.graph, survivor, from }))
  }),
)

/** The model: renames the merged ids everywhere, then fills the survivor and removes the others. */
function modelOf({ schemas, graph, survivor, from }: Merge): Graph {
  const left = new Map<string, EntityFields>()
  for (const [id, fields] of graph) {
    if (from.includes(id)) continue
    const entries = Object.entries(fields).flatMap(([name, value]) => {
      const next = renamed(value, { id, survivor, from })
      return next === undefined ? [] : [[name, next] as const]
    })
    left.set(id, Object.fromEntries(entries))
  }
  // A reference of the survivor to a merged one is not empty when the blanks are filled.
  const filled: Record<string, JsonValue> = {}
  for (const { name, kind } of Object.values(schemaOf(schemas, survivor).fields)) {
    if (graph.get(survivor)?.[name] !== undefined) continue
    const values = from.flatMap((id) => {
      const value = graph.get(id)?.[name]
      return value === undefined ? [] : [{ value }]
    })
    const own = new Set([survivor, ...from])
    const usable = values.find(({ value }) => kind !== 'reference' || !referredIds(value).some((one) => own.has(one)))
    if (usable !== undefined) filled[name] = usable.value
  }
  left.set(survivor, { ...left.get(survivor), ...filled })
  return left
}

function renamed(
  value: JsonValue,
  { id, survivor, from }: { readonly id: string; readonly survivor: string; readonly from: readonly string[] },
): JsonValue | undefined {
  if (typeof value === 'string') return !from.includes(value) ? value : id === survivor ? undefined : survivor
  if (!Array.isArray(value) || !value.some((one) => from.includes(String(one)))) return value
  const ids: string[] = []
  for (const one of referredIds(value)) {
    if (from.includes(one) && id === survivor) continue
    const next = from.includes(one) ? survivor : one
    if (next !== survivor || !ids.includes(next)) ids.push(next)
  }
  return ids.length === 0 ? undefined : ids
}

function mergeOf({ schemas, graph, survivor, from }: Merge): Graph | string {
  const state = new Map(graph)
  const schema = schemaOf(schemas, survivor)
  const verb = schema.verbs['merge']
  if (verb === undefined) throw new Error('every generated Noun can be merged')
  const call = { schema, verb, id: survivor, from: 'from' }
  const sources = mergeSources(call, [...from], readerOf(schemas, state).get)
  const after = mergedFields({ schema, id: survivor, read: () => undefined }, state.get(survivor) ?? {}, sources)
  state.set(survivor, after)
  const made = { schema, verb, id: survivor, after, input: { from: [...from] }, nowMs: 0 }
  return performPlan(schemas, state, made) ?? state
}

test('a merge renames, fills and removes as a model does, whatever the deletion rules, and no unique value is ever twice', () => {
  let filled = 0
  fc.assert(
    fc.property(merges, (merge) => {
      const actual = mergeOf(merge)
      if (typeof actual === 'string') throw new Error(actual)
      const expected = modelOf(merge)
      expect(Object.fromEntries(actual)).toEqual(Object.fromEntries(expected))
      if (actual.get(merge.survivor)?.['code'] !== merge.graph.get(merge.survivor)?.['code']) filled++
    }),
    { numRuns: 400 },
  )
  expect(filled).toBeGreaterThan(20)
})
