// An object store whose calls end. A call that never returned would block every later step of a flush for the life of
// the object. A call that timed out may still take effect later, so its caller must not rely on either outcome.

import { withDeadline } from '../base/with-deadline.ts'
import type { ObjectStore } from './object-store.ts'

/** Enough for a file of 24 MB on a slow line. */
const callMsMaxDefault = 60_000

export function storeWithDeadline(store: ObjectStore, callMsMax: number = callMsMaxDefault): ObjectStore {
  const ending = <Result>(name: string, call: Promise<Result>): Promise<Result> =>
    withDeadline(call, { ms: callMsMax, timeoutError: () => new Error(`${name}: no answer within ${callMsMax} ms`) })
  return {
    get: (key, range) => ending(`get '${key}'`, store.get(key, range)),
    head: (key) => ending(`head '${key}'`, store.head(key)),
    stat: (key) => ending(`stat '${key}'`, store.stat(key)),
    put: (key, bytes, options) => ending(`put '${key}'`, store.put(key, bytes, options)),
    delete: (keys) => ending(`delete of ${keys.length} keys`, store.delete(keys)),
    list: (options) => ending(`list '${options.prefix}'`, store.list(options)),
    sync: (keys) => ending(`sync of ${keys.length} keys`, store.sync(keys)),
  }
}
