// Writes the rows of a list to a file, with its progress, and lets it be stopped.

import type { ExportFormat } from '@headlessly/sdk'
import { type ReactNode, useRef, useState } from 'react'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import type { Filter } from '../data/filter-terms.ts'
import type { NounInfo } from '../data/noun-schema.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Fault } from '../ui/panel.tsx'
import { saveFile } from '../ui/save-file.ts'

interface ExportDialogProps {
  readonly info: NounInfo
  readonly filter: Filter
  readonly onClose: () => void
}

const formats: readonly ExportFormat[] = ['csv', 'json', 'ndjson', 'parquet']

export function ExportDialog({ info, filter, onClose }: ExportDialogProps): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  const { workspace, at } = useScene()
  const [chosen, setChosen] = useState<ExportFormat>('csv')
  const [bytes, setBytes] = useState<number | undefined>(undefined)
  const [error, setError] = useState<unknown>(undefined)
  const stop = useRef<AbortController | undefined>(undefined)
  const write = async (): Promise<void> => {
    const ending = new AbortController()
    stop.current = ending
    setError(undefined)
    const parts: Uint8Array<ArrayBuffer>[] = []
    let count = 0
    const options = { format: chosen, filter, signal: ending.signal, ...(at === undefined ? {} : { asOf: at }) }
    try {
      for await (const part of workspace.client.export(info.name, options)) {
        parts.push(new Uint8Array(part))
        count += part.byteLength
        setBytes(count)
      }
      saveFile(new Blob(parts), `${info.name}.${chosen}`)
      onClose()
    } catch (failure) {
      if (!ending.signal.aborted) setError(failure)
    }
    setBytes(undefined)
  }
  const close = (): void => {
    stop.current?.abort()
    onClose()
  }
  return (
    <Dialog title={say('export.title')} onClose={close}>
      <p className="soft">{say(Object.keys(filter).length === 0 ? 'export.all' : 'export.filtered')}</p>
      <div className="fields">
        <label>
          {say('export.format')}
          <select
            value={chosen}
            onChange={({ target }) => setChosen(formats.find((name) => name === target.value) ?? 'csv')}
          >
            {formats.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      </div>
      {bytes === undefined ? null : (
        <p role="status">{say('export.written', { size: format.number(bytes / 1_000, 0) })}</p>
      )}
      <Fault error={error} />
      <div className="actions">
        <button type="button" className="button primary" disabled={bytes !== undefined} onClick={() => void write()}>
          {say('export.start')}
        </button>
        {bytes === undefined ? null : (
          <button type="button" className="button" onClick={() => stop.current?.abort()}>
            {say('export.stop')}
          </button>
        )}
      </div>
    </Dialog>
  )
}
