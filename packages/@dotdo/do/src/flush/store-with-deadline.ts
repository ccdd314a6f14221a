// An object store whose calls end. One that never came back would hold up every later step of the flush, for as long as
// the object lives; what it was to do may still be done later, so nobody who is told that it failed may rely on either.

import type { ObjectStore } from '@dotdo/db'

/** A file of 24 MB on a slow line. */
const callMsMaxDefault = 60_000

export function storeWithDeadline(store: ObjectStore, callMsMax: number = callMsMaxDefault): ObjectStore {
  const ending = <Result>(name: string, call: Promise<Result>): Promise<Result> => withDeadline(name, call, callMsMax)
  return {
    get: (key, range) => ending(`get '${key}'`, store.get(key, range)),
    head: (key) => ending(`head '${key}'`, store.head(key)),
    put: (key, bytes, options) => ending(`put '${key}'`, store.put(key, bytes, options)),
    delete: (keys) => ending(`delete of ${keys.length} keys`, store.delete(keys)),
    list: (options) => ending(`list '${options.prefix}'`, store.list(options)),
    sync: (keys) => ending(`sync of ${keys.length} keys`, store.sync(keys)),
  }
}

async function withDeadline<Result>(name: string, call: Promise<Result>, callMsMax: number): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | null = null
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${name}: no answer within ${callMsMax} ms`)), callMsMax)
  })
  try {
    return await Promise.race([call, late])
  } finally {
    clearTimeout(timer)
  }
}
