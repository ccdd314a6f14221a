// The person or agent who handles a ticket, and the choice of another one: type a part of the name, and Enter assigns the first.

import { type FormEvent, type ReactNode, useState } from 'react'
import { useToolTexts } from '../base/tool-texts.ts'
import { type Entity, idOf } from '../data/entity.ts'
import { titleOf } from '../data/noun-schema.ts'
import { useAct } from '../data/use-act.ts'
import { useAsk } from '../data/use-ask.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { useMay } from '../ui/granted.tsx'
import { Fault, Loaded } from '../ui/panel.tsx'

const peopleMax = 100
const shownMax = 10

export function Assignee({ ticket }: { readonly ticket: Entity }): ReactNode {
  const say = useToolTexts()
  const [isOpen, setIsOpen] = useState(false)
  const { assignee } = ticket
  const name = typeof assignee === 'object' && assignee !== null ? titleOf({ ...assignee }) : assignee
  if (!useMay()({ verb: 'assign', of: 'Ticket' })) return name === undefined ? null : <span>{String(name)}</span>
  return (
    <>
      <button type="button" className="button small" data-key="a" onClick={() => setIsOpen(true)}>
        {name === undefined ? say('inbox.assign') : say('inbox.assignedTo', { name: String(name) })}
      </button>
      {isOpen ? <AssignDialog ticket={ticket} onClose={() => setIsOpen(false)} /> : null}
    </>
  )
}

interface AssignDialogProps {
  readonly ticket: Entity
  readonly onClose: () => void
}

function AssignDialog({ ticket, onClose }: AssignDialogProps): ReactNode {
  const say = useToolTexts()
  const { workspace } = useScene()
  const [word, setWord] = useState('')
  const { act, isActing, error } = useAct()
  const people = useAsk({
    of: 'User',
    name: ['assignees'],
    read: async ({ entity, types }, signal) => {
      const options = { limit: peopleMax, strong: true, signal }
      const users = types.has('User') ? await entity('User').find({}, options) : []
      const agents = types.has('Agent') ? await entity('Agent').find({ status: 'Deployed' }, options) : []
      return [...users, ...agents]
    },
  })
  const matching = (people.data ?? [])
    .filter((one) => titleOf(one).toLowerCase().includes(word.trim().toLowerCase()))
    .slice(0, shownMax)
  const assign = (person: Entity | undefined): void => {
    if (person === undefined || isActing) return
    const write = { assignee: idOf(person) }
    act({
      work: () => workspace.entity('Ticket').perform('assign', ticket.$id, write),
      done: say('inbox.assigned'),
      then: onClose,
    })
  }
  return (
    <Dialog title={say('inbox.assign')} onClose={onClose}>
      <form
        className="fields"
        onSubmit={(event: FormEvent) => {
          event.preventDefault()
          assign(matching[0])
        }}
      >
        <label>
          {say('inbox.person')}
          <input value={word} autoComplete="off" onChange={({ target }) => setWord(target.value)} />
        </label>
      </form>
      <Loaded of={people}>
        {() => (
          <ul className="people">
            {matching.map((person) => (
              <li key={person.$id}>
                <button type="button" className="button small quiet" onClick={() => assign(person)}>
                  {titleOf(person)} <span className="soft">{person.$type}</span>
                </button>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      <Fault error={error} />
    </Dialog>
  )
}
