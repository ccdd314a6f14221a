// Performs a write that makes several changes, as one commit. Its answer is stored under its idempotency key, since it cannot
// be made from one event.

import type { CommitOptions, Committing, IdempotencyKey } from '@dotdo/do'
import { canonicalJson, type JsonValue, ObjectError } from 'digital-objects'
import { parseBody } from './parse-body.ts'
import type { WriteAsked, WriteParts, WriteResult } from './write.ts'

/** The platform limits a row to 2 MB. */
const storedBytesMax = 1_900_000

interface CommitAsked extends WriteAsked {
  readonly options?: Pick<CommitOptions, 'atMs' | 'nextId' | 'consent'>
}

/** `perform` runs in the lane. If it throws an ObjectError, nothing has changed. */
export async function commitCall(
  { store }: WriteParts,
  asked: CommitAsked,
  perform: (commit: Committing) => WriteResult,
): Promise<WriteResult> {
  const idempotency = keyOf(asked)
  const work = (commit: Committing): Record<string, JsonValue> => {
    const result = perform(commit)
    if (idempotency !== undefined) checkStored(result)
    return { ...result }
  }
  const committed = await store.commit(work, {
    tenant: tenantOf(asked),
    ...asked.options,
    ...(idempotency === undefined ? {} : { idempotency }),
  })
  const { commit, isReplay } = committed
  const result = committed.result as unknown as WriteResult // made by `perform`, now or for the first request
  return {
    ...result,
    ...(commit !== undefined ? { commit } : result.isUnfinished === true ? {} : { isUnchanged: true }),
    ...(isReplay ? { isReplay } : {}),
  }
}

/** The stored answer of an earlier request with the same key; undefined if there is none. */
export async function earlierAnswer(parts: WriteParts, asked: WriteAsked): Promise<WriteResult | undefined> {
  const none = new ObjectError({ code: 'not_found', message: 'no answer is stored under this key' })
  try {
    return await commitCall(parts, asked, () => {
      throw none
    })
  } catch (error) {
    if (error === none) return undefined
    throw error
  }
}

export function tenantOf({ caller }: WriteAsked): { readonly name: string; readonly context: string } {
  return { name: caller.tenant, context: caller.context }
}

/** Equal values are one request, whatever the spacing and the order of keys in the body. */
export function keyOf({ call, caller }: WriteAsked): IdempotencyKey | undefined {
  const { idempotencyKey: key, verb, noun, id = null, body, at } = call
  if (key === undefined) return undefined
  const happened = at === undefined ? [] : [at]
  return {
    actor: caller.authority.who,
    key,
    request: JSON.stringify([verb, noun, id, canonicalJson(parseBody(body)), ...happened]),
  }
}

const encoder = new TextEncoder()

/** Whether an answer can be stored under a key. */
export function isStorable(result: WriteResult): boolean {
  return encoder.encode(JSON.stringify(result)).length <= storedBytesMax
}

function checkStored(result: WriteResult): void {
  if (isStorable(result)) return
  throw new ObjectError({
    code: 'payload_too_large',
    message: `the answer to a commit with an Idempotency-Key has at most ${storedBytesMax} bytes: nothing was changed; read less in it`,
  })
}
