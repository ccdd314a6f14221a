// A page in a file of its own. React shows the placeholder of a page that is not there yet for at least 300 ms, so the file of the
// first page is fetched before the page is shown.

import { type ComponentType, createElement, lazy, type ReactNode, useState } from 'react'

export interface LaterPage<Props extends object> {
  /** Fetches the file, without waiting for it. A failure is reported when the page is shown. */
  fetch(): void
  readonly Page: (props: Props) => ReactNode
}

export function laterPage<Props extends object>(load: () => Promise<ComponentType<Props>>): LaterPage<Props> {
  let loading: Promise<ComponentType<Props>> | undefined
  let loaded: ComponentType<Props> | undefined
  const loadOnce = (): Promise<ComponentType<Props>> => {
    loading ??= load().then((component) => (loaded = component))
    return loading
  }
  const Later = lazy(async () => ({ default: await loadOnce() }))
  return {
    fetch: () => void loadOnce().catch(() => {}),
    Page: (props) => {
      // A page that has begun as one component stays it: another one would lose its state.
      const [Shown] = useState<ComponentType<Props>>(() => loaded ?? Later)
      return createElement(Shown, props)
    },
  }
}
