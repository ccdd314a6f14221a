// The rights of one role: over each named type, and over all others.

import type { Grant } from '@headlessly/sdk'
import type { ReactNode } from 'react'
import { nounLabel } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import { type RoleDraft, withGrant } from '../data/role-draft.ts'
import { useScene } from '../data/workspace-context.tsx'
import { GrantForm, NounGrant } from './grant-form.tsx'

/** A type begins with what the role may do to all others, so that naming it changes nothing yet. */
function firstGrant({ read = 'none', write = 'none', verbs = [] }: Grant): Grant {
  return { read, write, verbs, hidden: [] }
}

interface RoleFormProps {
  readonly role: RoleDraft
  readonly onChange: (role: RoleDraft) => void
}

export function RoleForm({ role, onChange }: RoleFormProps): ReactNode {
  const say = useToolTexts()
  const { language } = useSettings()
  const { workspace } = useScene()
  const { nouns = {}, others = {} } = role
  const unnamed = [...workspace.types.keys()].filter((name) => nouns[name] === undefined)
  return (
    <div className="role-form">
      <label>
        {say('functions.about')}
        <input
          value={role.about ?? ''}
          maxLength={300}
          onChange={({ target }) => onChange({ ...role, about: target.value })}
        />
      </label>
      {Object.entries(nouns).map(([noun, grant]) => (
        <NounGrant key={noun} noun={noun} grant={grant} onChange={(next) => onChange(withGrant(role, noun, next))} />
      ))}
      <label className="add-grant">
        <span className="visually-hidden">{say('rules.addType')}</span>
        <select
          className="small"
          value=""
          onChange={({ target }) => onChange(withGrant(role, target.value, firstGrant(others)))}
        >
          <option value="">{say('rules.addType')}</option>
          {unnamed.map((name) => (
            <option key={name} value={name}>
              {nounLabel(name, language.words, 'many')}
            </option>
          ))}
        </select>
      </label>
      <GrantForm
        title={say(Object.keys(nouns).length === 0 ? 'rules.allTypes' : 'rules.otherTypes')}
        grant={others}
        onChange={(next) => onChange({ ...role, others: next })}
      />
    </div>
  )
}
