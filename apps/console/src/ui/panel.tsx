// A part of a page with its heading, and what may be shown in place of its content.

import { type ReactNode, useId } from 'react'
import { useSettings } from '../base/settings-context.tsx'
import { Failed, Loading } from './states.tsx'

interface PanelProps {
  readonly title: string
  readonly hint?: string | undefined
  readonly tools?: ReactNode
  readonly isWide?: boolean
  readonly children: ReactNode
}

export function Panel({ title, hint, tools, isWide = false, children }: PanelProps): ReactNode {
  const id = useId()
  return (
    <section className={isWide ? 'card panel wide' : 'card panel'} aria-labelledby={id}>
      <header className="panel-head">
        <h2 id={id}>{title}</h2>
        {tools}
      </header>
      {hint === undefined ? null : <p className="soft small">{hint}</p>}
      {children}
    </section>
  )
}

interface LoadedProps<Answer> {
  readonly of: { readonly data: Answer | undefined; readonly error: unknown; readonly refetch: () => unknown }
  readonly children: (answer: Answer) => ReactNode
}

export function Loaded<Answer>({ of, children }: LoadedProps<Answer>): ReactNode {
  if (of.data !== undefined) return children(of.data)
  return of.error === null ? <Loading rows={3} /> : <Failed error={of.error} retry={() => void of.refetch()} />
}

/** Nothing, or why something was refused. */
export function Fault({ error }: { readonly error: unknown }): ReactNode {
  const { errorText } = useSettings()
  if (error === null || error === undefined) return null
  return (
    <p className="fault" role="alert">
      {errorText(error)}
    </p>
  )
}
