// States that every page has besides its content: loading, empty, failed and forbidden.

import { HeadlesslyError } from '@headlessly/sdk'
import type { ReactNode } from 'react'
import { isMissingChunk } from '../base/reload-once.ts'
import { useSettings } from '../base/settings-context.tsx'
import { Icon } from './icon.tsx'

export function Loading({ rows = 6 }: { readonly rows?: number }): ReactNode {
  const { say } = useSettings()
  return (
    <div className="loading" role="status">
      <span className="visually-hidden">{say('app.loading')}</span>
      {Array.from({ length: rows }, (_, at) => (
        <div key={at} className="skeleton" />
      ))}
    </div>
  )
}

interface EmptyProps {
  readonly title: string
  readonly hint?: string
  readonly children?: ReactNode
}

export function Empty({ title, hint, children }: EmptyProps): ReactNode {
  return (
    <div className="state">
      <h2>{title}</h2>
      {hint === undefined ? null : <p>{hint}</p>}
      {children}
    </div>
  )
}

/** Says in the server's own words what went wrong. */
export function Failed({ error, retry }: { readonly error: unknown; readonly retry?: () => void }): ReactNode {
  const { say, errorText } = useSettings()
  const code = error instanceof HeadlesslyError ? error.code : undefined
  if (code === 'unauthorized') return <SignIn />
  if (code === 'forbidden') return <Empty title={say('fail.forbidden')} hint={say('fail.forbiddenHint')} />
  if (code === 'not_found') return <Empty title={say('fail.notFound')} hint={say('fail.notFoundHint')} />
  // A second attempt at the same file would fail in the same way.
  if (isMissingChunk(error))
    return (
      <Empty title={say('fail.upgraded')} hint={say('fail.upgradedHint')}>
        <button type="button" className="button primary" onClick={() => location.reload()}>
          {say('fail.reload')}
        </button>
      </Empty>
    )
  return (
    <div className="state" role="alert">
      <Icon name="alert" />
      <h2>{say('fail.title')}</h2>
      <p>{code === 'network_error' ? say('fail.network') : errorText(error)}</p>
      {retry === undefined ? null : (
        <button type="button" className="button" onClick={retry}>
          {say('app.retry')}
        </button>
      )}
    </div>
  )
}

function SignIn(): ReactNode {
  const { say } = useSettings()
  const back = location.pathname + location.search
  return (
    <div className="state">
      <h2>{say('fail.unauthorized')}</h2>
      <a className="button primary" href={`/sign-in?to=${encodeURIComponent(back)}`}>
        {say('fail.signIn')}
      </a>
    </div>
  )
}
