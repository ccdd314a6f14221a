// Saved views: the address of a list under a name, as entities of a type of the tenant's own that the first saved view defines.
// So views have a history, travel with the data, and follow the rules of access like everything else.

import {
  useMutation,
  type UseMutationResult,
  useQuery,
  useQueryClient,
  type UseQueryResult,
} from '@tanstack/react-query'
import { HeadlesslyError } from '@headlessly/sdk'
import type { PageSearch } from '../base/search.ts'
import { parseSearch } from '../base/search.ts'
import { clientOf, openWorkspace } from './workspace.ts'
import { useScene } from './workspace-context.tsx'

export interface SavedView {
  readonly id: string
  readonly name: string
  readonly search: PageSearch
}

const viewNoun = 'ConsoleView'
const definition = {
  fields: { name: 'string!', noun: 'string! #', search: 'text?', owner: 'string? #' },
  about: 'A list of the console with its filter, sort and groups, saved under a name.',
} as const

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
      const { tenant, whoami } = workspace
      let open = workspace
      if (!workspace.types.has(viewNoun)) {
        await defineViews(tenant)
        open = await openWorkspace(tenant)
      }
      await open.entity(viewNoun).perform('create', { ...view, owner: whoami.actor })
      if (open !== workspace) queries.setQueryData(['workspace', tenant], open)
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

/** Another tab may have defined it at the same time, with the same definition. */
async function defineViews(tenant: string): Promise<void> {
  try {
    await clientOf(tenant).schema.put(viewNoun, definition)
  } catch (error) {
    if (!(error instanceof HeadlesslyError) || error.code !== 'conflict') throw error
  }
}
