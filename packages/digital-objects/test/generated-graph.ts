// Generated Nouns with references among them, entities of them, and the performing of plans in memory, one change at a time as
// the tenant's object does.

import fc from 'fast-check'
import {
  crudVerb,
  decideChange,
  type DeletionRule,
  type EffectReader,
  type EntityFields,
  followingChanges,
  type JsonValue,
  makeNoun,
  type MadeChange,
  type NounSchema,
  ObjectError,
  referredIds,
} from '../src/index.ts'

export type Graph = ReadonlyMap<string, EntityFields>

export interface GeneratedGraph {
  readonly schemas: readonly NounSchema[]
  readonly graph: Graph
  readonly ids: readonly string[]
}

const names = ['Aa', 'Bb', 'Cc'] as const
const rules: readonly DeletionRule[] = [
  'restrict',
  'cascade',
  'clear',
  'keep',
  { restrictWhile: { field: 'mood', values: ['Calm'] }, otherwise: 'cascade' },
  { restrictWhile: { field: 'mood', values: ['Calm'] }, otherwise: 'clear' },
]

interface GeneratedReference {
  readonly many: boolean
  readonly to: readonly string[]
  readonly rule: DeletionRule | undefined
}

const references: fc.Arbitrary<GeneratedReference> = fc.record({
  many: fc.boolean(),
  to: fc.subarray([...names], { minLength: 1 }),
  rule: fc.constantFrom(undefined, ...rules),
})
const nouns = fc
  .tuple(...names.map(() => fc.array(references, { maxLength: 3 })))
  .map((all) => all.map((fields, at) => nounOf(names[at] ?? 'Aa', fields)))

function nounOf(name: string, fields: readonly GeneratedReference[]): NounSchema {
  const texts = fields.map(({ many, to }, at) => [`r${at}`, `-> ${to.join(' | ')}${many ? '[]' : ''}`])
  const onDelete = Object.fromEntries(fields.flatMap(({ rule }, at) => (rule === undefined ? [] : [[`r${at}`, rule]])))
  const own = { mood: 'Calm | Busy', note: 'string', code: 'string##', merge: 'Merged' }
  return makeNoun(name, {
    fields: { ...own, ...Object.fromEntries(texts) },
    onDelete,
    effects: { merge: { argumentsOnly: ['from'], related: [{ kind: 'merge', from: 'from' }] } },
  }).$schema
}

export const anyGraph: fc.Arbitrary<GeneratedGraph> = nouns.chain((schemas) => {
  const ids = schemas.flatMap(({ idPrefix }) => [0, 1, 2, 3].map((at) => `${idPrefix}_00000000000${at}`))
  const entities = ids.map((id) => {
    const schema = schemaOf(schemas, id)
    const parts = Object.values(schema.fields).map((field) => {
      const value = valueOf(schemas, ids, field)
      return fc.option(value, { nil: undefined, freq: 2 }).map((given) => [field.name, given] as const)
    })
    // Each entity's code is its own.
    return fc.tuple(...parts).map((entries) => {
      const fields = fieldsOf(entries)
      return [id, fields['code'] === undefined ? fields : { ...fields, code: id }] as const
    })
  })
  return fc.record({
    schemas: fc.constant(schemas),
    graph: fc.tuple(...entities).map((all): Graph => new Map(all)),
    ids: fc.constant(ids),
  })
})

function valueOf(
  schemas: readonly NounSchema[],
  ids: readonly string[],
  field: NounSchema['fields'][string],
): fc.Arbitrary<JsonValue> {
  if (field.kind === 'enum') return fc.constantFrom(...field.values)
  if (field.kind !== 'reference') return fc.constantFrom('a', 'b')
  const one = fc.constantFrom(...ids.filter((id) => field.to.includes(schemaOf(schemas, id).name)))
  return field.many ? fc.array(one, { minLength: 1, maxLength: 3 }) : one
}

export function schemaOf(schemas: readonly NounSchema[], id: string): NounSchema {
  const schema = schemas.find(({ idPrefix }) => id.startsWith(`${idPrefix}_`))
  if (schema === undefined) throw new Error(`no Noun of ${id}`)
  return schema
}

export function readerOf(schemas: readonly NounSchema[], state: Graph): EffectReader {
  return {
    get: (_, id) => state.get(id),
    find: (schema, values) =>
      [...state]
        .filter(([at]) => schemaOf(schemas, at) === schema)
        .find(([, fields]) => Object.entries(values).every(([name, value]) => fields[name] === value))?.[0],
    records: () => [],
    referring: (schema, { field, id, limit }) =>
      [...state]
        .filter(([at, fields]) => schemaOf(schemas, at) === schema && referredIds(fields[field.name]).includes(id))
        .map(([at]) => at)
        .slice(0, limit),
  }
}

/** Performs all that follows from a change that was made in `state`. Returns the refusal in words, if there is one. */
export function performPlan(
  schemas: readonly NounSchema[],
  state: Map<string, EntityFields>,
  made: MadeChange,
): string | undefined {
  const lookup = (name: string): NounSchema | undefined => schemas.find((one) => one.name === name)
  const plan = followingChanges(made, { nouns: schemas, lookup, reader: readerOf(schemas, state) })
  try {
    for (let next = plan.next(); next.done !== true;) {
      const { schema, verb, target = '', input } = next.value
      const current = state.get(target)
      if (current === undefined) throw new Error(`${verb.name} of '${target}', which is not there`)
      checkUnique(schemas, state, { target, code: input['code'] })
      const fields = decideChange({ schema, verb, input, current, nowMs: 0 })
      if (verb.name === 'delete') state.delete(target)
      else state.set(target, fields ?? {})
      next = plan.next(target)
    }
    return undefined
  } catch (error) {
    if (error instanceof ObjectError) return `${error.code} ${error.message}`
    throw error
  }
}

/** A unique value may never be in two live entities, not even between two changes of a commit. */
function checkUnique(
  schemas: readonly NounSchema[],
  state: Graph,
  { target, code }: { readonly target: string; readonly code: JsonValue | undefined },
): void {
  if (typeof code !== 'string') return
  const schema = schemaOf(schemas, target)
  const holder = [...state].find(
    ([id, fields]) => id !== target && fields['code'] === code && schemaOf(schemas, id) === schema,
  )
  if (holder !== undefined) throw new Error(`${target} and ${holder[0]} have the code ${code}`)
}

export function deleteVerb({ verbs }: NounSchema): NounSchema['verbs'][string] {
  return verbs['delete'] ?? crudVerb('delete')
}

function fieldsOf(entries: readonly (readonly [string, JsonValue | undefined])[]): EntityFields {
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])))
}
