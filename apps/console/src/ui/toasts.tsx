// Short messages at the edge of the page, spoken by screen readers; one may carry an action such as undo.

import { type ReactNode, useCallback, useEffect, useMemo, useState } from 'react'
import { isInForm } from '../base/is-typing.ts'
import { type Tell, type Toast, ToastContext } from '../base/toast-context.ts'
import { useSettings } from '../base/settings-context.tsx'
import { Icon } from './icon.tsx'

const shownMs = 8_000
const shownMax = 3

export function ToastProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const { say } = useSettings()
  const [toasts, setToasts] = useState<readonly Toast[]>([])
  const remove = useCallback((id: number) => setToasts((all) => all.filter((toast) => toast.id !== id)), [])
  const tell = useMemo<Tell>(() => {
    let next = 0
    return (toast) => {
      const id = next++
      setToasts((all) => [...all.slice(1 - shownMax), { ...toast, id }])
      setTimeout(() => remove(id), shownMs)
    }
  }, [remove])
  useUndoKey(toasts, remove)
  return (
    <ToastContext value={tell}>
      {children}
      <div className="toasts" role="status" aria-live="polite">
        {toasts.map(({ id, text, kind, action }) => (
          <div key={id} className={`toast ${kind}`}>
            <span>{text}</span>
            {action === undefined ? null : (
              <button
                type="button"
                className="button quiet"
                aria-keyshortcuts="Control+Z"
                onClick={() => (action.run(), remove(id))}
              >
                {action.label}
                <kbd className="wide-only" aria-hidden="true">
                  Ctrl Z
                </kbd>
              </button>
            )}
            <button
              type="button"
              className="button icon-only quiet"
              aria-label={say('app.dismiss')}
              onClick={() => remove(id)}
            >
              <Icon name="close" />
            </button>
          </div>
        ))}
      </div>
    </ToastContext>
  )
}

/** The messages come after everything else on the page, and do not stay for as long as the Tab key would need to get there. */
function useUndoKey(toasts: readonly Toast[], remove: (id: number) => void): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.key !== 'z' || !(event.ctrlKey || event.metaKey) || event.shiftKey || isInForm(event)) return
      const newest = toasts.findLast(({ action }) => action !== undefined)
      if (newest === undefined) return
      event.preventDefault()
      newest.action?.run()
      remove(newest.id)
    }
    globalThis.addEventListener('keydown', press)
    return () => globalThis.removeEventListener('keydown', press)
  }, [toasts, remove])
}
