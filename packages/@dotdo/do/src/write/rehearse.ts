// Rehearses the first write of a tenant: performs it with all its checks and rolls it back, tables included.

import { FirstWrite } from './first-write.ts'

export interface Rehearsed<Result> {
  readonly result: Result
  /** Whether the write would change something, so that the tenant would begin with it. */
  readonly isWrite: boolean
}

/** Throws the refusal of the write, or a FirstWrite if it would change something. */
export function rehearse<Result>(
  storage: Pick<DurableObjectStorage, 'transactionSync'>,
  perform: () => Rehearsed<Result>,
): Result {
  let rehearsed: Rehearsed<Result> | undefined
  try {
    return storage.transactionSync((): never => {
      rehearsed = perform()
      throw new FirstWrite()
    })
  } catch (error) {
    if (error instanceof FirstWrite && rehearsed?.isWrite === false) return rehearsed.result
    throw error
  }
}
