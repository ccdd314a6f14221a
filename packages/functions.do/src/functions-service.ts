// functions.do: runs a tenant's code next to its data, and its workflows. Stored functions will join them.

import type { Fetching } from '@dotdo/db'
import type { Service } from '@dotdo/service'
import { assert, ObjectError } from 'digital-objects'
import { RetryTurns } from './run/retry-turns.ts'
import { runCode } from './run/run-code.ts'
import { type CodeLoader, LoaderSandbox } from './sandbox/loader-sandbox.ts'
import { ProcessSandbox } from './sandbox/process-sandbox.ts'
import { QueuedSandbox } from './sandbox/queued-sandbox.ts'
import type { Sandbox } from './sandbox/sandbox.ts'
import { workflowParts } from './workflows/workflows.ts'

export interface FunctionsBindings {
  /** The Worker Loader. Cloudflare's free plan has none, and the embedded server has processes instead. */
  readonly LOADER: CodeLoader
  /** The sockets of the processes that run code. */
  readonly SANDBOX_A: Fetching
  readonly SANDBOX_B: Fetching
  /** The launcher, which starts and ends them. */
  readonly SANDBOX_LAUNCHER: Fetching
}

/** `program`: the source of the module that code runs in, `inside/main.ts` bundled. It is loaded with the first run. */
export function functionsService(options: { readonly program: () => Promise<string> }): Service<FunctionsBindings> {
  // Each sandbox counts the runs in progress, so there is one for each set of bindings.
  const sandboxes = new WeakMap<object, Sandbox>()
  const turns = new RetryTurns()
  const sandboxOf = async (bindings: Partial<FunctionsBindings>): Promise<Sandbox> => {
    const key = bindings.SANDBOX_LAUNCHER ?? bindings.LOADER
    if (key === undefined) {
      const message = 'this server runs no code: it has no Worker Loader, which Cloudflare gives with paid plans'
      throw new ObjectError({ code: 'not_configured', field: 'LOADER', message })
    }
    const made = await makeSandbox(bindings, options.program)
    const sandbox = sandboxes.get(key) ?? made
    sandboxes.set(key, sandbox)
    return sandbox
  }
  return {
    name: 'functions.do',
    about: "Runs a tenant's code and workflows next to its data.",
    ...workflowParts,
    bindings: ['LOADER', 'SANDBOX_A', 'SANDBOX_B', 'SANDBOX_LAUNCHER'],
    routes: [
      {
        path: '/do',
        method: 'POST',
        about: 'Runs the source of one function, and answers with its result.',
        // The code makes its calls with the SDK.
        via: 'sdk',
        answer: async (request) => {
          const answer = runCode({ sandbox: await sandboxOf(request.bindings), turns }, request)
          // A client that disconnects would otherwise leave its run in the count of those in progress for ever.
          request.waitUntil(answer.catch(() => {}))
          return answer
        },
      },
    ],
  }
}

async function makeSandbox(
  { LOADER, SANDBOX_A, SANDBOX_B, SANDBOX_LAUNCHER }: Partial<FunctionsBindings>,
  program: () => Promise<string>,
): Promise<Sandbox> {
  if (SANDBOX_A !== undefined && SANDBOX_B !== undefined && SANDBOX_LAUNCHER !== undefined)
    return new ProcessSandbox({ processes: [SANDBOX_A, SANDBOX_B], launcher: SANDBOX_LAUNCHER })
  assert(LOADER !== undefined, 'code runs in processes or in a Worker Loader')
  return new QueuedSandbox(new LoaderSandbox({ loader: LOADER, program: await program() }))
}
