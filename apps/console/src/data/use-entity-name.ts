// The name of an entity of which only the id is known, such as the actor of an event or a reference in a difference.

import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query'
import { batchLoader } from './batch-loader.ts'
import type { Entity } from './entity.ts'
import { aboutFields, readNounInfo, titleOf } from './noun-schema.ts'
import type { Workspace } from './workspace.ts'
import { useScene } from './workspace-context.tsx'

type Reading = ReturnType<typeof useScene>['reading']
type Load = (id: string) => Promise<string | undefined>

/** The most ids of one read. */
const idsMax = 100
const loaders = new WeakMap<Workspace, Map<string, Load>>()

/** The name is undefined until it is known, and for an id that leads to nothing that the caller may see. */
export function useEntityName(id: string): string | undefined {
  const { workspace, reading } = useScene()
  const queries = useQueryClient()
  const type = workspace.typeOfId(id)?.name
  const { data } = useQuery({
    enabled: type !== undefined,
    queryKey: [workspace.tenant, type, 'name', id, reading],
    queryFn: async () => (await loaderOf(workspace, queries, { type: type ?? '', reading })(id)) ?? null,
  })
  return data ?? undefined
}

interface Asked {
  readonly type: string
  readonly reading: Reading
}

function loaderOf(workspace: Workspace, queries: QueryClient, { type, reading }: Asked): Load {
  const own = loaders.get(workspace) ?? new Map<string, Load>()
  loaders.set(workspace, own)
  const key = JSON.stringify([type, reading])
  const known = own.get(key)
  if (known !== undefined) return known
  const load = batchLoader(async (ids) => {
    const include = aboutFields(await readNounInfo(workspace, queries, type))
    const options = { limit: ids.length, include, ...reading }
    const rows: readonly Entity[] = await workspace.entity(type).find({ $id: { $in: [...ids] } }, options)
    return new Map(rows.map((row) => [row.$id, titleOf(row)]))
  }, idsMax)
  own.set(key, load)
  return load
}
