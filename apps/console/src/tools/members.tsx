// Members of the business: their role and state, and invitations.

import type { Invitation } from '@headlessly/sdk'
import { type ComponentProps, type FormEvent, type ReactNode, useState } from 'react'
import { valueLabel } from '../base/names.ts'
import { Link } from '../base/navigation.tsx'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import type { Entity } from '../data/entity.ts'
import { titleOf, useNounInfo } from '../data/noun-schema.ts'
import { useAct } from '../data/use-act.ts'
import { useAsk } from '../data/use-ask.ts'
import { useScene } from '../data/workspace-context.tsx'
import { AskFirst } from '../ui/ask-first.tsx'
import { Granted, useMay } from '../ui/granted.tsx'
import { Fault, Loaded, Panel } from '../ui/panel.tsx'
import { PlainTable } from '../ui/plain-table.tsx'
import { ShownOnce } from '../ui/shown-once.tsx'
import { Pill } from '../ui/value.tsx'

const membersMax = 100

export function Members(): ReactNode {
  const say = useToolTexts()
  const members = useAsk({
    of: 'User',
    name: ['members'],
    read: async ({ entity }, signal) => entity('User').find({}, { limit: membersMax, strong: true, signal }),
  })
  return (
    <div className="panels">
      <Panel title={say('operate.members')} isWide>
        <Loaded of={members}>{(all) => <MemberTable all={all} />}</Loaded>
      </Panel>
      <Granted need="everything">
        <Invite />
      </Granted>
    </div>
  )
}

function MemberTable({ all }: { readonly all: readonly Entity[] }): ReactNode {
  const say = useToolTexts()
  const { format, language } = useSettings()
  const { workspace } = useScene()
  const acting = useAct()
  const may = useMay()
  const perform = (user: Entity, verb: 'suspend' | 'activate'): Promise<unknown> =>
    workspace.entity('User').perform(verb, user.$id)
  return (
    <>
      <PlainTable
        label={say('operate.members')}
        rows={all}
        keyOf={({ $id }) => $id}
        empty={say('members.none')}
        columns={[
          {
            label: say('members.name'),
            cell: (user) => (
              <Link to={{ tenant: workspace.tenant, noun: 'User', id: user.$id, search: {} }}>{titleOf(user)}</Link>
            ),
          },
          { label: say('members.email'), cell: ({ email }) => String(email ?? '–') },
          {
            label: say('members.role'),
            cell: (user) =>
              may('everything') ? (
                <RoleChoice user={user} />
              ) : (
                valueLabel(String(user['role'] ?? '–'), language.words, 'User')
              ),
          },
          {
            label: say('agents.status'),
            cell: ({ status }) => <Pill text={String(status)} tone={status === 'Active' ? 'good' : 'warn'} />,
          },
          {
            label: say('members.seen'),
            cell: ({ lastSeenAt }) => (typeof lastSeenAt === 'string' ? format.time(lastSeenAt) : '–'),
          },
          {
            label: say('agents.actions'),
            needs: 'everything',
            cell: (user) =>
              user['status'] === 'Suspended' ? (
                <button
                  type="button"
                  className="button small"
                  disabled={acting.isActing}
                  onClick={() => acting.act({ work: () => perform(user, 'activate'), done: say('members.changed') })}
                >
                  {say('members.activate')}
                </button>
              ) : (
                <AskFirst
                  label={say('members.suspend')}
                  name={say('members.suspendOf', { name: titleOf(user) })}
                  title={say('members.suspendOf', { name: titleOf(user) })}
                  ends={say('members.suspendEnds')}
                  isDisabled={user['status'] === 'Invited'}
                  acting={acting}
                  work={() => perform(user, 'suspend')}
                  done={say('members.changed')}
                />
              ),
          },
        ]}
      />
      <Fault error={acting.error} />
    </>
  )
}

function RoleChoice({ user }: { readonly user: Entity }): ReactNode {
  const say = useToolTexts()
  const { workspace } = useScene()
  const { act } = useAct({ isTold: true })
  return (
    <label>
      <span className="visually-hidden">{say('members.roleOf', { name: titleOf(user) })}</span>
      <RoleSelect
        className="small"
        value={String(user['role'] ?? '')}
        onChange={({ target }) =>
          act({
            work: () => workspace.entity('User').perform('update', user.$id, { role: target.value }),
            done: say('members.changed'),
          })
        }
      />
    </label>
  )
}

/**
 * The roles are the values of the field, which a business extends. Until they are read nothing can be chosen: a browser
 * selects the first option of a list that comes late, which is the owner.
 */
function RoleSelect(props: ComponentProps<'select'>): ReactNode {
  const { language } = useSettings()
  const { data: info } = useNounInfo('User')
  const { values = [] } = info?.fields.find(({ name }) => name === 'role') ?? {}
  return (
    <select key={values.length} {...props} disabled={values.length === 0}>
      <option value="" disabled />
      {values.map((role) => (
        <option key={role} value={role}>
          {valueLabel(role, language.words, 'User')}
        </option>
      ))}
    </select>
  )
}

function Invite(): ReactNode {
  const say = useToolTexts()
  const { access } = useScene().workspace.client
  const [invited, setInvited] = useState<Invitation | undefined>(undefined)
  const { act, isActing, error } = useAct()
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = event.currentTarget
    const given = new FormData(form)
    const name = String(given.get('name')).trim()
    act({
      work: async () =>
        setInvited(
          await access.invite({
            email: String(given.get('email')),
            role: String(given.get('role')),
            ...(name === '' ? {} : { name }),
          }),
        ),
      then: () => form.reset(),
    })
  }
  return (
    <Panel title={say('members.invite')} hint={say('members.inviteHint')}>
      <form className="tool-form" onSubmit={submit}>
        <label className="grow">
          {say('members.email')}
          <input name="email" type="email" required />
        </label>
        <label className="grow">
          {say('members.name')}
          <input name="name" />
        </label>
        <label>
          {say('members.role')}
          <RoleSelect name="role" defaultValue="Member" required />
        </label>
        <button type="submit" className="button primary" disabled={isActing}>
          {say('members.invite')}
        </button>
      </form>
      <Fault error={error} />
      {invited?.link === undefined ? (
        invited === undefined ? null : (
          <p role="status">{say('members.mailed', { address: invited.mailedTo ?? '' })}</p>
        )
      ) : (
        <ShownOnce title={say('members.link')} value={invited.link} />
      )}
    </Panel>
  )
}
