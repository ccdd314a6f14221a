// A read of the tenant beside its lists and records, repeated when what it shows has changed.

import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import type { Workspace } from './workspace.ts'
import { useScene } from './workspace-context.tsx'

interface Asked<Answer> {
  /** The type whose changes make it outdated; `*` stands for all. */
  readonly of: string
  /** Tells it from other reads of the type. */
  readonly name: readonly unknown[]
  readonly read: (workspace: Workspace, signal: AbortSignal) => Promise<Answer>
  readonly isOn?: boolean
  readonly everyMs?: number | undefined
}

export function useAsk<Answer>({ of, name, read, isOn = true, everyMs }: Asked<Answer>): UseQueryResult<Answer> {
  const { workspace } = useScene()
  return useQuery({
    enabled: isOn,
    queryKey: [workspace.tenant, of, 'ask', ...name],
    queryFn: ({ signal }) => read(workspace, signal),
    ...(everyMs === undefined ? {} : { refetchInterval: everyMs }),
  })
}
