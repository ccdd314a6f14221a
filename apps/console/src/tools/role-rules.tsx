// Roles and what each may do, as a form or as JSON, beside what a member would see before the rules are active.

import type { RolesInput } from '@headlessly/sdk'
import { type ReactNode, useState } from 'react'
import { useToolTexts } from '../base/tool-texts.ts'
import { useNounInfo } from '../data/noun-schema.ts'
import { builtInRoles, emptyRole, fixedRoles, parseRoles } from '../data/role-draft.ts'
import { useAct } from '../data/use-act.ts'
import { useAsk } from '../data/use-ask.ts'
import { useScene } from '../data/workspace-context.tsx'
import { CodeEditor } from '../ui/code-editor.tsx'
import { Fault, Loaded, Panel } from '../ui/panel.tsx'
import { RoleForm } from './role-form.tsx'
import { SeenByMember } from './seen-by-member.tsx'

export function RoleRules(): ReactNode {
  const roles = useAsk({ of: '*', name: ['roles'], read: ({ client }, signal) => client.access.roles({ signal }) })
  return (
    <Loaded of={roles}>
      {(all) => {
        const editable = Object.fromEntries(Object.entries(all).filter(([name]) => !fixedRoles.has(name)))
        // Roles that somebody else has changed meanwhile begin the form anew.
        return <RolesEditor key={JSON.stringify(editable)} roles={editable} />
      }}
    </Loaded>
  )
}

function RolesEditor({ roles }: { readonly roles: RolesInput }): ReactNode {
  const say = useToolTexts()
  const [draft, setDraft] = useState(roles)
  const [name, setName] = useState(() => Object.keys(roles)[0] ?? '')
  const [text, setText] = useState<string | undefined>(undefined)
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
        <SaveRoles roles={roles} draft={draft} fault={text === undefined ? undefined : faultOf(text)} />
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

interface SaveRolesProps {
  readonly roles: RolesInput
  readonly draft: RolesInput
  readonly fault: Error | undefined
}

function SaveRoles({ roles, draft, fault }: SaveRolesProps): ReactNode {
  const say = useToolTexts()
  const { at, workspace } = useScene()
  const { access, schema } = workspace.client
  const { act, isActing, error } = useAct()
  const { data: user } = useNounInfo('User')
  const known = user?.fields.find(({ name }) => name === 'role')?.values ?? []
  const isChanged = JSON.stringify(roles) !== JSON.stringify(draft)
  const save = async (): Promise<void> => {
    const missing = Object.keys(draft).filter((name) => !known.includes(name))
    // A role is a value of the field of members, which comes first.
    if (missing.length > 0) await schema.patch('User', { fields: { role: [...known, ...missing].join(' | ') } })
    await access.setRoles(draft)
  }
  return (
    <>
      <Fault error={fault ?? error} />
      <div className="actions">
        <button
          type="button"
          className="button primary"
          disabled={isActing || !isChanged || fault !== undefined || at !== undefined || user === undefined}
          onClick={() => act({ work: save, done: say('rules.saved') })}
        >
          {say('rules.save')}
        </button>
      </div>
    </>
  )
}
