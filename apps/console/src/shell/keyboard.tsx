// Keys that work on every page of a tenant: the palette, the help, and `g` followed by a letter, which goes somewhere.

import { lazy, type ReactNode, Suspense, useEffect, useRef } from 'react'
import { isTyping } from '../base/is-typing.ts'
import { go, usePlace } from '../base/navigation.tsx'
import { grantedTools } from '../base/tools.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Palette } from './palette.tsx'

const KeyHelp = lazy(async () => ({ default: (await import('./key-help.tsx')).KeyHelp }))

export type OpenDialog = 'palette' | 'help' | undefined

interface KeyboardProps {
  readonly open: OpenDialog
  readonly onOpen: (open: OpenDialog) => void
}

/** A letter belongs to the `g` before it for so long. */
const prefixMs = 1_500

/** Pages to which `g` and a letter lead. */
const letters: Readonly<Record<string, string>> = {
  c: 'Contact',
  d: 'Deal',
  o: 'Organization',
  i: 'Invoice',
  t: 'Ticket',
  u: 'Customer',
}

export function Keyboard({ open, onOpen }: KeyboardProps): ReactNode {
  const { workspace } = useScene()
  const place = usePlace()
  const prefixed = useRef(0)
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && event.key === 'k') onOpen('palette')
      else if (isTyping(event)) return
      else if (Date.now() - prefixed.current < prefixMs) {
        prefixed.current = 0
        const noun = letters[event.key]
        const granted = grantedTools(workspace.whoami).find(({ tool }) => tool.key === event.key)
        if (event.key === 'h') go({ tenant: workspace.tenant, search: {} })
        else if (event.key === 'g') onOpen('palette')
        else if (event.key === 'n') go({ ...place, search: { ...place.search, at: '' } })
        else if (granted !== undefined)
          go({ tenant: workspace.tenant, noun: granted.tool.name, id: granted.id, search: {} })
        else if (noun !== undefined && workspace.types.has(noun)) go({ tenant: workspace.tenant, noun, search: {} })
        else return
        event.stopImmediatePropagation()
      } else if (event.key === 'g') prefixed.current = Date.now()
      else if (event.key === '?') onOpen('help')
      else return
      event.preventDefault()
    }
    globalThis.addEventListener('keydown', press, { capture: true })
    return () => globalThis.removeEventListener('keydown', press, { capture: true })
  }, [workspace, place, onOpen])
  if (open === 'palette') return <Palette onClose={() => onOpen(undefined)} />
  return open === 'help' ? (
    <Suspense fallback={null}>
      <KeyHelp onClose={() => onOpen(undefined)} />
    </Suspense>
  ) : null
}
