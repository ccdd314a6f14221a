// The sandbox on top of a Worker Loader: a new isolate for each run, made of two modules, ours and the code. Reusing an
// isolate would save a few milliseconds, but would expose one run's changes to its globals to the next.

import { ObjectError, type ObjectErrorData } from 'digital-objects'
import { withDeadline } from '@dotdo/db'
import { failureOf } from './failure-of.ts'
import { parseReport } from './parse-report.ts'
import {
  busyMsMax,
  logCharactersMax,
  logLinesMax,
  resultBytesMax,
  type RunCalls,
  runMsMax,
  type Sandbox,
  type SandboxJob,
  type SandboxOutcome,
} from './sandbox.ts'

/** The part of the binding that is used. */
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

/** The arguments of `inside/main.ts`. */
interface InsideJob extends Omit<SandboxJob, 'code'>, Pick<RunCalls, 'send'> {
  readonly limits: typeof limits
}

/** Enforced inside too, so that anything beyond the limits is not sent. */
const limits = { resultBytes: resultBytesMax, logLines: logLinesMax, logCharacters: logCharactersMax }

export interface LoaderSandboxOptions {
  readonly loader: CodeLoader
  /** The module that runs the code: the bundled source of `inside/main.ts`. */
  readonly program: string
}

/** Equals the Worker's own date; a test checks it. */
export const sandboxCompatibilityDate = '2026-10-20'

export class LoaderSandbox implements Sandbox {
  readonly #options: LoaderSandboxOptions

  constructor(options: LoaderSandboxOptions) {
    this.#options = options
  }

  async run(job: SandboxJob, openCalls: () => RunCalls): Promise<SandboxOutcome> {
    const calls = openCalls()
    const ended = calls.ended.then((error) => {
      throw new ObjectError(error)
    })
    try {
      const work = Promise.race([this.#start(job, calls), ended])
      return parseReport(await withDeadline(work, { ms: runMsMax, timeoutError: () => new LateRun() }))
    } catch (error) {
      if (error instanceof LateRun) return { ok: false, logs: [], error: lateData, isCut: true }
      return { ok: false, logs: [], error: error instanceof ObjectError ? error.toData() : failureOf(error) }
    } finally {
      calls.close()
    }
  }

  #start({ code, ...job }: SandboxJob, { send }: RunCalls): Promise<unknown> {
    const { loader, program } = this.#options
    const worker = loader.load({
      compatibilityDate: sandboxCompatibilityDate,
      mainModule: 'main.js',
      // The code starts in the first line, so that its line numbers match the developer's. It may end with a comment.
      modules: { 'main.js': program, 'code.js': `export default (${code}\n)` },
      env: {},
      globalOutbound: null,
      // Only Cloudflare enforces this. In the embedded server the launcher ends a process that is busy for as long.
      limits: { cpuMs: busyMsMax },
    })
    return worker.getEntrypoint().run({ ...job, limits, send })
  }
}

class LateRun extends Error {}

const lateData: ObjectErrorData = {
  code: 'timeout',
  field: 'code',
  message: `the code did not end within ${runMsMax} ms`,
}
