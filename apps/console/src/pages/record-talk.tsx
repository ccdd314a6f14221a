// The talk about a record: activities and comments, newest first, and a place to write one.

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useSettings } from '../base/settings-context.tsx'
import type { Entity } from '../data/entity.ts'
import { type NounInfo, titleOf } from '../data/noun-schema.ts'
import { refresh } from '../data/use-change.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Granted } from '../ui/granted.tsx'

interface RecordTalkProps {
  readonly info: NounInfo
  readonly entity: Entity
}

const shownMax = 20

export function RecordTalk({ info, entity }: RecordTalkProps): ReactNode {
  const { say, format } = useSettings()
  const { at } = useScene()
  const comments = useTalk(info, entity, 'comments')
  const activities = useTalk(info, entity, 'activities')
  const lines = [...comments, ...activities]
    .toSorted((one, other) => (one.$createdAt < other.$createdAt ? 1 : -1))
    .slice(0, shownMax)
  if (!info.fields.some(({ name }) => name === 'comments')) return null
  return (
    <section className="card" aria-labelledby="talk">
      <h2 id="talk">{say('record.activity')}</h2>
      {at === undefined ? (
        <Granted need={{ verb: 'create', of: 'Comment' }}>
          <NewComment info={info} entity={entity} />
        </Granted>
      ) : null}
      <ol className="talk">
        {lines.map((line) => (
          <li key={line.$id}>
            <span className={`event-mark ${line.$type === 'Comment' ? 'created' : ''}`} aria-hidden="true" />
            <span className="talk-text">{line.$type === 'Comment' ? String(line['body']) : titleOf(line)}</span>
            <time className="soft small" dateTime={line.$createdAt}>
              {format.time(line.$createdAt)}
            </time>
          </li>
        ))}
      </ol>
    </section>
  )
}

function useTalk(info: NounInfo, entity: Entity, relation: 'comments' | 'activities'): readonly Entity[] {
  const { workspace, reading } = useScene()
  const { from = '', by = '' } = info.fields.find(({ name, kind }) => name === relation && kind === 'reverse') ?? {}
  const { data = [] } = useQuery({
    enabled: workspace.types.has(from),
    queryKey: [workspace.tenant, from, 'talk', { by, id: entity.$id, reading }],
    queryFn: async ({ signal }) =>
      workspace.entity(from).find({ [by]: entity.$id }, { limit: shownMax, signal, ...reading }),
  })
  return data
}

function NewComment({ info, entity }: RecordTalkProps): ReactNode {
  const { say, errorText } = useSettings()
  const { workspace } = useScene()
  const queries = useQueryClient()
  const [text, setText] = useState('')
  const { by = '' } = info.fields.find(({ name }) => name === 'comments') ?? {}
  const author = workspace.typeOfId(workspace.whoami.actor) === undefined ? {} : { author: workspace.whoami.actor }
  const writing = useMutation({
    mutationFn: () => workspace.entity('Comment').perform('create', { body: text, [by]: entity.$id, ...author }),
    onSuccess: () => {
      setText('')
      void refresh(queries, workspace.tenant, 'Comment')
    },
  })
  return (
    <form
      className="new-comment"
      onSubmit={(event) => {
        event.preventDefault()
        if (text.trim() !== '') writing.mutate()
      }}
    >
      <textarea
        rows={2}
        aria-label={say('record.comment')}
        placeholder={say('record.comment')}
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      <button type="submit" className="button small" disabled={text.trim() === '' || writing.isPending}>
        {say('record.addComment')}
      </button>
      {writing.error === null ? null : <p className="fault">{errorText(writing.error)}</p>}
    </form>
  )
}
