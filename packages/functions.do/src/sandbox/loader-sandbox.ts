// The sandbox over a Worker Loader: a new isolate for each run, made of two modules, ours and the code. One that were kept
// would be quicker by some milliseconds, and would hand what one run did to its globals to the next.

import { ObjectError, type ObjectErrorData } from 'digital-objects'
import { withDeadline } from '@dotdo/db'
import { failureOf } from './failure-of.ts'
import { parseReport } from './parse-report.ts'
import {
  logCharactersMax,
  logLinesMax,
  resultBytesMax,
  runMsMax,
  type Sandbox,
  type SandboxJob,
  type SandboxOutcome,
} from './sandbox.ts'

/** The binding, as far as it is used. */
export interface CodeLoader {
  load(worker: {
    readonly compatibilityDate: string
    readonly mainModule: string
    readonly modules: Readonly<Record<string, string>>
    readonly env: Readonly<Record<string, never>>
    readonly globalOutbound: null
    readonly limits: { readonly cpuMs: number }
  }): { getEntrypoint(): { run(job: InsideJob): Promise<unknown> } }
}

/** What `inside/main.ts` is called with. */
interface InsideJob extends Omit<SandboxJob, 'code'> {
  readonly limits: typeof limits
}

/** Kept inside too, so that what is beyond them does not travel. */
const limits = { resultBytes: resultBytesMax, logLines: logLinesMax, logCharacters: logCharactersMax }

export interface LoaderSandboxOptions {
  readonly loader: CodeLoader
  /** The module that the code runs in: the text of `inside/main.ts`, bundled. */
  readonly program: string
}

/** That of the Worker itself; a test holds them to each other. */
export const sandboxCompatibilityDate = '2026-10-20'
/** Each is an isolate of some megabytes. */
const runsAtOnceMax = 16

export class LoaderSandbox implements Sandbox {
  readonly #options: LoaderSandboxOptions
  #running = 0

  constructor(options: LoaderSandboxOptions) {
    this.#options = options
  }

  async run(job: SandboxJob): Promise<SandboxOutcome> {
    if (this.#running >= runsAtOnceMax)
      throw new ObjectError({ code: 'overloaded', message: `${runsAtOnceMax} runs are under way; try again` })
    this.#running++
    try {
      const late = (): Late => new Late()
      return parseReport(await withDeadline(this.#start(job), { ms: runMsMax, late }))
    } catch (error) {
      return { ok: false, logs: [], error: error instanceof Late ? lateData : failureOf(error) }
    } finally {
      this.#running--
    }
  }

  #start({ code, ...job }: SandboxJob): Promise<unknown> {
    const { loader, program } = this.#options
    const worker = loader.load({
      compatibilityDate: sandboxCompatibilityDate,
      mainModule: 'main.js',
      // The code begins in the first line, so that its lines are counted as the developer counts them. A comment may end it.
      modules: { 'main.js': program, 'code.js': `export default (${code}\n)` },
      env: {},
      globalOutbound: null,
      // Only Cloudflare holds it to this: in the embedded server the watchdog ends a server that is kept busy.
      limits: { cpuMs: runMsMax },
    })
    return worker.getEntrypoint().run({ ...job, limits })
  }
}

class Late extends Error {}

const lateData: ObjectErrorData = {
  code: 'timeout',
  field: 'code',
  message: `the code did not end within ${runMsMax} ms; what it had written stays`,
}
