// A button of something that cannot be taken back: it says what would end, and acts after a second click.

import { type ReactNode, useState } from 'react'
import { useSettings } from '../base/settings-context.tsx'
import type { Acting } from '../data/use-act.ts'
import { Dialog } from './dialog.tsx'
import { Fault } from './panel.tsx'

interface AskFirstProps {
  readonly label: string
  /** Tells it from the same button of another row. */
  readonly name?: string
  readonly title: string
  /** Says in a sentence what ends. */
  readonly ends: string
  readonly isDisabled?: boolean
  readonly acting: Acting
  readonly work: () => Promise<unknown>
  readonly done?: string
}

export function AskFirst({
  label,
  name,
  title,
  ends,
  isDisabled = false,
  acting,
  work,
  done,
}: AskFirstProps): ReactNode {
  const { say } = useSettings()
  const [isAsking, setIsAsking] = useState(false)
  const { act, isActing, error, reset } = acting
  const close = (): void => {
    reset()
    setIsAsking(false)
  }
  return (
    <>
      <button
        type="button"
        className="button small danger"
        aria-label={name}
        disabled={isDisabled}
        onClick={() => setIsAsking(true)}
      >
        {label}
      </button>
      {isAsking ? (
        <Dialog title={title} onClose={close}>
          <p>{ends}</p>
          <Fault error={error} />
          <div className="actions">
            <button type="button" className="button" onClick={close}>
              {say('app.cancel')}
            </button>
            <button
              type="button"
              className="button danger"
              disabled={isActing}
              onClick={() => act({ work, done, then: close })}
            >
              {label}
            </button>
          </div>
        </Dialog>
      ) : null}
    </>
  )
}
