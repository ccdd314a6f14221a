// Runs the stored functions of one tenant in the sandbox, and disables one that harms the server.

import type { ObjectParts, SendOutside } from '@dotdo/service'
import { isPlainObject, type JsonValue, type NounDefinition, ObjectError } from 'digital-objects'
import type { RunCalls, Sandbox, SandboxJob, SandboxOutcome } from '../sandbox/sandbox.ts'
import type { OpenSandbox } from './check-function.ts'
import { HarmfulInputs } from './harmful-inputs.ts'
import { Outgoing, type OutgoingOptions } from './outgoing.ts'
import { placeholdersOf } from './placeholders.ts'
import { RunLog } from './run-log.ts'
import { RunSlots } from './run-slots.ts'
import type { StoredFunction } from './stored-functions.ts'

export interface RunnerParts {
  readonly openSandbox: OpenSandbox
  readonly send: SendOutside
}

/** The purpose of a run of a function. */
export interface RunPurpose {
  /** The event or time that it handles. One that handles nothing that has happened sends no requests. */
  readonly cause?: string
  /** The actor who chose the input. */
  readonly actor?: string
}

export interface FunctionRun {
  /** Names the input. */
  readonly inputKey?: string
  /** The function's first and third argument. */
  readonly given: readonly [JsonValue, JsonValue]
  readonly nowMs: number
}

/** A function that has never come to an end is disabled after as many runs. */
const lateRunsMax = 3

interface Definitions {
  readonly nouns: object
  readonly byName: Readonly<Record<string, NounDefinition>>
}

export class FunctionRunner {
  readonly #parts: ObjectParts
  readonly #openSandbox: OpenSandbox
  readonly #send: SendOutside
  readonly #slots = new RunSlots()
  readonly #lateRuns = new Map<string, number>()
  readonly #harmful = new HarmfulInputs()
  #sandbox: Sandbox | undefined
  /** Versions that have come to an end. */
  readonly #proven = new Set<string>()
  #definitions: Definitions | undefined

  readonly log: RunLog

  constructor(parts: ObjectParts, { openSandbox, send }: RunnerParts) {
    this.#send = send
    this.#parts = parts
    this.log = new RunLog(parts)
    this.#openSandbox = openSandbox
  }

  /** Throws an ObjectError if the function cannot run now. What the function throws is an outcome. */
  async run(
    stored: StoredFunction,
    run: FunctionRun & { readonly actor: string; readonly openCalls: () => RunCalls },
  ): Promise<SandboxOutcome> {
    const job = await this.jobOf(stored, run)
    return this.sandboxFor(stored, { actor: run.actor }).run(job, run.openCalls)
  }

  async jobOf({ code, hash, secrets }: StoredFunction, { given, nowMs, inputKey }: FunctionRun): Promise<SandboxJob> {
    const tenant = this.#parts.tenant()
    return {
      code,
      isHandler: true,
      warmKey: `${tenant} ${hash}`,
      given: [...given],
      definitions: await this.#readDefinitions(),
      tenant,
      endpoint: this.#parts.context().slice(0, -`/~${tenant}`.length),
      nowMs,
      ...(inputKey === undefined ? {} : { inputKey }),
      ...(secrets.length === 0 ? {} : { secrets: placeholdersOf(secrets) }),
    }
  }

  /** A sandbox whose runs are those of one function. */
  sandboxFor(stored: StoredFunction, { cause, actor }: RunPurpose): Sandbox {
    return {
      run: async (job, openCalls) => {
        if (actor !== undefined && this.#harmful.refuses(keyOf(stored), { actor, nowMs: Date.now() })) return refused
        let startedMs = Date.now()
        const { secrets = {} } = job
        const outgoing =
          cause === undefined ? undefined : this.outgoingOf(stored, { secrets, key: `${stored.id}.${cause}` })
        const open = (): RunCalls => ({ ...openCalls(), ...(outgoing === undefined ? {} : { outside: outgoing.send }) })
        const outcome = await this.#slots.run(async () => {
          startedMs = Date.now()
          return (await this.#sandboxOfObject()).run(job, open)
        })
        const of = cause === undefined ? {} : { cause }
        const { requests = [] } = outgoing ?? {}
        this.log.record(stored, { startedMs, endedMs: Date.now(), ...of, outcome, requests })
        await this.#watch(stored, { outcome, actor, input: job.inputKey ?? '' })
        return outcome
      },
    }
  }

  async #sandboxOfObject(): Promise<Sandbox> {
    const shared = await this.#openSandbox()
    return (this.#sandbox ??= shared.ofObject?.() ?? shared)
  }

  /** `key` begins the keys of its requests, of which `started` were sent before. */
  outgoingOf(
    { origins }: StoredFunction,
    of: Pick<OutgoingOptions, 'secrets' | 'key'> & { readonly started?: number; readonly isDryRun?: boolean },
  ): Outgoing {
    const { secrets, key, started = 0, isDryRun: isDry = false } = of
    const readSecret = (name: string): Promise<string | undefined> => this.#parts.secret(name)
    return new Outgoing({ origins, secrets, readSecret, send: this.#send, key, started, isDry })
  }

  async #watch(
    stored: StoredFunction,
    {
      outcome,
      actor,
      input,
    }: { readonly outcome: SandboxOutcome; readonly actor: string | undefined; readonly input: string },
  ): Promise<void> {
    const key = keyOf(stored)
    if (outcome.ok || (outcome.error.code !== 'timeout' && outcome.isHarmful !== true)) {
      this.#lateRuns.delete(key)
      return this.#prove(stored)
    }
    if (actor !== undefined && (this.#isProven(stored) || !this.#parts.mayDoEverything(actor))) {
      // It has come to an end before, or whoever chose the input may not disable it: the input may be at fault.
      if (!this.#harmful.add(key, { actor, input, atMs: Date.now() })) return
    } else {
      const late = (this.#lateRuns.get(key) ?? 0) + 1
      this.#lateRuns.set(key, late)
      if (outcome.isHarmful !== true && late < lateRunsMax) return
    }
    this.#lateRuns.delete(key)
    await this.disable(stored, outcome.error.message)
  }

  /** The mark outlives this object, so that a restart makes no function suspect again. */
  #prove(stored: StoredFunction): void {
    if (this.#isProven(stored)) return
    this.#proven.add(keyOf(stored))
    this.#parts.values()?.put({ key: `function-ended:${stored.id}`, value: String(stored.version) })
  }

  #isProven(stored: StoredFunction): boolean {
    if (this.#proven.has(keyOf(stored))) return true
    return this.#parts.values()?.get(`function-ended:${stored.id}`)?.value === String(stored.version)
  }

  /** The event is the notice; a function that was changed meanwhile stays as it is. */
  async disable({ id, version }: StoredFunction, reason: string): Promise<void> {
    const body = JSON.stringify({ reason: reason.slice(0, 500) })
    const call = { kind: 'write', noun: 'Function', verb: 'disable', id, body, ifVersion: version } as const
    await this.#parts.answer(call, { who: id, via: 'system' })
  }

  /** The tenant's own definitions, for the client inside the sandbox. */
  async #readDefinitions(): Promise<Definitions['byName']> {
    const nouns = this.#parts.nouns()
    if (this.#definitions?.nouns === nouns) return this.#definitions.byName
    const call = { kind: 'read', read: 'schemas', parameters: { defined: 'true' } } as const
    const answer = await this.#parts.answer(call, { who: 'system', via: 'system' })
    if (!answer.ok) throw new ObjectError(answer.error)
    const schemas = JSON.parse(answer.body) as Readonly<Record<string, unknown>>
    const entries = Object.entries(schemas).flatMap(([name, schema]) =>
      // The tenant's object wrote it.
      isPlainObject(schema) ? [[name, schema['definition'] as NounDefinition] as const] : [],
    )
    this.#definitions = { nouns, byName: Object.fromEntries(entries) }
    return this.#definitions.byName
  }
}

function keyOf({ id, version }: StoredFunction): string {
  return `${id} ${version}`
}

const refused: SandboxOutcome = {
  ok: false,
  logs: [],
  error: {
    code: 'code_failed',
    message: 'three of your inputs have kept this function from ending, so it is not run for you for five minutes',
  },
}
