// A limit on the bytes of all bodies that are being received or answered, because each is kept in memory until its answer.

import { ObjectError } from 'digital-objects'

const bytesMax = 192 * 2 ** 20
/** A tenant leaves room for the others. */
const tenantBytesMax = 96 * 2 ** 20
/** Smaller bodies are not counted: the number of requests has limits of its own. */
const countedBytesMin = 16 * 2 ** 10
/** Assumed for a body whose sender does not say its length. */
const unknownBytes = 2 ** 20

export class BodyRoom {
  #bytes = 0
  readonly #byTenant = new Map<string, number>()

  /** Does the work while its body has room. Throws an ObjectError `overloaded` if there is none. */
  hold<Result>(tenant: string, bytes: number, work: () => Result): Result | Promise<Awaited<Result>> {
    return bytes < countedBytesMin ? work() : this.#hold(tenant, bytes, work)
  }

  async #hold<Result>(tenant: string, bytes: number, work: () => Result): Promise<Awaited<Result>> {
    const held = this.#byTenant.get(tenant) ?? 0
    if (this.#bytes + bytes > bytesMax || held + bytes > tenantBytesMax) {
      const message = 'the bodies of the requests in progress take too much memory; try again shortly'
      throw new ObjectError({ code: 'overloaded', field: 'body', message })
    }
    this.#add(tenant, bytes)
    try {
      return await work()
    } finally {
      this.#add(tenant, -bytes)
    }
  }

  #add(tenant: string, bytes: number): void {
    this.#bytes += bytes
    const held = (this.#byTenant.get(tenant) ?? 0) + bytes
    if (held === 0) this.#byTenant.delete(tenant)
    else this.#byTenant.set(tenant, held)
  }
}

/** Rooms by environment: an isolate's memory is shared by all its requests. */
const rooms = new WeakMap<object, BodyRoom>()

export function bodyRoomOf(env: object): BodyRoom {
  const room = rooms.get(env) ?? new BodyRoom()
  rooms.set(env, room)
  return room
}

/** The bytes of a body as far as its sender declares them. */
export function declaredBytes({ method, headers }: Request): number {
  if (method === 'GET' || method === 'HEAD') return 0
  const declared = headers.get('content-length')
  if (declared !== null) return Number(declared)
  return headers.has('transfer-encoding') ? unknownBytes : 0
}
