// A reply by the channel that the person chooses. The server sends mail; what is said on another channel is only written down
// here, and the form says so.

import { type FormEvent, type ReactNode, useState } from 'react'
import { useToolTexts } from '../base/tool-texts.ts'
import { useAct } from '../data/use-act.ts'
import { useScene } from '../data/workspace-context.tsx'
import { useMay } from '../ui/granted.tsx'
import { Fault } from '../ui/panel.tsx'

interface ReplyFormProps {
  /** The ticket or thread that the message belongs to, and its recipient. */
  readonly to: Readonly<Record<string, unknown>>
  /** The channel by which the conversation began. */
  readonly channel: unknown
}

const channels = ['Email', 'InApp', 'Chat', 'SMS', 'Slack', 'Web'] as const

export function ReplyForm({ to, channel: began }: ReplyFormProps): ReactNode {
  const say = useToolTexts()
  const { workspace, at } = useScene()
  const [text, setText] = useState('')
  const [channel, setChannel] = useState<string>(channels.find((name) => name === began) ?? 'InApp')
  const { act, isActing, error } = useAct()
  const may = useMay()
  if (at !== undefined || !may({ verb: 'create', of: 'Message' })) return null
  const { actor } = workspace.whoami
  const sender = workspace.typeOfId(actor) === undefined ? {} : { sender: actor }
  const isMail = channel === 'Email'
  const isHere = channel === 'InApp'
  const send = (): void => {
    if (text.trim() === '' || isActing) return
    const message = { ...to, ...sender, body: text, channel, direction: 'Outbound', status: 'Sent' }
    act({
      work: () => workspace.entity('Message').perform('create', message),
      done: say(isMail ? 'inbox.mailed' : isHere ? 'inbox.shown' : 'inbox.noted'),
      then: () => setText(''),
    })
  }
  return (
    <form
      className="reply"
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        send()
      }}
    >
      <textarea
        rows={4}
        data-key="r"
        aria-label={say('inbox.reply')}
        placeholder={say('inbox.replyHint')}
        value={text}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send()
          // From there, letters are commands again.
          else if (event.key === 'Escape') document.querySelector<HTMLElement>('.choice-list [aria-current]')?.focus()
        }}
      />
      <div className="tool-form">
        <label>
          {say('inbox.channel')}
          <select value={channel} onChange={({ target }) => setChannel(target.value)}>
            {channels.map((name) => (
              <option key={name} value={name}>
                {say(`inbox.by${name}`)}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" className="button primary" disabled={text.trim() === '' || isActing}>
          {say(isMail ? 'inbox.send' : isHere ? 'inbox.show' : 'inbox.note')}
        </button>
      </div>
      {isMail ? null : <p className="soft small">{say(isHere ? 'inbox.showHint' : 'inbox.noteHint')}</p>}
      <Fault error={error} />
    </form>
  )
}
