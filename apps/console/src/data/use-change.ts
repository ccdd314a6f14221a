// Changes of entities: each keeps what others have changed meanwhile, can be taken back, and says in the server's own words
// why it was refused.

import { HeadlesslyError } from '@headlessly/sdk'
import { type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query'
import { useSettings } from '../base/settings-context.tsx'
import { useToast } from '../base/toast-context.ts'
import { type Change, changeKey } from './change.ts'
import type { Entity } from './entity.ts'
import { putChanged } from './put-changed.ts'
import type { Workspace } from './workspace.ts'
import { useScene } from './workspace-context.tsx'

export interface Changing {
  readonly change: (change: Change) => Promise<Entity | null>
  readonly isChanging: boolean
}

export function useChange(): Changing {
  const { workspace } = useScene()
  const queries = useQueryClient()
  const tell = useToast()
  const undo = useUndo()
  const { say } = useSettings()
  const { mutateAsync, isPending } = useMutation({
    mutationKey: changeKey(workspace.tenant),
    mutationFn: (change: Change) => perform(workspace, change),
    onSuccess: (changed, { noun, id, verb }) => {
      // It is no longer pending, and must not be gone until it is read.
      putChanged(queries, { tenant: workspace.tenant, noun, id, entity: changed })
      void refresh(queries, workspace.tenant, noun)
      tell({
        kind: 'done',
        text: say(verb === 'delete' ? 'change.deleted' : 'change.saved'),
        action: { label: say('change.undo'), run: () => undo({ noun, id, version: changed?.$version }) },
      })
    },
  })
  return { change: mutateAsync, isChanging: isPending }
}

interface Undone {
  readonly noun: string
  readonly id: string
  /** The version that the change made; undefined for a deletion. */
  readonly version: number | undefined
}

/** Takes back the commit of a change, and says so. */
export function useUndo(): (undone: Undone) => void {
  const { workspace } = useScene()
  const queries = useQueryClient()
  const tell = useToast()
  const { say, errorText } = useSettings()
  const undo = async (undone: Undone): Promise<void> => {
    try {
      await undoLast(workspace, undone)
      await queries.invalidateQueries({ queryKey: [workspace.tenant] })
      tell({ kind: 'done', text: say('change.undone') })
    } catch (error) {
      tell({ kind: 'failed', text: errorText(error) })
    }
  }
  return (undone) => void undo(undone)
}

function perform(workspace: Workspace, { noun, id, verb, data = {}, ifVersion }: Change): Promise<Entity | null> {
  const options = ifVersion === undefined ? {} : { ifVersion }
  const entity = workspace.entity(noun)
  return verb === 'delete' ? entity.perform('delete', id, options) : entity.perform(verb, id, data, options)
}

/** Takes back the commit of the change, with everything else that it did. */
async function undoLast(workspace: Workspace, { noun, id, version }: Undone): Promise<void> {
  const [event] = await workspace.entity(noun).changesOf(id, version)
  if (event === undefined) throw new Error(`no event of ${id} is there to take back`)
  await workspace.client.commits.undo(event.commit)
}

export function refresh(queries: QueryClient, tenant: string, noun: string): Promise<void> {
  return queries.invalidateQueries({
    predicate: ({ queryKey: [of, type] }) => of === tenant && (type === noun || type === '*'),
  })
}

/** Whether somebody else has changed the entity since it was read. */
export function isConflict(error: unknown): boolean {
  return error instanceof HeadlesslyError && ['version_conflict', 'precondition_failed'].includes(error.code)
}
