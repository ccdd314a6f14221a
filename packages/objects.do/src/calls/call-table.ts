// The tenant's operations, as a write sees them that consists of others.

import type { Call } from 'digital-objects'
import type { Answer } from '../answers/answer.ts'
import type { CallTable } from '../writes/write.ts'
import { answerRead } from './answer-read.ts'
import { findWrite } from './operations.ts'
import { routeOperation } from './route-operation.ts'

/** `answer` answers a call by itself. */
export function callTable(answer: (call: Call) => Promise<Answer>): CallTable {
  return {
    route: routeOperation,
    findWrite,
    read: (store, { call, caller }) => answerRead(call, caller, { store }),
    answer,
  }
}

/** For a write inside a commit, none of whose parts is answered by itself. */
export const callsWithin: CallTable = callTable(() => {
  throw new Error('a part of a commit is not answered by itself')
})
