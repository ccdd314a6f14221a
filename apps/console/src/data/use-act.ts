// Something that a person does at once: afterwards everything that is shown is read again, and a refusal is said in the server's
// own words.

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useSettings } from '../base/settings-context.tsx'
import { useToast } from '../base/toast-context.ts'
import { useScene } from './workspace-context.tsx'

export interface Act {
  readonly work: () => Promise<unknown>
  /** Said when it is done. */
  readonly done?: string | undefined
  readonly then?: (() => void) | undefined
}

export interface Acting {
  readonly act: (act: Act) => void
  readonly isActing: boolean
  /** Why the latest one failed. */
  readonly error: Error | null
  readonly reset: () => void
}

/** `isTold` says whether a failure is shown as a message at the edge, for acts without a place of their own to say it. */
export function useAct({ isTold = false }: { readonly isTold?: boolean } = {}): Acting {
  const { workspace } = useScene()
  const queries = useQueryClient()
  const tell = useToast()
  const { errorText } = useSettings()
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: ({ work }: Act) => work(),
    onSuccess: (_, { done, then }) => {
      void queries.invalidateQueries({ queryKey: [workspace.tenant] })
      if (done !== undefined) tell({ kind: 'done', text: done })
      then?.()
    },
    onError: (failure) => {
      if (isTold) tell({ kind: 'failed', text: errorText(failure) })
    },
  })
  return { act: mutate, isActing: isPending, error, reset }
}
