// The page at each address. A page beyond the first is loaded when it is opened.

import { lazy, type ReactNode, Suspense } from 'react'
import { ErrorBoundary } from '../base/error-boundary.tsx'
import { usePlace } from '../base/navigation.tsx'
import { TenantShell } from '../shell/shell.tsx'
import { Failed, Loading } from '../ui/states.tsx'

const StartPage = lazy(async () => ({ default: (await import('./start.tsx')).StartPage }))
const HomePage = lazy(async () => ({ default: (await import('./home.tsx')).HomePage }))
const NounPage = lazy(async () => ({ default: (await import('./noun.tsx')).NounPage }))
const RecordPage = lazy(async () => ({ default: (await import('./record.tsx')).RecordPage }))

export function Pages(): ReactNode {
  const { tenant } = usePlace()
  if (tenant === undefined)
    return (
      <ErrorBoundary failed={(error, retry) => <Failed error={error} retry={retry} />}>
        <Suspense fallback={<Loading />}>
          <StartPage />
        </Suspense>
      </ErrorBoundary>
    )
  return (
    <TenantShell tenant={tenant}>
      <Suspense fallback={<Loading />}>
        <TenantPage />
      </Suspense>
    </TenantShell>
  )
}

function TenantPage(): ReactNode {
  const { noun, id } = usePlace()
  if (noun === undefined) return <HomePage />
  return id === undefined ? <NounPage key={noun} noun={noun} /> : <RecordPage key={id} noun={noun} id={id} />
}
