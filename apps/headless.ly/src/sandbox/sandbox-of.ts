// The sandbox of an isolate, by what the platform gives.

import { ObjectError } from 'digital-objects'
import { LoaderSandbox, type Sandbox } from 'functions.do'
import type { Env } from '../base/env.ts'

/** One for each environment, which counts what runs. */
const sandboxes = new WeakMap<object, Sandbox>()

/** Throws an ObjectError `not_configured` where there is no loader. */
export async function sandboxOf(env: Pick<Env, 'LOADER'>): Promise<Sandbox> {
  const known = sandboxes.get(env)
  if (known !== undefined) return known
  if (env.LOADER === undefined) {
    const message = 'this server runs no code: it has no Worker Loader, which Cloudflare gives with paid plans'
    throw new ObjectError({ code: 'not_configured', field: 'LOADER', message })
  }
  // Read when it is needed: its text is larger than most of what else the Worker does at its start.
  const { sandboxCode } = await import('#sandbox-code')
  const sandbox = sandboxes.get(env) ?? new LoaderSandbox({ loader: env.LOADER, harness: sandboxCode })
  sandboxes.set(env, sandbox)
  return sandbox
}
