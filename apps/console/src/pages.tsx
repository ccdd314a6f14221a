// The page at each address. A page beyond the first is loaded when it is opened.

import { createElement, lazy, type LazyExoticComponent, type ReactNode, Suspense } from 'react'
import { ErrorBoundary } from './base/error-boundary.tsx'
import { usePlace } from './base/navigation.tsx'
import { type ToolName, tools } from './base/tools.ts'
import { TenantShell } from './shell/shell.tsx'
import { Failed, Loading } from './ui/states.tsx'

const StartPage = lazy(async () => ({ default: (await import('./pages/start.tsx')).StartPage }))
const HomePage = lazy(async () => ({ default: (await import('./pages/home.tsx')).HomePage }))
const NounPage = lazy(async () => ({ default: (await import('./pages/noun.tsx')).NounPage }))
const RecordPage = lazy(async () => ({ default: (await import('./pages/record.tsx')).RecordPage }))
const toolPages: Readonly<Record<ToolName, LazyExoticComponent<() => ReactNode>>> = {
  inbox: lazy(async () => ({ default: (await import('./tools/inbox.tsx')).InboxPage })),
  numbers: lazy(async () => ({ default: (await import('./tools/numbers.tsx')).NumbersPage })),
  operate: lazy(async () => ({ default: (await import('./tools/operate.tsx')).OperatePage })),
  agents: lazy(async () => ({ default: (await import('./tools/agents.tsx')).AgentsPage })),
}

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
  const tool = tools.find(({ name }) => name === noun)
  if (tool !== undefined) return createElement(toolPages[tool.name])
  return id === undefined ? <NounPage key={noun} noun={noun} /> : <RecordPage key={id} noun={noun} id={id} />
}
