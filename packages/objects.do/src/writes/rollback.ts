// `rollback`: brings an earlier state of an entity back, as a new version.

import type { TenantStore } from '@dotdo/do'
import { type JsonValue, ObjectError } from 'digital-objects'
import { parseMoment } from '../entities/parameters.ts'
import { ref } from '../openapi/components.ts'
import { defineEntityWrite, type EntityCall, findCrudVerb, type Resolved } from './entity-write.ts'

export const rollback = defineEntityWrite({
  name: 'rollback',
  about: 'Bring a {Noun} back to an earlier state',
  routes: [{ methods: ['POST'], path: '/{Noun}/{id}/rollback' }],
  isOffered: ({ noun }) => Object.hasOwn(noun.verbs, 'update'),
  body: { isRequired: true, schema: () => ref('Rollback') },

  resolve: ({ store }, given) => ({
    verb: findCrudVerb(given.schema, 'update'),
    kind: 'restore',
    decide: decideRollback(store, given),
  }),
})

function decideRollback(store: TenantStore, { call, schema, body }: EntityCall): Resolved['decide'] {
  const { asOf, version, ...others } = body
  const unknown = Object.keys(others)[0]
  if (unknown !== undefined || (asOf === undefined) === (version === undefined)) {
    throw new ObjectError({
      code: 'invalid_body',
      field: unknown ?? 'asOf',
      message: 'rollback expects either { asOf } or { version }',
    })
  }
  return ({ versionAt }) => {
    const id = call.id ?? ''
    const seq =
      asOf === undefined
        ? store.seqOfVersion(schema, id, parseVersion(version))
        : store.events.seqAt(parseMoment('asOf', asOf))
    const earlier = seq === undefined ? undefined : versionAt(id, seq)
    if (earlier !== undefined) return earlier.fields
    const when = asOf === undefined ? `at version ${String(version)}` : `at ${String(asOf)}`
    throw new ObjectError({
      code: 'not_found',
      field: asOf === undefined ? 'version' : 'asOf',
      message: `there was no ${schema.name} '${id}' ${when}`,
    })
  }
}

function parseVersion(version: JsonValue | undefined): number {
  if (typeof version === 'number' && Number.isSafeInteger(version) && version >= 1) return version
  throw new ObjectError({
    code: 'invalid_body',
    field: 'version',
    message: `version expects a positive integer, got ${JSON.stringify(version)}`,
  })
}
