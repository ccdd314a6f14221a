// The form of a write. Each write is one file: its name, its HTTP routes, its body, and the code that performs it in the
// tenant's object.

import type { Committing, TenantStore } from '@dotdo/do'
import type { Importer } from '@dotdo/service'
import type { Call, CallOf, VerbKind } from 'digital-objects'
import type { Answer, Answered } from '../answers/answer.ts'
import type { Caller } from '../answers/caller.ts'
import type { Problem } from '../answers/problem.ts'
import type { Method, Operation } from '../openapi/operation.ts'
import type { ReadResult } from '../reads/read.ts'

/** The parts of the tenant that a write uses. */
export interface WriteParts {
  readonly store: TenantStore
  readonly calls: CallTable
  /** Absent inside of other writes, and on a server that reads no files. */
  readonly importer?: Importer | undefined
}

/** The tenant's operations, for a write that consists of others. */
export interface CallTable {
  /** Returns the call of a path that may be part of another write. Throws an ObjectError. */
  readonly route: (request: { readonly method: Method; readonly path: string }) => Call
  readonly findWrite: (call: CallOf<'write'>) => Write
  /** Answers a read synchronously by the state of now, inside a commit too. */
  readonly read: (store: TenantStore, asked: { readonly caller: Caller; readonly call: CallOf<'read'> }) => ReadResult
  /** Answers a call by itself, as if it had been sent alone. */
  readonly answer: (call: Call) => Promise<Answer>
}

export interface WriteAsked {
  readonly caller: Caller
  readonly call: CallOf<'write'>
}

export type WriteResult = Pick<
  Answered,
  'body' | 'version' | 'createdId' | 'commit' | 'isReplay' | 'isUnchanged' | 'isUnfinished'
>

/** The result of a write inside a commit. */
export interface PartResult extends WriteResult {
  /** Set by a dry run of parts that would be commits of their own: those that would be refused. */
  readonly refusals?: readonly Refusal[]
  /** The `seq` at which each of these commits would begin. */
  readonly commits?: readonly number[]
}

/** A refused write, as a dry run shows it. */
export interface Refusal {
  /** The id of an operation in a batch. */
  readonly id?: string
  readonly status: number
  readonly problem: Problem
}

export interface Write extends Operation {
  readonly kind: 'write'
  /** Resolves when the change is committed. If it throws an ObjectError, nothing has changed. */
  readonly perform: (parts: WriteParts, asked: WriteAsked) => Promise<WriteResult>
  /**
   * Performs the write as a part of a commit, without awaiting; its idempotency key has no effect. If it throws an ObjectError,
   * it has changed nothing, and the commit may go on. Absent for a write that cannot be part of a commit.
   */
  readonly performIn?: (commit: Committing, parts: WriteParts, asked: WriteAsked) => PartResult
  /** The kinds of a write that is no change of entities, by which rules of approval choose. */
  readonly does?: readonly VerbKind[]
  /** Whether an administrator can force it. */
  readonly takesForce?: true
  /** Whether it is a whole commit, which cannot be part of a batch. */
  readonly isWhole?: true
}
