// The sandbox on top of a Worker Loader: a new isolate for each run, made of two modules, ours and the code. A stored function
// keeps its isolate, since a new one costs more than its run; so its runs see each other's changes to globals.

import { ObjectError, type ObjectErrorData } from 'digital-objects'
import { withDeadline } from '@dotdo/db'
import { failureOf } from './failure-of.ts'
import { noRequests } from './no-requests.ts'
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
  load(worker: LoadedWorker): RunningWorker
  /** Returns the Worker that has this key, and loads it if there is none. */
  get(key: string, load: () => Promise<LoadedWorker>): RunningWorker
}

interface LoadedWorker {
  readonly compatibilityDate: string
  readonly compatibilityFlags: readonly string[]
  readonly mainModule: string
  readonly modules: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, never>>
  readonly globalOutbound: null
  readonly limits: { readonly cpuMs: number }
}

interface RunningWorker {
  getEntrypoint(): { run(job: InsideJob): Promise<unknown> }
}

/** The arguments of `inside/main.ts`. */
interface InsideJob
  extends Omit<SandboxJob, 'code' | 'program' | 'warmKey'>, Required<Pick<RunCalls, 'send' | 'outside'>> {
  readonly limits: typeof limits
}

/** Enforced inside too, so that anything beyond the limits is not sent. */
const limits = { resultBytes: resultBytesMax, logLines: logLinesMax, logCharacters: logCharactersMax }

export interface LoaderSandboxOptions {
  readonly loader: CodeLoader
  readonly programs: SandboxPrograms
}

/** Bundled sources of the modules that work on the code. */
export interface SandboxPrograms {
  /** `inside/main.ts`, which runs it. */
  readonly run: string
  /** `inside/check-main.ts`, which checks the source of a stored function. */
  readonly check: string
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

  #start(
    { code, program, warmKey, ...job }: SandboxJob,
    { send, outside = () => Promise.resolve(noRequests) }: RunCalls,
  ): Promise<unknown> {
    const { loader, programs } = this.#options
    const isRun = program === undefined
    const made: LoadedWorker = {
      compatibilityDate: sandboxCompatibilityDate,
      // Runs that share an isolate keep their console lines and their time apart.
      compatibilityFlags: ['nodejs_als'],
      mainModule: 'main.js',
      // The code starts in the first line, so that its line numbers match the developer's. It may end with a comment.
      modules: { 'main.js': programs[program ?? 'run'], ...(isRun ? { 'code.js': `export default (${code}\n)` } : {}) },
      env: {},
      globalOutbound: null,
      // Only Cloudflare enforces this. In the embedded server the launcher ends a process that is busy for as long.
      limits: { cpuMs: busyMsMax },
    }
    const worker = warmKey === undefined ? loader.load(made) : loader.get(warmKey, () => Promise.resolve(made))
    return worker.getEntrypoint().run({ ...job, ...(isRun ? {} : { given: code }), limits, send, outside })
  }
}

class LateRun extends Error {}

const lateData: ObjectErrorData = {
  code: 'timeout',
  field: 'code',
  message: `the code did not end within ${runMsMax} ms`,
}
