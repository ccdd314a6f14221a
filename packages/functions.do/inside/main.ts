// The program inside the sandbox: calls the developer's function with a client of the tenant, and reports the result.
// It shares its isolate with that code, so the host trusts the report no more than the code itself.

import { WorkerEntrypoint } from 'cloudflare:workers'
import { type Client, Headlessly } from '@headlessly/sdk'
import { makeNoun, type NounDefinition } from 'digital-objects'
import { ConsoleLines } from './console-lines.ts'
import { HostTransport, type Send } from './host-transport.ts'
import { errorOfHandler, errorToReport, resultToBody } from './report.ts'
import type { Outside } from './outside-fetch.ts'
import { inRun } from './run-context.ts'
import { withSecrets } from './with-secrets.ts'

interface Job {
  readonly limits: { readonly resultBytes: number; readonly logLines: number; readonly logCharacters: number }
  readonly given?: unknown
  readonly isHandler?: boolean
  readonly definitions: Readonly<Record<string, NounDefinition>>
  readonly tenant: string
  readonly endpoint: string
  readonly bookmark?: string
  readonly nowMs?: number
  readonly send: Send
  readonly outside: Outside
  readonly secrets?: Readonly<Record<string, string>>
}

export default class Inside extends WorkerEntrypoint {
  async run(job: Job): Promise<object> {
    const { limits, definitions, tenant, endpoint, bookmark, nowMs, send, outside, secrets = {} } = job
    const lines = new ConsoleLines(limits)
    const transport = new HostTransport(send)
    const nouns = Object.entries(definitions).map(([name, definition]) => makeNoun(name, definition))
    const client = Headlessly({ tenant, endpoint, transport, nouns, ...(bookmark === undefined ? {} : { bookmark }) })
    const outcome = await inRun({ lines, nowMs, outside, track: transport.track }, () =>
      this.#call(job, { client: withSecrets(client, secrets), transport }),
    )
    const { bookmark: seen } = client
    return { ...outcome, logs: lines.lines, ...(seen === undefined ? {} : { bookmark: seen }) }
  }

  async #call(
    { given, isHandler, limits }: Job,
    { client, transport }: { readonly client: Client; readonly transport: HostTransport },
  ): Promise<object> {
    try {
      // Imported here rather than at the top, since the module's top-level code is part of the run.
      const { default: code } = await import('./code.js')
      if (typeof code !== 'function') throw new TypeError(`expected one function, got ${typeof code}`)
      const [first, third] = Array.isArray(given) ? given : []
      const handed = isHandler === true ? [first, client, third] : [client, given]
      const result: unknown = await Reflect.apply(code, undefined, handed)
      // Calls that were not awaited are part of the run too.
      await transport.idle()
      return { body: resultToBody(result, limits.resultBytes) }
    } catch (error) {
      await transport.idle()
      return { error: isHandler === true ? errorOfHandler(error) : errorToReport(error) }
    }
  }
}
