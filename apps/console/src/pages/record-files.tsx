// Files of a record: those that are attached, and a place to add one, by choice or by drop.

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import type { Entity } from '../data/entity.ts'
import { type NounInfo, titleOf } from '../data/noun-schema.ts'
import { useAsk } from '../data/use-ask.ts'
import { refresh } from '../data/use-change.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Granted } from '../ui/granted.tsx'
import { Fault, Loaded, Panel } from '../ui/panel.tsx'
import { saveFile } from '../ui/save-file.ts'

interface RecordFilesProps {
  readonly info: NounInfo
  readonly entity: Entity
}

const shownMax = 50

export function RecordFiles({ info, entity }: RecordFilesProps): ReactNode {
  const say = useToolTexts()
  const { workspace, reading } = useScene()
  const { from = '', by = '' } = info.fields.find(({ name, kind }) => name === 'files' && kind === 'reverse') ?? {}
  const files = useAsk({
    of: from,
    name: ['files', entity.$id, reading],
    isOn: workspace.types.has(from),
    read: async ({ entity: of }, signal) =>
      of(from).find({ [by]: entity.$id }, { limit: shownMax, signal, ...reading }),
  })
  return (
    <Panel title={say('files.title')}>
      <Loaded of={files}>
        {(all) => (
          <ul>
            {all.map((file) => (
              <FileLine key={file.$id} file={file} />
            ))}
          </ul>
        )}
      </Loaded>
      <Granted need={{ verb: 'create', of: from }}>
        <NewFile noun={from} id={entity.$id} />
      </Granted>
    </Panel>
  )
}

function FileLine({ file }: { readonly file: Entity }): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  const { client } = useScene().workspace
  const name = String(file['filename'] ?? titleOf(file))
  const saving = useMutation({
    mutationFn: async () => {
      const parts: Uint8Array<ArrayBuffer>[] = []
      for await (const part of client.files.download(file.$id)) parts.push(new Uint8Array(part))
      saveFile(new Blob(parts), name)
    },
  })
  return (
    <li>
      <Thumbnail file={file} />
      <button
        type="button"
        className="button small quiet"
        aria-label={say('files.save', { name })}
        disabled={saving.isPending}
        onClick={() => saving.mutate()}
      >
        {name}
      </button>{' '}
      <span className="soft small">
        {typeof file['size'] === 'number' ? say('files.size', { size: format.number(file['size'] / 1_000, 0) }) : ''}
      </span>
      <Fault error={saving.error} />
    </li>
  )
}

const pictures: readonly unknown[] = ['image/png', 'image/jpeg', 'image/webp']

/** The name beside it says what it shows. An image of which the server makes none has none. */
function Thumbnail({ file }: { readonly file: Entity }): ReactNode {
  const { tenant } = useScene().workspace
  const [isThere, setIsThere] = useState(true)
  if (!isThere || !pictures.includes(file['mimeType']) || typeof file['file'] !== 'string') return null
  const source = `/~${tenant}/files/${encodeURIComponent(file.$id)}?thumbnail=64`
  return (
    <img
      className="thumbnail"
      src={source}
      alt=""
      width="32"
      height="32"
      loading="lazy"
      onError={() => setIsThere(false)}
    />
  )
}

function NewFile({ noun, id }: { readonly noun: string; readonly id: string }): ReactNode {
  const say = useToolTexts()
  const { workspace, at } = useScene()
  const queries = useQueryClient()
  const [sent, setSent] = useState(0)
  const sending = useMutation({
    mutationFn: (file: File) =>
      workspace.client.files.upload(file, { filename: file.name, attachedTo: [id], onProgress: setSent }),
    onSuccess: () => {
      setSent(0)
      void refresh(queries, workspace.tenant, noun)
    },
  })
  if (at !== undefined) return null
  return (
    <div className="tool-form">
      <label>
        {say('files.add')}
        <input
          type="file"
          disabled={sending.isPending}
          onChange={({ target }) => {
            const [file] = target.files ?? []
            if (file !== undefined) sending.mutate(file)
            target.value = ''
          }}
        />
      </label>
      {sending.isPending ? (
        <progress aria-label={say('files.progress')} max={Math.max(1, sending.variables?.size ?? 1)} value={sent} />
      ) : null}
      <Fault error={sending.error} />
    </div>
  )
}
