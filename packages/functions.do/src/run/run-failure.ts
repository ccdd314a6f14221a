// The answer to a run that failed.

import type { ServiceAnswer } from '@dotdo/service'
import type { Failed } from '../sandbox/sandbox.ts'

/** The failure as the answer. `left` says what a run leaves that the sandbox has ended. */
export function runFailure({ error, logs, isCut }: Failed, left: string): Extract<ServiceAnswer, { ok: false }> {
  const detail = { ...error.detail, ...(logs.length === 0 ? {} : { logs }) }
  return {
    ok: false,
    error: { ...error, message: isCut === true ? `${error.message}; ${left}` : error.message, detail },
  }
}
