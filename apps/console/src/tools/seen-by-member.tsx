// The records that a member would see if the roles were as they are being edited. It follows the form.

import type { RolesInput } from '@headlessly/sdk'
import { type ReactNode, useState } from 'react'
import { fieldLabel, nounLabel } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import { titleOf } from '../data/noun-schema.ts'
import { extentOf, fixedRoles, parseRoles, type RowRule } from '../data/role-draft.ts'
import { useAsk } from '../data/use-ask.ts'
import { useRested } from '../data/use-rested.ts'
import { Loaded, Panel } from '../ui/panel.tsx'
import { PlainTable } from '../ui/plain-table.tsx'

const membersMax = 100
const restMs = 300

interface SeenByMemberProps {
  readonly draft: RolesInput
  /** The role that is edited, whose members come first. */
  readonly role: string
}

export function SeenByMember({ draft, role }: SeenByMemberProps): ReactNode {
  const say = useToolTexts()
  const [chosen, setChosen] = useState<string | undefined>(undefined)
  const { data: all = [] } = useAsk({
    of: 'User',
    name: ['rule-members'],
    read: async ({ entity }, signal) =>
      entity('User').find({}, { limit: membersMax, sort: 'name', strong: true, signal }),
  })
  const members = all.filter((member) => typeof member['role'] === 'string' && !fixedRoles.has(member['role']))
  const member = members.find(({ $id }) => $id === chosen) ?? members.find((one) => one['role'] === role) ?? members[0]
  const edited = draft[role]
  return (
    <Panel title={say('rules.see', { role })} hint={say('rules.seeHint')}>
      {member === undefined || edited === undefined ? (
        <p className="soft">{say('rules.nobody')}</p>
      ) : (
        <>
          <div className="tool-form">
            <label className="grow">
              {say('rules.member')}
              <select value={member.$id} onChange={({ target }) => setChosen(target.value)}>
                {members.map((one) => (
                  <option key={one.$id} value={one.$id}>
                    {titleOf(one)} · {String(one['role'])}
                  </option>
                ))}
              </select>
            </label>
          </div>
          {/* The edited rules are tried under the name of the role that the member has now. */}
          <Seen member={member.$id} roles={{ [String(member['role'])]: edited }} label={say('rules.see', { role })} />
        </>
      )}
    </Panel>
  )
}

interface SeenProps {
  readonly member: string
  readonly roles: RolesInput
  readonly label: string
}

function Seen({ member, roles, label }: SeenProps): ReactNode {
  const say = useToolTexts()
  const { format, language } = useSettings()
  const rested = useRested(JSON.stringify(roles), restMs)
  const seen = useAsk({
    of: '*',
    name: ['seen', member, rested],
    read: ({ client }, signal) => client.access.seenBy(member, { roles: parseRoles(rested), signal }),
  })
  const said = (rule: RowRule): string => say(`rules.${extentOf(rule)}`)
  return (
    <Loaded of={seen}>
      {({ mayCall, nouns }) => (
        <div role="status">
          {mayCall ? null : <p>{say('rules.mayNothing')}</p>}
          <PlainTable
            label={label}
            rows={Object.entries(nouns).toSorted(([, one], [, other]) => (other.visible ?? 0) - (one.visible ?? 0))}
            keyOf={([name]) => name}
            columns={[
              { label: say('rules.type'), cell: ([name]) => nounLabel(name, language.words, 'many') },
              {
                label: say('rules.visible'),
                isNumber: true,
                cell: ([, { visible }]) => (visible === null ? '–' : format.number(visible)),
              },
              { label: say('rules.read'), cell: ([, { read }]) => said(read) },
              { label: say('rules.write'), cell: ([, { write }]) => said(write) },
              {
                label: say('rules.hidden'),
                cell: ([, { hidden }]) => hidden.map((name) => fieldLabel(name, language.words)).join(', ') || '–',
              },
            ]}
          />
        </div>
      )}
    </Loaded>
  )
}
