// Commits of several changes, for tests.

import { applyDefaults, type EntityFields, type NounSchema, validateCreate } from 'digital-objects'
import type { LogRow } from '../src/log/log-row.ts'
import type { Change } from '../src/write/change.ts'
import { type Flushed, Robot } from './flushed-store.ts'

/** A change by id; without one, a creation. `null` deletes. */
export interface TestChange {
  readonly id?: string
  readonly schema?: NounSchema
  readonly fields: EntityFields | null
}

/** Makes all changes in one commit, by one actor. */
export async function commitTogether(
  { store, clock }: Pick<Flushed, 'store' | 'clock'>,
  changes: readonly TestChange[],
  actor = 'user_1',
): Promise<readonly LogRow[]> {
  clock.ms += 1
  const { written } = await store.commit(
    (commit) => {
      for (const change of changes) commit.write(toChange(change, actor))
      return null
    },
    { tenant: { name: 'acme', context: 'http://localhost/~acme' } },
  )
  return written.map(({ row }) => row)
}

function toChange({ id, schema = Robot, fields }: TestChange, actor: string): Change {
  const name = id === undefined ? 'create' : fields === null ? 'delete' : 'update'
  const verb = schema.verbs[name]
  if (verb === undefined) throw new Error(`no ${name}`)
  const base = { schema, verb, actor, via: 'rest' } as const
  if (id === undefined) return { ...base, kind: 'create', decide: () => created(schema, fields ?? {}) }
  if (fields === null) return { ...base, kind: 'remove', target: id, decide: ({ current }) => current ?? {} }
  return { ...base, kind: 'change', target: id, decide: ({ current }) => ({ ...current, ...fields }) }
}

function created(schema: NounSchema, fields: EntityFields): EntityFields {
  const validated = validateCreate(schema, applyDefaults(schema, fields))
  if (!validated.ok) throw new Error(JSON.stringify(validated.faults))
  return validated.fields
}
