// `settings.patch`: changes settings of the tenant. It is a change of the one entity of the system's own Noun `Settings`.

import type { Change, IdempotencyKey, Written } from '@dotdo/do'
import {
  canonicalJson,
  completeSettings,
  type EntityFields,
  ObjectError,
  patchSettings,
  settingsNoun,
  type StoredSettings,
  type Verb,
} from 'digital-objects'
import { requireFullAuthority } from '../answers/require-full-authority.ts'
import { commitResponse, ref } from '../openapi/components.ts'
import { writeParameters } from '../openapi/parameters.ts'
import { happenedAt } from './happened.ts'
import { outcomeOf } from './outcome.ts'
import { parseBody } from './parse-body.ts'
import type { Write, WriteAsked, WriteParts, WriteResult } from './write.ts'

/** The name of the one entity. */
const entityName = 'tenant'

export const changeSettings: Write = {
  kind: 'write',
  name: 'settings.patch',
  about: 'Change settings of the tenant; null returns one to its default',
  routes: [{ methods: ['PATCH'], path: '/settings' }],
  listedAs: { tag: 'settings', operationId: 'settings.patch' },
  parameters: writeParameters,
  body: { isRequired: true, schema: () => ref('SettingsPatch') },
  responses: () => ({ 200: commitResponse('All settings after the change', 'Settings') }),

  async perform(parts, asked) {
    requireFullAuthority(asked.caller, 'a setting')
    // A refused request must not create the tables of a tenant that was never written to.
    patchSettings({}, parseBody(asked.call.body))
    const { tenant, context } = asked.caller
    return toResult(await parts.store.write(() => toChange(parts, asked), { name: tenant, context }))
  },
  performIn(commit, parts, asked) {
    requireFullAuthority(asked.caller, 'a setting')
    return toResult(commit.write(toChange(parts, asked)))
  },
}

function toChange({ store }: WriteParts, { call, caller }: WriteAsked): Change {
  const { idempotencyKey, ifVersion } = call
  const { who: actor, onBehalfOf } = caller.authority
  const stored = store.settings.stored()
  if (stored === undefined && ifVersion !== undefined && !(typeof ifVersion === 'object' && 'noneOf' in ifVersion))
    throw new ObjectError({
      code: 'version_conflict',
      field: 'ifVersion',
      message: 'ifVersion expects stored settings, and this tenant has set none',
      detail: { currentVersion: 0 },
    })
  return {
    schema: settingsNoun,
    verb: verbOf(stored === undefined ? 'create' : 'update'),
    kind: stored === undefined ? 'create' : 'change',
    actor,
    via: caller.via,
    ...(stored === undefined ? {} : { target: stored.id }),
    ...happenedAt(store, call),
    ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
    ...(stored === undefined || ifVersion === undefined ? {} : { ifVersion }),
    ...(idempotencyKey === undefined ? {} : { idempotency: { actor, key: idempotencyKey, ...requestOf(call) } }),
    decide: (): EntityFields => ({
      name: entityName,
      values: patchSettings(stored?.values ?? {}, parseBody(call.body)),
    }),
  }
}

function verbOf(name: 'create' | 'update'): Verb {
  const verb = settingsNoun.verbs[name]
  if (verb === undefined) throw new Error('Settings must have create and update')
  return verb
}

/** Answers with the settings right after the write, also if this answer repeats that of an earlier request. */
function toResult({ row, isReplay, isUnchanged }: Written): WriteResult {
  const { values } = JSON.parse(row.data) as { readonly values: StoredSettings } // the write path made it
  return {
    body: JSON.stringify(completeSettings(values)),
    version: row.version,
    commit: row.commit,
    ...outcomeOf({ isReplay, isUnchanged }),
  }
}

function requestOf({ verb, ifVersion, at, body }: WriteAsked['call']): Pick<IdempotencyKey, 'request' | 'asSent'> {
  const happened = at === undefined ? [] : [at]
  const request = (of: string): string => JSON.stringify([verb, ifVersion ?? null, of, ...happened])
  return { request: request(canonicalJson(parseBody(body))), asSent: request(body) }
}
