// The program inside the sandbox: calls the developer's function with a client of the tenant, and reports the result.
// It shares its isolate with that code, so the host trusts the report no more than the code itself.

import { WorkerEntrypoint } from 'cloudflare:workers'
import { type Client, Headlessly } from '@headlessly/sdk'
import { makeNoun, type NounDefinition } from 'digital-objects'
import { ConsoleLines } from './console-lines.ts'
import { fixDate } from './fix-date.ts'
import { HostTransport, type Send } from './host-transport.ts'
import { errorToReport, resultToBody } from './report.ts'

interface Job {
  readonly limits: { readonly resultBytes: number; readonly logLines: number; readonly logCharacters: number }
  readonly given?: unknown
  readonly definitions: Readonly<Record<string, NounDefinition>>
  readonly tenant: string
  readonly endpoint: string
  readonly bookmark?: string
  readonly nowMs?: number
  readonly send: Send
}

/** Stack frames to keep, since the developer's line may be far below those of the client. */
const framesMax = 50

export default class Inside extends WorkerEntrypoint {
  async run({ limits, given, definitions, tenant, endpoint, bookmark, nowMs, send }: Job): Promise<object> {
    const lines = new ConsoleLines(limits)
    lines.listen(console)
    Object.assign(Error, { stackTraceLimit: framesMax })
    // Programs built by esbuild wrap functions in this helper, which keeps their names.
    Object.assign(globalThis, { __name: (named: unknown) => named })
    if (nowMs !== undefined) fixDate(nowMs)
    const transport = new HostTransport(send)
    const nouns = Object.entries(definitions).map(([name, definition]) => makeNoun(name, definition))
    const client = Headlessly({ tenant, endpoint, transport, nouns, ...(bookmark === undefined ? {} : { bookmark }) })
    const outcome = await this.#call({ client, given, transport, resultBytesMax: limits.resultBytes })
    const { bookmark: seen } = client
    return { ...outcome, logs: lines.lines, ...(seen === undefined ? {} : { bookmark: seen }) }
  }

  async #call(parts: {
    readonly client: Client
    readonly given: unknown
    readonly transport: HostTransport
    readonly resultBytesMax: number
  }): Promise<object> {
    const { client, given, transport, resultBytesMax } = parts
    try {
      // Imported here rather than at the top, since the module's top-level code is part of the run.
      const { default: code } = await import('./code.js')
      if (typeof code !== 'function') throw new TypeError(`expected one function, got ${typeof code}`)
      const result: unknown = await Reflect.apply(code, undefined, [client, given])
      // Calls that were not awaited are part of the run too.
      await transport.idle()
      return { body: resultToBody(result, resultBytesMax) }
    } catch (error) {
      await transport.idle()
      return { error: errorToReport(error) }
    }
  }
}
