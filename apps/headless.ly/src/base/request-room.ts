// Limits on the requests in work, of each tenant and in total. Further ones wait in a queue of their tenant, and a request that
// leaves the queue rests first. So a burst is worked off in small groups, and everybody else is served between them.
// docs/decisions/0035-tenants-take-turns.md

import { waitForOthers } from '@dotdo/db'
import { ObjectError } from 'digital-objects'

/** More requests of one tenant at a time do not make it faster. */
const usualMax = 64
const usualTotalMax = 256
/** Requests that a tenant may have in work while there are more than that. */
const usualCrowdedMax = 4
const waitingMax = 1_000
const waitingInTotalMax = 4_000
const waitMsMax = 5_000
const usualLongMs = 10_000
/** A request that was given a place begins within this time, unless it was cut off: workerd tells nobody of that. */
const beginMs = 1_000
/** A request that has looked within this time is preferred to one that may have been cut off. */
const lookedMsMax = 300
const retryAfterSeconds = 2

export interface RequestRoomOptions {
  /** Requests of one tenant that are in work at a time. */
  readonly tenantMax: number
  /** Requests of all tenants, beyond which a tenant may have `crowdedMax`. */
  readonly totalMax: number
  readonly crowdedMax: number
  /**
   * A request that takes longer waits for something else, such as code or a command, and makes room for others. Or it was cut
   * off with its client's connection, of which workerd tells nobody.
   */
  readonly longMs: number
  readonly now: () => number
  /** Resolves once other events had a chance to run. */
  readonly rest: () => Promise<void>
}

/** The place of a request in work. */
interface Place {
  readonly sinceMs: number
  /** False until the request that waited for the place has begun. */
  isBegun: boolean
}

interface Waiting {
  readonly sinceMs: number
  /** The time of the last look whether the request has waited too long. A request that still runs looks ten times a second. */
  lookedMs: number
  /** Gives the request its place, or undefined if it has waited too long. */
  readonly end: (place: Place | undefined) => void
}

interface TenantRoom {
  readonly name: string
  /** The oldest comes first. */
  readonly places: Set<Place>
  waiting: Waiting[]
}

export class RequestRoom {
  readonly #tenantMax: number
  readonly #totalMax: number
  readonly #crowdedMax: number
  readonly #longMs: number
  readonly #now: () => number
  readonly #rest: () => Promise<void>
  /** Tenants with requests in work or waiting. The one that was served longest ago comes first. */
  readonly #tenants = new Map<string, TenantRoom>()
  #inWork = 0
  #waiting = 0

  constructor(options: Partial<RequestRoomOptions> = {}) {
    this.#tenantMax = options.tenantMax ?? usualMax
    this.#totalMax = options.totalMax ?? usualTotalMax
    this.#crowdedMax = options.crowdedMax ?? usualCrowdedMax
    this.#longMs = options.longMs ?? usualLongMs
    this.#now = options.now ?? Date.now
    this.#rest = options.rest ?? ((): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0)))
  }

  /** Does the work once there is room. Throws an ObjectError `overloaded`, with a time to try again, if the queue is full. */
  run<Result>(name: string, work: () => Result | Promise<Result>): Result | Promise<Result> {
    const tenant = this.#tenants.get(name) ?? this.#add(name)
    const mayStart = tenant.waiting.length === 0 && this.#hasRoom(tenant)
    if (!mayStart) return this.#wait(tenant).then((place) => this.#work(tenant, place, work))
    return this.#work(tenant, this.#take(tenant, true), work)
  }

  /** A result that is no promise, such as a cached answer, leaves at once. */
  #work<Result>(tenant: TenantRoom, place: Place, work: () => Result | Promise<Result>): Result | Promise<Result> {
    let result: Result | Promise<Result>
    try {
      result = work()
    } catch (error) {
      this.#leave(tenant, place)
      throw error
    }
    if (result instanceof Promise) return this.#finish(tenant, place, result)
    this.#leave(tenant, place)
    return result
  }

  async #finish<Result>(tenant: TenantRoom, place: Place, result: Promise<Result>): Promise<Result> {
    try {
      return await result
    } finally {
      this.#leave(tenant, place)
    }
  }

  #add(name: string): TenantRoom {
    const tenant: TenantRoom = { name, places: new Set(), waiting: [] }
    this.#tenants.set(name, tenant)
    return tenant
  }

  #hasRoom(tenant: TenantRoom): boolean {
    if (this.#inWork >= this.#totalMax) for (const each of this.#tenants.values()) this.#forgetLong(each)
    const isCrowded = this.#inWork >= this.#totalMax
    const max = isCrowded ? Math.min(this.#crowdedMax, this.#tenantMax) : this.#tenantMax
    if (tenant.places.size >= max) this.#forgetLong(tenant)
    return tenant.places.size < max
  }

  #forgetLong(tenant: TenantRoom): void {
    for (const place of tenant.places) {
      const isLong = this.#hasPassed(place.isBegun ? this.#longMs : beginMs, place.sinceMs)
      if (isLong && tenant.places.delete(place)) this.#inWork--
    }
  }

  #hasPassed(ms: number, sinceMs: number): boolean {
    const passedMs = this.#now() - sinceMs
    return passedMs < 0 || passedMs >= ms
  }

  #take(tenant: TenantRoom, isBegun: boolean): Place {
    const place = { sinceMs: this.#now(), isBegun }
    tenant.places.add(place)
    this.#inWork++
    return place
  }

  async #wait(tenant: TenantRoom): Promise<Place> {
    const { length } = tenant.waiting
    const isFull = length >= waitingMax || (this.#waiting >= waitingInTotalMax && length > 0)
    if (isFull) throw refusal(`${length} of its requests are waiting`)
    const sinceMs = this.#now()
    const { ended, end } = waitForOthers<Place | undefined>(() => {
      waiting.lookedMs = this.#now()
      if (this.#hasPassed(waitMsMax, sinceMs)) this.#giveUp(tenant, waiting)
      // Places of requests that were cut off are free after a while, which no other request tells.
      else this.#letNextProceed()
    })
    const waiting = { sinceMs, lookedMs: sinceMs, end }
    tenant.waiting.push(waiting)
    this.#waiting++
    const place = await ended
    if (place === undefined) throw refusal(`a request waited ${waitMsMax / 1_000} s`)
    place.isBegun = true
    await this.#rest()
    return place
  }

  #giveUp(tenant: TenantRoom, waiting: Waiting): void {
    const at = tenant.waiting.indexOf(waiting)
    if (at < 0) return
    tenant.waiting.splice(at, 1)
    this.#waiting--
    waiting.end(undefined)
  }

  /** The number of requests in work. */
  get inWork(): number {
    return this.#inWork
  }

  #leave(tenant: TenantRoom, place: Place): void {
    if (tenant.places.delete(place)) this.#inWork--
    if (this.#waiting > 0) this.#letNextProceed()
    if (tenant.places.size === 0 && tenant.waiting.length === 0) this.#tenants.delete(tenant.name)
  }

  #letNextProceed(): void {
    for (const [name, tenant] of this.#tenants) {
      this.#dropCutOff(tenant)
      if (tenant.waiting.length === 0 && tenant.places.size === 0) this.#tenants.delete(name)
      if (tenant.waiting.length === 0 || !this.#hasRoom(tenant)) continue
      this.#tenants.delete(name)
      this.#tenants.set(name, tenant)
      const running = tenant.waiting.findIndex(({ lookedMs }) => !this.#hasPassed(lookedMsMax, lookedMs))
      const [next] = tenant.waiting.splice(Math.max(running, 0), 1)
      this.#waiting--
      next?.end(this.#take(tenant, false))
      return
    }
  }

  /** A request that still runs has given up by then. */
  #dropCutOff(tenant: TenantRoom): void {
    for (let [first] = tenant.waiting; first !== undefined; [first] = tenant.waiting) {
      if (!this.#hasPassed(waitMsMax + beginMs, first.sinceMs)) return
      this.#giveUp(tenant, first)
    }
  }
}

function refusal(reason: string): ObjectError {
  const message = `the tenant is busy: ${reason}; try again in ${retryAfterSeconds} s`
  return new ObjectError({ code: 'overloaded', message, detail: { retryAfterSeconds } })
}

/** Rooms by environment: the requests of an isolate share its thread. */
const rooms = new WeakMap<object, RequestRoom>()

export function requestRoomOf(env: object): RequestRoom {
  const room = rooms.get(env) ?? new RequestRoom()
  rooms.set(env, room)
  return room
}
