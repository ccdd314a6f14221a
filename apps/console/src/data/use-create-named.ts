// Creates an entity of which only the name is known, for a reference whose words name none yet.

import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { Entity } from './entity.ts'
import { readNounInfo, titleField } from './noun-schema.ts'
import { isGranted } from '../base/rights.ts'
import { refresh } from './use-change.ts'
import { useScene } from './workspace-context.tsx'

interface Named {
  readonly type: string
  readonly name: string
}

export interface CreatingNamed {
  /** The types that the caller may create, of those that were asked about. */
  readonly types: readonly string[]
  readonly create: (named: Named) => void
  readonly isCreating: boolean
  /** Why the latest one was refused, such as a field that is required too. */
  readonly error: Error | null
  readonly reset: () => void
}

export function useCreateNamed(asked: readonly string[], then: (created: Entity) => void): CreatingNamed {
  const { workspace } = useScene()
  const queries = useQueryClient()
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: async ({ type, name }: Named) => {
      const title = titleField(await readNounInfo(workspace, queries, type)) ?? 'name'
      return workspace.entity(type).perform('create', { [title]: name })
    },
    onSuccess: (created, { type }) => {
      void refresh(queries, workspace.tenant, type)
      if (created !== null) then(created)
    },
  })
  const mayCreate = (type: string): boolean =>
    workspace.types.has(type) && isGranted(workspace.whoami, { verb: 'create', of: type })
  return { types: asked.filter(mayCreate), create: mutate, isCreating: isPending, error, reset }
}
