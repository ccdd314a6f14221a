// Saved views: the address of a list under a name, as entities of a type that the console keeps.

import {
  useMutation,
  type UseMutationResult,
  useQuery,
  useQueryClient,
  type UseQueryResult,
} from '@tanstack/react-query'
import type { PageSearch } from '../base/search.ts'
import { parseSearch } from '../base/search.ts'
import { mayKeep, withKept } from './kept-types.ts'
import { useScene } from './workspace-context.tsx'

export interface SavedView {
  readonly id: string
  readonly name: string
  readonly search: PageSearch
}

const viewNoun = 'ConsoleView'

/** The views of this person; on a server without sign-in everybody is the same one. */
export function useViews(noun: string): UseQueryResult<readonly SavedView[]> {
  const { workspace } = useScene()
  return useQuery({
    enabled: workspace.types.has(viewNoun),
    queryKey: [workspace.tenant, viewNoun, noun],
    queryFn: async ({ signal }) => {
      const options = { sort: 'name', limit: 100, strong: true, signal }
      const rows = await workspace.entity(viewNoun).find({ noun, owner: workspace.whoami.actor }, options)
      return rows.map((row) => ({
        id: row.$id,
        name: String(row['name']),
        search: parseSearch(String(row['search'] ?? '')),
      }))
    },
  })
}

/** Whether this person may save views and delete them. */
export function useMaySave(): boolean {
  return mayKeep(useScene().workspace, viewNoun)
}

export interface NewView {
  readonly name: string
  readonly noun: string
  readonly search: string
}

export function useSaveView(): UseMutationResult<unknown, Error, NewView> {
  const { workspace } = useScene()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async (view: NewView) => {
      const open = await withKept(workspace, viewNoun, queries)
      await open.entity(viewNoun).perform('create', { ...view, owner: workspace.whoami.actor })
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: [workspace.tenant, viewNoun] }),
  })
}

export function useDeleteView(): UseMutationResult<unknown, Error, string> {
  const { workspace } = useScene()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => workspace.entity(viewNoun).perform('delete', id),
    onSuccess: () => queries.invalidateQueries({ queryKey: [workspace.tenant, viewNoun] }),
  })
}
