// A modal dialog: the browser's own, which keeps the focus inside, closes at Escape and gives the focus back.

import { type ReactNode, useEffect, useId, useRef } from 'react'
import { useSettings } from '../base/settings-context.tsx'
import { Icon } from './icon.tsx'

/** The first thing to fill in, else the first thing to do. */
const firstStop = '.dialog-body :is(input, select, textarea), .dialog-body .actions .button:not(:disabled)'

interface DialogProps {
  readonly title: string
  readonly onClose: () => void
  readonly children: ReactNode
  readonly className?: string
}

export function Dialog({ title, onClose, children, className = '' }: DialogProps): ReactNode {
  const { say } = useSettings()
  const dialog = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  useEffect(() => {
    dialog.current?.showModal()
    // The browser would choose the button that closes it.
    dialog.current?.querySelector<HTMLElement>(firstStop)?.focus()
  }, [])
  return (
    <dialog
      ref={dialog}
      className={`dialog ${className}`}
      aria-labelledby={titleId}
      onClose={onClose}
      // A click beside it hits the element itself, whose content fills it.
      onClick={({ target, currentTarget }) => target === currentTarget && currentTarget.close()}
    >
      <div className="dialog-body">
        <header>
          <h2 id={titleId}>{title}</h2>
          <button
            type="button"
            className="button icon-only quiet"
            aria-label={say('app.close')}
            onClick={() => dialog.current?.close()}
          >
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  )
}
