// A secret that is shown once, with a button that copies it.

import type { ReactNode } from 'react'
import { useSettings } from '../base/settings-context.tsx'
import { useToast } from '../base/toast-context.ts'
import { useToolTexts } from '../base/tool-texts.ts'

interface ShownOnceProps {
  readonly title: string
  readonly value: string
}

export function ShownOnce({ title, value }: ShownOnceProps): ReactNode {
  return (
    <div className="shown-once" role="status">
      <p>{title}</p>
      <CopyLines text={value} />
    </div>
  )
}

export function CopyLines({ text }: { readonly text: string }): ReactNode {
  const say = useToolTexts()
  const settings = useSettings()
  const tell = useToast()
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text)
    tell({ kind: 'done', text: settings.say('app.copied') })
  }
  return (
    <>
      <pre>{text}</pre>
      {/* Only a secure page may write to the clipboard. */}
      {'clipboard' in navigator ? (
        <button type="button" className="button small" onClick={() => void copy()}>
          {say('app.copy')}
        </button>
      ) : null}
    </>
  )
}
