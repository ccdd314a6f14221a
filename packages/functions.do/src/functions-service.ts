// functions.do: runs a tenant's code next to its data: what a caller sends, what the tenant has stored, and its workflows.

import type { Fetching } from '@dotdo/db'
import {
  type AsyncBeforeHandler,
  type ObjectParts,
  type OutsideBindings,
  outsideOf,
  type Service,
  type ServiceRequest,
} from '@dotdo/service'
import { assert, ObjectError } from 'digital-objects'
import { RetryTurns } from './run/retry-turns.ts'
import { runCode } from './run/run-code.ts'
import type { RunParts } from './run/run-program.ts'
import { type CodeLoader, LoaderSandbox, type SandboxPrograms } from './sandbox/loader-sandbox.ts'
import { ProcessSandbox } from './sandbox/process-sandbox.ts'
import { QueuedSandbox } from './sandbox/queued-sandbox.ts'
import type { Sandbox } from './sandbox/sandbox.ts'
import { afterFunctions, type AfterParts, replayFunctions } from './stored/after-functions.ts'
import { backtestRoute } from './stored/backtest.ts'
import { beforeFunctions } from './stored/before-functions.ts'
import { calledRunCommands } from './stored/called-runs.ts'
import { checkFunction, isSetUp } from './stored/check-function.ts'
import { FunctionNoun } from './stored/function-noun.ts'
import { FunctionRunner, type RunnerParts } from './stored/function-runner.ts'
import { functionRoutes } from './stored/function-routes.ts'
import { hookRoutes } from './stored/hook-routes.ts'
import { FunctionScheduleJob } from './stored/schedule-job.ts'
import { StoredFunctions } from './stored/stored-functions.ts'
import { workflowParts } from './workflows/workflows.ts'

export interface FunctionsBindings extends OutsideBindings {
  /** The Worker Loader. Cloudflare's free plan has none, and the embedded server has processes instead. */
  readonly LOADER: CodeLoader
  /** The sockets of the processes that run code. */
  readonly SANDBOX_A: Fetching
  readonly SANDBOX_B: Fetching
  /** The launcher, which starts and ends them. */
  readonly SANDBOX_LAUNCHER: Fetching
}

/** `programs`: the modules of `inside`, bundled. They are loaded with the first run. */
export function functionsService(options: {
  readonly programs: () => Promise<SandboxPrograms>
}): Service<FunctionsBindings> {
  const sandboxes = new Sandboxes(options.programs)
  const turns = new RetryTurns()
  const tenants = new TenantFunctions(turns)
  const open = async ({ bindings }: Pick<ServiceRequest<FunctionsBindings>, 'bindings'>): Promise<RunParts> => ({
    sandbox: await sandboxes.of(bindings),
    turns,
  })
  return {
    name: 'functions.do',
    about: "Runs a tenant's code and workflows next to its data.",
    nouns: [...workflowParts.nouns, FunctionNoun.$schema],
    bindings: ['LOADER', 'SANDBOX_A', 'SANDBOX_B', 'SANDBOX_LAUNCHER', 'OUTSIDE_NETWORK'],
    hooks: (parts, bindings) => {
      const openSandbox = (): Promise<Sandbox> => sandboxes.of(bindings)
      const of = tenants.begin(parts, { openSandbox, send: outsideOf(bindings) })
      const workflows = workflowParts.hooks(parts, {})
      return {
        ...workflows,
        after: [...(workflows.after ?? []), replayFunctions(parts)],
        changingAfter: [afterFunctions(of)],
        asyncBefore: [checkOf(parts, openSandbox), beforeFunctions(of)],
      }
    },
    commands: (parts) => calledRunCommands(() => tenants.of(parts)),
    jobs: (context, parts) => {
      const of = tenants.of(parts)
      return [...workflowParts.jobs(context, parts), ...(of === undefined ? [] : [new FunctionScheduleJob(of)])]
    },
    routes: [
      {
        path: '/do',
        method: 'POST',
        about: 'Runs the source of one function, and answers with its result.',
        // The code makes its calls with the SDK.
        via: 'sdk',
        answer: async (request) => {
          const answer = runCode(await open(request), request)
          // A client that disconnects would otherwise leave its run in the count of those in progress for ever.
          request.waitUntil(answer.catch(() => {}))
          return answer
        },
      },
      ...functionRoutes(open),
      backtestRoute(open),
      ...hookRoutes(),
    ],
  }
}

function checkOf(parts: ObjectParts, openSandbox: () => Promise<Sandbox>): AsyncBeforeHandler {
  return {
    id: 'functions.do/check',
    applies: (noun, verb) => noun === 'Function' && verb !== 'delete',
    // Other verbs take fields too, and a function whose trigger is gone can still be disabled.
    run: async (fields, { verb, previous }) =>
      ['create', 'update'].includes(verb) || isSetUp(fields, previous)
        ? checkFunction(fields, { parts, previous, openSandbox })
        : undefined,
  }
}

/** The stored functions of each tenant's object, which its hooks and jobs share. */
class TenantFunctions {
  readonly #turns: RetryTurns
  readonly #begun = new WeakMap<ObjectParts, AfterParts>()

  constructor(turns: RetryTurns) {
    this.#turns = turns
  }

  begin(parts: ObjectParts, runnerParts: RunnerParts): AfterParts {
    const functions = new StoredFunctions(parts)
    const begun = { parts, functions, runner: new FunctionRunner(parts, runnerParts), turns: this.#turns }
    this.#begun.set(parts, begun)
    return begun
  }

  of(parts: ObjectParts): AfterParts | undefined {
    return this.#begun.get(parts)
  }
}

/** Each sandbox counts the runs in progress, so there is one for each set of bindings. */
class Sandboxes {
  readonly #programs: () => Promise<SandboxPrograms>
  readonly #made = new WeakMap<object, Sandbox>()

  constructor(programs: () => Promise<SandboxPrograms>) {
    this.#programs = programs
  }

  /** Throws an ObjectError `not_configured` if this server runs no code. */
  async of(bindings: Partial<FunctionsBindings>): Promise<Sandbox> {
    const key = bindings.SANDBOX_LAUNCHER ?? bindings.LOADER
    if (key === undefined) {
      const message = 'this server runs no code: it has no Worker Loader, which Cloudflare gives with paid plans'
      throw new ObjectError({ code: 'not_configured', field: 'LOADER', message })
    }
    const made = await makeSandbox(bindings, this.#programs)
    const sandbox = this.#made.get(key) ?? made
    this.#made.set(key, sandbox)
    return sandbox
  }
}

async function makeSandbox(
  { LOADER, SANDBOX_A, SANDBOX_B, SANDBOX_LAUNCHER }: Partial<FunctionsBindings>,
  programs: () => Promise<SandboxPrograms>,
): Promise<Sandbox> {
  if (SANDBOX_A !== undefined && SANDBOX_B !== undefined && SANDBOX_LAUNCHER !== undefined)
    return new ProcessSandbox({ processes: [SANDBOX_A, SANDBOX_B], launcher: SANDBOX_LAUNCHER })
  assert(LOADER !== undefined, 'code runs in processes or in a Worker Loader')
  return new QueuedSandbox(new LoaderSandbox({ loader: LOADER, programs: await programs() }))
}
