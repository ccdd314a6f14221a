// Roles and what each may do, with a look at what a member would see before the rules are active.

import type { RolesInput, SeenByMember } from '@headlessly/sdk'
import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import { titleOf } from '../data/noun-schema.ts'
import { useAct } from '../data/use-act.ts'
import { useAsk } from '../data/use-ask.ts'
import { useScene } from '../data/workspace-context.tsx'
import { CodeEditor } from '../ui/code-editor.tsx'
import { Fault, Loaded, Panel } from '../ui/panel.tsx'
import { PlainTable } from '../ui/plain-table.tsx'
import { shown } from '../ui/shown.ts'

export function RoleRules(): ReactNode {
  const say = useToolTexts()
  const roles = useAsk({ of: '*', name: ['roles'], read: ({ client }, signal) => client.access.roles({ signal }) })
  return (
    <Loaded of={roles}>
      {(all) => (
        <div className="panels">
          <Panel title={say('operate.rules')}>
            <PlainTable
              label={say('operate.rules')}
              rows={Object.entries(all)}
              keyOf={([name]) => name}
              columns={[
                { label: say('members.role'), cell: ([name]) => name },
                { label: say('functions.about'), cell: ([, role]) => shown(Reflect.get(role, 'about')) },
              ]}
            />
          </Panel>
          <RulesEditor roles={Object.fromEntries(Object.entries(all).filter(([name]) => !fixed.has(name)))} />
        </div>
      )}
    </Loaded>
  )
}

/** Owners and administrators may do everything, which no rule changes. */
const fixed = new Set(['Owner', 'Admin'])

function RulesEditor({ roles }: { readonly roles: object }): ReactNode {
  const say = useToolTexts()
  const { access } = useScene().workspace.client
  const [text, setText] = useState(() => JSON.stringify(roles, null, 2))
  const [member, setMember] = useState('')
  const { act, isActing, error } = useAct()
  const preview = useMutation({ mutationFn: () => access.seenBy(member, { roles: parseRoles(text) }) })
  const { data: members = [] } = useAsk({
    of: 'User',
    name: ['rule-members'],
    read: async ({ entity }, signal) => entity('User').find({}, { limit: 100, strong: true, signal }),
  })
  return (
    <Panel title={say('rules.edit')} hint={say('rules.hint')}>
      <CodeEditor label={say('rules.edit')} value={text} onChange={setText} />
      <div className="tool-form">
        <label className="grow">
          {say('rules.member')}
          <select value={member} onChange={({ target }) => setMember(target.value)}>
            <option value="">–</option>
            {members.map((one) => (
              <option key={one.$id} value={one.$id}>
                {titleOf(one)}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          className="button"
          disabled={member === '' || preview.isPending}
          onClick={() => preview.mutate()}
        >
          {say('rules.see')}
        </button>
        <button
          type="button"
          className="button primary"
          disabled={isActing}
          onClick={() => act({ work: async () => access.setRoles(parseRoles(text)), done: say('rules.saved') })}
        >
          {say('rules.save')}
        </button>
      </div>
      <Fault error={preview.error ?? error} />
      {preview.data === undefined ? null : <Seen seen={preview.data} />}
    </Panel>
  )
}

/** Throws a SyntaxError for what is no JSON; the server checks the rest. */
function parseRoles(text: string): RolesInput {
  return JSON.parse(text) as RolesInput
}

function Seen({ seen }: { readonly seen: SeenByMember }): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  return (
    <div role="status">
      {seen.mayCall ? null : <p>{say('rules.none')}</p>}
      <PlainTable
        label={say('rules.see')}
        rows={Object.entries(seen.nouns)}
        keyOf={([name]) => name}
        columns={[
          { label: say('rules.type'), cell: ([name]) => name },
          {
            label: say('rules.visible'),
            isNumber: true,
            cell: ([, { visible }]) => (visible === null ? '–' : format.number(visible)),
          },
          { label: say('rules.read'), cell: ([, { read }]) => shown(read) },
          { label: say('rules.write'), cell: ([, { write }]) => shown(write) },
          { label: say('rules.hidden'), cell: ([, { hidden }]) => shown(hidden) },
        ]}
      />
    </div>
  )
}
