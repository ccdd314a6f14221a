// A write: one file that says its name, its place over HTTP, its body, and how the tenant's object performs it.

import type { TenantStore } from '@dotdo/do'
import type { CallOf } from 'digital-objects'
import type { Answered } from '../answers/answer.ts'
import type { Caller } from '../answers/caller.ts'
import type { Operation } from '../openapi/operation.ts'

/** The tenant as a write sees it. */
export interface WriteParts {
  readonly store: TenantStore
}

export interface WriteAsked {
  readonly caller: Caller
  readonly call: CallOf<'write'>
}

export type WriteResult = Pick<Answered, 'body' | 'version' | 'createdId' | 'isReplay' | 'isUnfinished'>

export interface Write extends Operation {
  readonly kind: 'write'
  /** Resolves when the change is committed. Throws an ObjectError if it is refused, and then nothing has changed. */
  readonly perform: (parts: WriteParts, asked: WriteAsked) => Promise<WriteResult>
}
