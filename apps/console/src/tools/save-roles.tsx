// Saves the edited roles as one commit, at the version that they began with. What somebody else has saved meanwhile is kept; if both
// have changed the same role, the person chooses.

import type { RolesInput, Rules } from '@headlessly/sdk'
import { type ReactNode, useState } from 'react'
import { useToolTexts } from '../base/tool-texts.ts'
import { fixedRoles, mergeRoles, withTheirs } from '../data/role-draft.ts'
import { useAct } from '../data/use-act.ts'
import { isConflict } from '../data/use-change.ts'
import type { Workspace } from '../data/workspace.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Decision } from '../ui/decision.tsx'
import { Fault } from '../ui/panel.tsx'

/** The roles that a person may edit, as they are stored. */
export interface StoredRoles {
  readonly roles: RolesInput
  readonly version: number
}

export function rulesToStored({ roles, version }: Rules): StoredRoles {
  return { roles: Object.fromEntries(Object.entries(roles).filter(([name]) => !fixedRoles.has(name))), version }
}

export function isChanged(roles: RolesInput, draft: RolesInput): boolean {
  return JSON.stringify(roles) !== JSON.stringify(draft)
}

interface SaveRolesProps {
  readonly begun: StoredRoles
  readonly draft: RolesInput
  readonly fault: Error | undefined
  /** Continues from what is stored now, with a draft of its own. */
  readonly onBegin: (stored: StoredRoles, draft?: RolesInput) => void
}

interface Conflict {
  readonly theirs: StoredRoles
  readonly merged: ReturnType<typeof mergeRoles>
}

export function SaveRoles({ begun, draft, fault, onBegin }: SaveRolesProps): ReactNode {
  const say = useToolTexts()
  const { at, workspace } = useScene()
  const { act, isActing, error } = useAct()
  const [conflict, setConflict] = useState<Conflict | undefined>(undefined)
  const save = async (roles: RolesInput, from: StoredRoles): Promise<void> => {
    const outcome = await saveOrMerge(workspace, { roles, from })
    if ('saved' in outcome) onBegin(outcome.saved)
    setConflict('saved' in outcome ? undefined : outcome)
    if (!('saved' in outcome)) throw new Error(say('rules.conflict', { names: outcome.merged.disputed.join(', ') }))
  }
  const done = say('rules.saved')
  return (
    <>
      <Fault error={fault ?? error} />
      {conflict === undefined ? null : (
        <Decision
          onMine={() => act({ work: () => save(conflict.merged.roles, conflict.theirs), done })}
          onTheirs={() => {
            onBegin(conflict.theirs, withTheirs(conflict.merged, conflict.theirs.roles))
            setConflict(undefined)
          }}
        />
      )}
      <div className="actions">
        <button
          type="button"
          className="button primary"
          disabled={isActing || !isChanged(begun.roles, draft) || fault !== undefined || at !== undefined}
          onClick={() => act({ work: () => save(draft, begun), done })}
        >
          {say('rules.save')}
        </button>
      </div>
    </>
  )
}

interface Saving {
  readonly roles: RolesInput
  readonly from: StoredRoles
}

/** Others may save again and again; after so many of their versions the person is asked to try again. */
const mergesMax = 5

async function saveOrMerge(
  { client: { access, schema } }: Workspace,
  { roles, from }: Saving,
): Promise<{ readonly saved: StoredRoles } | Conflict> {
  let [mine, begun] = [roles, from]
  for (let merges = 0; ; merges++) {
    const { fields } = await schema.get('User')
    const names = rolesOfField(fields)
    const missing = Object.keys(mine).filter((name) => !names.includes(name))
    try {
      const options = missing.length === 0 ? {} : { names: [...names, ...missing] }
      await access.setRoles(mine, { ifVersion: begun.version, ...options })
      return { saved: rulesToStored(await access.rules()) }
    } catch (error) {
      if (!isConflict(error) || merges >= mergesMax) throw error
    }
    const theirs = rulesToStored(await access.rules())
    const merged = mergeRoles({ begun: begun.roles, mine, theirs: theirs.roles })
    if (merged.disputed.length > 0) return { theirs, merged }
    ;[mine, begun] = [merged.roles, theirs]
  }
}

/** The values of `User.role`, which a business extends. */
function rolesOfField(fields: unknown): readonly string[] {
  const all: readonly unknown[] = Array.isArray(fields) ? fields : []
  const field = all.find((one) => typeof one === 'object' && one !== null && Reflect.get(one, 'name') === 'role')
  const values: unknown = typeof field === 'object' && field !== null ? Reflect.get(field, 'values') : undefined
  return Array.isArray(values) ? values.map(String) : []
}
