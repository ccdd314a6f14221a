// The frame of every page of a tenant: navigation at the side, the moment above, the page below.

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, Suspense, useEffect, useMemo, useState } from 'react'
import { ErrorBoundary } from '../base/error-boundary.tsx'
import { laterPage } from '../base/later-page.tsx'
import { usePlace } from '../base/navigation.tsx'
import { useSettings } from '../base/settings-context.tsx'
import { followChanges } from '../data/live.ts'
import { openWorkspace, type Workspace } from '../data/workspace.ts'
import { type Scene, SceneContext } from '../data/workspace-context.tsx'
import { Icon } from '../ui/icon.tsx'
import { Failed, Loading } from '../ui/states.tsx'
import { Keyboard, type OpenDialog } from './keyboard.tsx'
import { Sidebar } from './sidebar.tsx'
import { TimeBar } from './time-bar.tsx'

const pastNotice = laterPage(async () => (await import('./past-notice.tsx')).PastNotice)

interface TenantShellProps {
  readonly tenant: string
  readonly children: ReactNode
}

export function TenantShell({ tenant, children }: TenantShellProps): ReactNode {
  const { data, error, refetch } = useQuery({
    queryKey: ['workspace', tenant],
    queryFn: () => openWorkspace(tenant),
    staleTime: Infinity,
    // A comparison would look for the new types in the client from before.
    structuralSharing: false,
  })
  if (error !== null)
    return (
      <main id="main" className="alone">
        <Failed error={error} retry={() => void refetch()} />
      </main>
    )
  if (data === undefined)
    return (
      <main id="main" className="alone">
        <Loading />
      </main>
    )
  return (
    <OpenTenant key={tenant} workspace={data}>
      {children}
    </OpenTenant>
  )
}

function OpenTenant({
  workspace,
  children,
}: {
  readonly workspace: Workspace
  readonly children: ReactNode
}): ReactNode {
  const { at } = usePlace().search
  const queries = useQueryClient()
  const [open, setOpen] = useState<OpenDialog>(undefined)
  useEffect(() => followChanges(workspace, queries), [workspace, queries])
  const scene = useMemo<Scene>(
    () => ({ workspace, at, reading: at === undefined ? { strong: true } : { asOf: at } }),
    [workspace, at],
  )
  return (
    <SceneContext value={scene}>
      <Frame onOpen={setOpen}>{children}</Frame>
      <Keyboard open={open} onOpen={setOpen} />
    </SceneContext>
  )
}

interface FrameProps {
  readonly onOpen: (open: OpenDialog) => void
  readonly children: ReactNode
}

function Frame({ onOpen, children }: FrameProps): ReactNode {
  const { say } = useSettings()
  const { noun, id, search } = usePlace()
  const { at } = search
  const [isOpen, setIsOpen] = useState(false)
  // The slider is answered at once.
  useEffect(() => pastNotice.fetch(), [])
  return (
    <div className={isOpen ? 'frame nav-open' : 'frame'}>
      <a className="skip" href="#main">
        {say('app.skip')}
      </a>
      <aside className="sidebar" id="navigation">
        <Sidebar onNavigate={() => setIsOpen(false)} />
      </aside>
      <div className="scrim" onClick={() => setIsOpen(false)} />
      <div className="page">
        <header className="top">
          <button
            type="button"
            className="button icon-only quiet nav-toggle"
            aria-label={say('nav.open')}
            aria-expanded={isOpen}
            aria-controls="navigation"
            onClick={() => setIsOpen(!isOpen)}
          >
            <Icon name="menu" />
          </button>
          <TimeBar />
          <SearchButtons onOpen={onOpen} />
        </header>
        {at === undefined ? null : (
          <Suspense fallback={null}>
            <pastNotice.Page at={at} />
          </Suspense>
        )}
        <main id="main" tabIndex={-1}>
          <ErrorBoundary key={`${noun}/${id}`} failed={(error, retry) => <Failed error={error} retry={retry} />}>
            {children}
          </ErrorBoundary>
        </main>
      </div>
    </div>
  )
}

/** The palette and the keys are found without knowing a key. */
function SearchButtons({ onOpen }: { readonly onOpen: (open: OpenDialog) => void }): ReactNode {
  const { say } = useSettings()
  return (
    <div className="search-buttons">
      <button
        type="button"
        className="button small"
        title={say('palette.placeholder')}
        onClick={() => onOpen('palette')}
      >
        <Icon name="search" /> <span className="wide-only">{say('palette.open')}</span>
        <kbd className="wide-only">{/Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘ K' : 'Ctrl K'}</kbd>
      </button>
      <button
        type="button"
        className="button small icon-only quiet wide-only"
        aria-label={say('keys.title')}
        title={say('keys.title')}
        onClick={() => onOpen('help')}
      >
        <Icon name="keys" />
      </button>
    </div>
  )
}
