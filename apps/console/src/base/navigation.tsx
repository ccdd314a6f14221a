// Addresses of the console, `/console/{tenant}/{Noun}/{id}` with the parameters of `search.ts`: the current one, links to
// others, and going there without loading the page again.

import {
  createContext,
  type ComponentProps,
  type MouseEvent,
  type ReactNode,
  use,
  useMemo,
  useSyncExternalStore,
} from 'react'
import { formatSearch, type PageSearch, parseSearch } from './search.ts'

export interface Place {
  readonly tenant?: string | undefined
  readonly noun?: string | undefined
  readonly id?: string | undefined
  readonly search: PageSearch
}

interface Going {
  /** Takes the place of the current entry of the browser's history. */
  readonly replace?: boolean
}

const base = '/console'
const changed = 'headlessly-navigation'
/** Events after which the address is another one. */
export const navigationEvents = ['popstate', changed] as const
const PlaceContext = createContext<Place>({ search: {} })

export function PlaceProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const address = useSyncExternalStore(follow, () => location.pathname + location.search)
  const place = useMemo(() => parseAddress(address), [address])
  return <PlaceContext value={place}>{children}</PlaceContext>
}

export function usePlace(): Place {
  return use(PlaceContext)
}

export function go(place: Place, { replace = false }: Going = {}): void {
  const address = formatAddress(atMomentOf(parseAddress(location.pathname + location.search), place))
  if (address === location.pathname + location.search) return
  history[replace ? 'replaceState' : 'pushState'](null, '', address)
  globalThis.dispatchEvent(new Event(changed))
}

interface LinkProps extends Omit<ComponentProps<'a'>, 'href'> {
  readonly to: Place
}

/** A link that the browser can also open elsewhere. It says whether it leads to the current page. */
export function Link({ to, onClick, ...others }: LinkProps): ReactNode {
  const place = usePlace()
  const { tenant, noun, id } = place
  const isCurrent = tenant === to.tenant && noun === to.noun && id === to.id
  const follow = (event: MouseEvent<HTMLAnchorElement>): void => {
    onClick?.(event)
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
    if (!isPlain || event.defaultPrevented) return
    event.preventDefault()
    go(to)
  }
  return (
    <a
      href={formatAddress(atMomentOf(place, to))}
      aria-current={isCurrent ? 'page' : undefined}
      onClick={follow}
      {...others}
    />
  )
}

/** The moment goes along to every other page of a tenant, unless one is named there. */
function atMomentOf({ tenant, search: { at } }: Place, to: Place): Place {
  const isKept = at !== undefined && to.search.at === undefined && to.tenant === tenant && tenant !== undefined
  return isKept ? { ...to, search: { ...to.search, at } } : to
}

export function formatAddress({ tenant, noun, id, search }: Place): string {
  const segments = [tenant, noun, id]
    .filter((segment) => segment !== undefined)
    .map((segment) => `/${encodeURIComponent(segment)}`)
  return base + segments.join('') + formatSearch(search)
}

export function parseAddress(address: string): Place {
  const at = address.indexOf('?')
  const path = at < 0 ? address : address.slice(0, at)
  const [tenant, noun, id] = path.slice(base.length).split('/').filter(Boolean).map(decode)
  return { tenant, noun, id, search: parseSearch(at < 0 ? '' : address.slice(at)) }
}

/** An address written by hand may hold a percent sign that means nothing. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

function follow(tell: () => void): () => void {
  for (const name of navigationEvents) globalThis.addEventListener(name, tell)
  return () => {
    for (const name of navigationEvents) globalThis.removeEventListener(name, tell)
  }
}
