// Import and export of a list: their dialogs are loaded when they are opened, or when a table is pasted into the list.

import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react'
import { useSettings } from '../base/settings-context.tsx'
import type { Filter } from '../data/filter-terms.ts'
import type { NounInfo } from '../data/noun-schema.ts'
import { useScene } from '../data/workspace-context.tsx'
import { useMay, useWhyNot } from '../ui/granted.tsx'

const ImportDialog = lazy(async () => ({ default: (await import('./import-dialog.tsx')).ImportDialog }))
const ExportDialog = lazy(async () => ({ default: (await import('./export-dialog.tsx')).ExportDialog }))

interface ListFilesProps {
  readonly info: NounInfo
  readonly filter: Filter
}

type Open = { readonly kind: 'export' } | { readonly kind: 'import'; readonly pasted: string | undefined } | undefined

export function ListFiles({ info, filter }: ListFilesProps): ReactNode {
  const { say } = useSettings()
  const { at } = useScene()
  const [open, setOpen] = useState<Open>(undefined)
  const [may, why] = [useMay(), useWhyNot()]
  const create = { verb: 'create', of: info.name }
  const mayImport = at === undefined && !info.disabled.includes('create')
  useEffect(() => {
    if (!mayImport) return undefined
    const paste = (event: ClipboardEvent): void => {
      const text = event.clipboardData?.getData('text/plain') ?? ''
      // A row of a spreadsheet has tabs between its cells; its first row has to name the fields.
      if (event.target instanceof HTMLElement && event.target.matches('input, textarea, select')) return
      if (!/\t|\n./.test(text)) return
      event.preventDefault()
      setOpen({ kind: 'import', pasted: text })
    }
    globalThis.addEventListener('paste', paste)
    return () => globalThis.removeEventListener('paste', paste)
  }, [mayImport])
  return (
    <>
      <button
        type="button"
        className="button small"
        disabled={!mayImport}
        title={may(create) ? undefined : why(create)}
        onClick={() => setOpen({ kind: 'import', pasted: undefined })}
      >
        {say('list.import')}
      </button>
      <button type="button" className="button small" onClick={() => setOpen({ kind: 'export' })}>
        {say('list.export')}
      </button>
      <Suspense fallback={null}>
        {open === undefined ? null : open.kind === 'export' ? (
          <ExportDialog info={info} filter={filter} onClose={() => setOpen(undefined)} />
        ) : (
          <ImportDialog info={info} pasted={open.pasted} onClose={() => setOpen(undefined)} />
        )}
      </Suspense>
    </>
  )
}
