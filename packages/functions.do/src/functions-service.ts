// functions.do: runs a tenant's code next to its data. Today it has one route; stored functions will join it.

import type { Service } from '@dotdo/service'
import { ObjectError } from 'digital-objects'
import { runCode } from './run/run-code.ts'
import { type CodeLoader, LoaderSandbox } from './sandbox/loader-sandbox.ts'
import type { Sandbox } from './sandbox/sandbox.ts'

export interface FunctionsBindings {
  /** The Worker Loader. Cloudflare's free plan has none. */
  readonly LOADER: CodeLoader
}

/** `program`: the source of the module that code runs in, `inside/main.ts` bundled. It is loaded with the first run. */
export function functionsService(options: { readonly program: () => Promise<string> }): Service<FunctionsBindings> {
  // Each loader has one sandbox, which counts the runs in progress.
  const sandboxes = new WeakMap<CodeLoader, Sandbox>()
  const sandboxOf = async (loader: CodeLoader | undefined): Promise<Sandbox> => {
    if (loader === undefined) {
      const message = 'this server runs no code: it has no Worker Loader, which Cloudflare gives with paid plans'
      throw new ObjectError({ code: 'not_configured', field: 'LOADER', message })
    }
    const program = await options.program()
    const sandbox = sandboxes.get(loader) ?? new LoaderSandbox({ loader, program })
    sandboxes.set(loader, sandbox)
    return sandbox
  }
  return {
    name: 'functions.do',
    about: "Runs a tenant's code next to its data.",
    bindings: ['LOADER'],
    routes: [
      {
        path: '/do',
        method: 'POST',
        about: 'Runs the source of one function, and answers with its result.',
        // The code makes its calls with the SDK.
        via: 'sdk',
        answer: async (request) => runCode(await sandboxOf(request.bindings.LOADER), request),
      },
    ],
  }
}
