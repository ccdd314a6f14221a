// `rollback`: restores an earlier state of an entity, as a new version.

import {
  acceptedFields,
  type EntityFields,
  type JsonValue,
  type NounSchema,
  ObjectError,
  validateUpdate,
  type Visibility,
} from 'digital-objects'
import { findCrudVerb } from '../answers/crud-verbs.ts'
import { parseTimestamp } from '../entities/parameters.ts'
import { ref } from '../openapi/components.ts'
import type { EntityCall } from './entity-call.ts'
import { defineEntityWrite, type Resolved } from './entity-write.ts'
import type { WriteParts } from './write.ts'

export const rollback = defineEntityWrite({
  name: 'rollback',
  about: 'Restore an earlier state of a {Noun}',
  routes: [{ methods: ['POST'], path: '/{Noun}/{id}/rollback' }],
  needs: 'update',
  body: { isRequired: true, schema: () => ref('Rollback') },

  resolve: (parts, given) => ({
    verb: findCrudVerb(given.schema, 'update'),
    kind: 'restore',
    decide: decideRollback(parts, given),
  }),
})

function decideRollback({ store }: WriteParts, given: EntityCall): Resolved['decide'] {
  const { call, schema, body, visibility } = given
  const { asOf, version, ...others } = body
  const unknown = Object.keys(others)[0]
  if (unknown !== undefined || (asOf === undefined) === (version === undefined)) {
    throw new ObjectError({
      code: 'invalid_body',
      field: unknown ?? 'asOf',
      message: 'rollback expects either { asOf } or { version }',
    })
  }
  return ({ current = {} }) => {
    const id = call.id ?? ''
    const seq =
      asOf === undefined
        ? store.seqOfVersion(schema, id, parseVersion(version))
        : store.events.seqAt(parseTimestamp('asOf', asOf))
    // The caller can restore only a state that was visible to it, and hidden fields keep their current values.
    const earlier =
      seq === undefined ? undefined : store.eventVisibility(visibility).versionAt(schema.name, { id, seq })
    if (earlier !== undefined) {
      const shown = visibility.shown(schema.name, earlier.fields)
      return checkRestored(schema, current, { ...hiddenFields(visibility, schema, current), ...shown })
    }
    const when = asOf === undefined ? `at version ${String(version)}` : `at ${String(asOf)}`
    throw new ObjectError({
      code: 'not_found',
      field: asOf === undefined ? 'version' : 'asOf',
      message: `there was no ${schema.name} '${id}' ${when}`,
    })
  }
}

/** The definition may have changed since then. A restored value must pass today's rules, as any other written value. */
function checkRestored(schema: NounSchema, current: EntityFields, restored: EntityFields): EntityFields {
  const names = Object.keys({ ...current, ...restored })
  const changed = names.filter((name) => JSON.stringify(current[name]) !== JSON.stringify(restored[name]))
  const written = Object.fromEntries(changed.map((name) => [name, restored[name] ?? null]))
  const accepted = acceptedFields(validateUpdate(schema, written), `${schema.name}.rollback`)
  // Today's rules may give a value another form.
  const values = Object.entries(accepted).filter(([, value]) => value !== null)
  return { ...restored, ...Object.fromEntries(values) }
}

function hiddenFields(visibility: Visibility, { name }: NounSchema, fields: EntityFields): EntityFields {
  const shown = visibility.shown(name, fields)
  return Object.fromEntries(Object.entries(fields).filter(([field]) => !Object.hasOwn(shown, field)))
}

function parseVersion(version: JsonValue | undefined): number {
  if (typeof version === 'number' && Number.isSafeInteger(version) && version >= 1) return version
  throw new ObjectError({
    code: 'invalid_body',
    field: 'version',
    message: `version expects a positive integer, got ${JSON.stringify(version)}`,
  })
}
