// The form of a write. Each write is one file: its name, its HTTP routes, its body, and the code that performs it in the
// tenant's object.

import type { Committing, TenantStore } from '@dotdo/do'
import type { CallOf } from 'digital-objects'
import type { Answered } from '../answers/answer.ts'
import type { Caller } from '../answers/caller.ts'
import type { Operation } from '../openapi/operation.ts'

/** The parts of the tenant that a write uses. */
export interface WriteParts {
  readonly store: TenantStore
}

export interface WriteAsked {
  readonly caller: Caller
  readonly call: CallOf<'write'>
}

export type WriteResult = Pick<
  Answered,
  'body' | 'version' | 'createdId' | 'commit' | 'isReplay' | 'isUnchanged' | 'isUnfinished'
>

export interface Write extends Operation {
  readonly kind: 'write'
  /** Resolves when the change is committed. If it throws an ObjectError, nothing has changed. */
  readonly perform: (parts: WriteParts, asked: WriteAsked) => Promise<WriteResult>
  /**
   * Performs the write as a part of a commit, without awaiting; its idempotency key has no effect. If it throws an ObjectError,
   * it has changed nothing, and the commit may go on. Absent for a write that cannot be part of a commit.
   */
  readonly performIn?: (commit: Committing, parts: WriteParts, asked: WriteAsked) => WriteResult
}
