// `settings.patch`: changes settings of the tenant. It is a change of the one entity of the system's own Noun `Settings`.

import type { Change, Written } from '@dotdo/do'
import { completeSettings, patchSettings, settingsNoun, type StoredSettings } from 'digital-objects'
import { requireFullAuthority } from '../answers/require-full-authority.ts'
import { commitResponse, ref } from '../openapi/components.ts'
import { writeParameters } from '../openapi/parameters.ts'
import { changeOneEntity } from './one-entity-change.ts'
import { outcomeOf } from './outcome.ts'
import { parseBody } from './parse-body.ts'
import type { Write, WriteAsked, WriteParts, WriteResult } from './write.ts'

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
    patchSettings(parts.store.settings.stored()?.values ?? {}, parseBody(asked.call.body))
    const { tenant, context } = asked.caller
    return toResult(await parts.store.write(() => toChange(parts, asked), { name: tenant, context }))
  },
  performIn(commit, parts, asked) {
    requireFullAuthority(asked.caller, 'a setting')
    return toResult(commit.write(toChange(parts, asked)))
  },
}

function toChange(parts: WriteParts, asked: WriteAsked): Change {
  const stored = parts.store.settings.stored()
  const values = (): StoredSettings => patchSettings(stored?.values ?? {}, parseBody(asked.call.body))
  return changeOneEntity(parts, asked, { noun: settingsNoun, stored, values })
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
