// The page at each address, in a file of its own that is fetched when it is needed.

import { createElement, type ReactNode, Suspense } from 'react'
import { ErrorBoundary } from './base/error-boundary.tsx'
import { laterPage } from './base/later-page.tsx'
import { type Place, usePlace } from './base/navigation.tsx'
import { type ToolName, tools } from './base/tools.ts'
import { TenantShell } from './shell/shell.tsx'
import { Failed, Loading } from './ui/states.tsx'

const start = laterPage(async () => (await import('./pages/start.tsx')).StartPage)
const home = laterPage(async () => (await import('./pages/home.tsx')).HomePage)
const list = laterPage(async () => (await import('./pages/noun.tsx')).NounPage)
const record = laterPage(async () => (await import('./pages/record.tsx')).RecordPage)
const toolPages = {
  inbox: laterPage(async () => (await import('./tools/inbox.tsx')).InboxPage),
  numbers: laterPage(async () => (await import('./tools/numbers.tsx')).NumbersPage),
  operate: laterPage(async () => (await import('./tools/operate.tsx')).OperatePage),
  agents: laterPage(async () => (await import('./tools/agents.tsx')).AgentsPage),
} as const satisfies Record<ToolName, unknown>

/** Fetches the files of the page at a place, while the business is being opened. */
export function fetchPage({ tenant, noun, id }: Place): void {
  const tool = tools.find(({ name }) => name === noun)
  if (tenant === undefined) start.fetch()
  else if (noun === undefined) home.fetch()
  else if (tool !== undefined) toolPages[tool.name].fetch()
  else if (id === undefined) list.fetch()
  else record.fetch()
}

export function Pages(): ReactNode {
  const { tenant } = usePlace()
  if (tenant === undefined)
    return (
      <ErrorBoundary failed={(error, retry) => <Failed error={error} retry={retry} />}>
        <Suspense fallback={<Loading />}>
          <start.Page />
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
  if (noun === undefined) return <home.Page />
  const tool = tools.find(({ name }) => name === noun)
  if (tool !== undefined) return createElement(toolPages[tool.name].Page)
  return id === undefined ? <list.Page key={noun} noun={noun} /> : <record.Page key={id} noun={noun} id={id} />
}
