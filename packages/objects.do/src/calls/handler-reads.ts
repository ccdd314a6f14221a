// The reads of one run of asynchronous BEFORE handlers: reads of the present as any caller's, with all authority. All of them
// see one state, and the write that the handlers prepare depends on them.

import type { HandlerRead, HandlerReads, ReadRun, TenantStore } from '@dotdo/do'
import { fullAuthority, type JsonValue, type ObjectError } from 'digital-objects'
import type { Caller } from '../answers/caller.ts'
import { RecordedReads } from '../entities/recorded-reads.ts'
import { answerRead } from './answer-read.ts'

const authority = fullAuthority('system')

export interface RecordingReadsOptions {
  readonly store: TenantStore
  /** Schedules each attempt of a read. */
  readonly inTurn: <Result>(attempt: () => Result | Promise<Result>) => Result | Promise<Result>
}

export class RecordingReads implements HandlerReads {
  readonly #options: RecordingReadsOptions
  readonly #reads = new RecordedReads()
  /** The event after which all reads so far see what they saw. */
  #seq: number
  #conflict: ObjectError | undefined

  constructor(options: RecordingReadsOptions) {
    this.#options = options
    this.#seq = options.store.events.head
  }

  readonly read = async (call: HandlerRead): Promise<JsonValue> => {
    const { store, inTurn } = this.#options
    let own = new RecordedReads()
    const body = await store.reading((run) => {
      this.#advance()
      own = new RecordedReads()
      const answer = this.#answer(call, { run, recorder: own })
      // A part that was read in slices may be older than the rest.
      const { head } = store.events
      this.#check(own, run.seq ?? head)
      return answer
    }, inTurn)
    this.#reads.add(own)
    return JSON.parse(body) as JsonValue // made by the read
  }

  readonly conflict = (through: number): ObjectError | undefined => {
    this.#conflict ??= conflictOf(this.#reads, this.#options.store, { after: this.#seq, through })
    return this.#conflict
  }

  readonly touch = (range: Range): boolean =>
    range.through > range.after && conflictOf(this.#reads, this.#options.store, range) !== undefined

  #advance(): void {
    this.#check(this.#reads, this.#seq)
    this.#seq = this.#options.store.events.head
  }

  /** Throws the conflict, which also makes a write stale whose handler catches it. */
  #check(reads: RecordedReads, seq: number): void {
    const { store } = this.#options
    this.#conflict ??= conflictOf(reads, store, { after: seq, through: store.events.head })
    if (this.#conflict !== undefined) throw this.#conflict
  }

  #answer(call: HandlerRead, { run, recorder }: { readonly run: ReadRun; readonly recorder: RecordedReads }): string {
    const { store } = this.#options
    const caller: Caller = { tenant: store.name ?? '', context: store.context, authority, via: 'hook' }
    return answerRead(call, caller, { store, run, recorder }).body
  }
}

interface Range {
  readonly after: number
  readonly through: number
}

function conflictOf(reads: RecordedReads, store: TenantStore, range: Range): ObjectError | undefined {
  return range.through <= range.after ? undefined : reads.conflict(store, range)
}
