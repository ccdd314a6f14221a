// The first steps of a person in a business that they have begun in this browser, until they end them. In a sample, which has
// contacts already, a record of one's own is one that came after the sample.

import { useState } from 'react'
import { readTour, storeTour } from '../base/preferences.ts'
import { begunEvents } from './use-visit.ts'
import { useScene } from './workspace-context.tsx'
import { clientOf } from './workspace.ts'

export interface Tour {
  /** The time of the last event before the first steps; empty for a business that began without records. */
  readonly after: string
  readonly end: () => void
}

/** Remembers that the sample is there, and what came last in it. */
export async function beginTour(tenant: string): Promise<void> {
  const { newest } = await clientOf(tenant).status()
  storeTour(tenant, newest ?? '')
}

/** Returns undefined for a person who needs no first steps. */
export function useTour(events: number): Tour | undefined {
  const { workspace, at } = useScene()
  const { tenant } = workspace
  const [after, setAfter] = useState(() => readTour(tenant) ?? (events < begunEvents ? '' : ended))
  if (at !== undefined || after === ended) return undefined
  return {
    after,
    end: () => {
      storeTour(tenant, ended)
      setAfter(ended)
    },
  }
}

const ended = 'ended'
