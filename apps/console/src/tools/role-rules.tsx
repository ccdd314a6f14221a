// Roles and what each may do, as a form or as JSON, beside what a member would see before the rules are active.

import type { RolesInput } from '@headlessly/sdk'
import { type ReactNode, useState } from 'react'
import { useToolTexts } from '../base/tool-texts.ts'
import { builtInRoles, emptyRole, fixedRoles, parseRoles } from '../data/role-draft.ts'
import { useAsk } from '../data/use-ask.ts'
import { CodeEditor } from '../ui/code-editor.tsx'
import { Loaded, Panel } from '../ui/panel.tsx'
import { RoleForm } from './role-form.tsx'
import { isChanged, rulesToStored, SaveRoles, type StoredRoles } from './save-roles.tsx'
import { SeenByMember } from './seen-by-member.tsx'

export function RoleRules(): ReactNode {
  const rules = useAsk({ of: '*', name: ['roles'], read: ({ client }, signal) => client.access.rules({ signal }) })
  return <Loaded of={rules}>{(all) => <RolesEditor stored={rulesToStored(all)} />}</Loaded>
}

function RolesEditor({ stored }: { readonly stored: StoredRoles }): ReactNode {
  const say = useToolTexts()
  // What somebody else saves meanwhile takes nothing from under the hands of who edits.
  const [begun, setBegun] = useState(stored)
  const [draft, setDraft] = useState(stored.roles)
  const [text, setText] = useState<string | undefined>(undefined)
  const begin = (next: StoredRoles, changed = next.roles): void => {
    setBegun(next)
    setDraft(changed)
    if (text !== undefined) setText(JSON.stringify(changed, null, 2))
  }
  if (begun.version !== stored.version && !isChanged(begun.roles, draft)) begin(stored)
  const [name, setName] = useState(() => Object.keys(draft)[0] ?? '')
  const role = draft[name]
  const toggle = (
    <button
      type="button"
      className="button small"
      aria-pressed={text !== undefined}
      onClick={() => setText(text === undefined ? JSON.stringify(draft, null, 2) : undefined)}
    >
      {say('rules.json')}
    </button>
  )
  return (
    <div className="panels">
      <Panel title={say('rules.edit')} hint={say('rules.fixed')} tools={toggle}>
        {text === undefined ? (
          <>
            <RoleChoice draft={draft} name={name} onName={setName} onDraft={setDraft} />
            {role === undefined ? null : (
              <RoleForm key={name} role={role} onChange={(next) => setDraft({ ...draft, [name]: next })} />
            )}
          </>
        ) : (
          <RolesText
            text={text}
            onChange={(next) => {
              setText(next)
              const parsed = parsedOr(next)
              if (!(parsed instanceof Error)) setDraft(parsed)
            }}
          />
        )}
        <SaveRoles begun={begun} draft={draft} fault={text === undefined ? undefined : faultOf(text)} onBegin={begin} />
      </Panel>
      <SeenByMember draft={draft} role={name} />
    </div>
  )
}

function RolesText({
  text,
  onChange,
}: {
  readonly text: string
  readonly onChange: (text: string) => void
}): ReactNode {
  const say = useToolTexts()
  return (
    <>
      <p className="soft small">{say('rules.hint')}</p>
      <CodeEditor label={say('rules.edit')} value={text} onChange={onChange} />
    </>
  )
}

function parsedOr(text: string): RolesInput | Error {
  try {
    return parseRoles(text)
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

function faultOf(text: string): Error | undefined {
  const parsed = parsedOr(text)
  return parsed instanceof Error ? parsed : undefined
}

interface RoleChoiceProps {
  readonly draft: RolesInput
  readonly name: string
  readonly onName: (name: string) => void
  readonly onDraft: (draft: RolesInput) => void
}

function RoleChoice({ draft, name, onName, onDraft }: RoleChoiceProps): ReactNode {
  const say = useToolTexts()
  return (
    <div className="role-choice">
      <div className="segments" role="group" aria-label={say('operate.rules')}>
        {Object.keys(draft).map((one) => (
          <button key={one} type="button" aria-pressed={one === name} onClick={() => onName(one)}>
            {one}
          </button>
        ))}
      </div>
      <form
        className="new-role"
        onSubmit={(event) => {
          event.preventDefault()
          const added = String(new FormData(event.currentTarget).get('name')).trim()
          event.currentTarget.reset()
          if (!fixedRoles.has(added)) onDraft({ ...draft, [added]: draft[added] ?? emptyRole })
          onName(added)
        }}
      >
        <input
          name="name"
          required
          pattern="[A-Z][A-Za-z0-9]*"
          maxLength={60}
          aria-label={say('rules.newRole')}
          title={say('rules.newRoleHint')}
          placeholder={say('rules.newRole')}
        />
        <button type="submit" className="button small">
          {say('rules.addRole')}
        </button>
      </form>
      {builtInRoles.has(name) ? null : (
        <button
          type="button"
          className="button small quiet danger"
          onClick={() => {
            const { [name]: _, ...others } = draft
            onDraft(others)
            onName(Object.keys(others)[0] ?? '')
          }}
        >
          {say('rules.removeRole', { name })}
        </button>
      )}
    </div>
  )
}
