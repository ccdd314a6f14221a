// Registers a function of the program's own as a stored function: the tenant keeps its source and runs it for everybody, also
// when this program has ended.

import { functionName } from 'digital-objects'
import { checkOptions } from '../base/check-options.ts'
import type { CallOptions } from './call-options.ts'
import { sourceOf } from './function-source.ts'
import { type FunctionInput, putFunction, removeFunction, type StoredFunction } from './put-function.ts'
import type { Session } from './session.ts'

export interface RegisterOptions extends CallOptions, Pick<FunctionInput, 'hosts' | 'secrets' | 'description'> {
  /**
   * The name under which it is stored, and replaces what the name had. Without one, the name comes from trigger and source,
   * so that a changed source is another function beside the first.
   */
  readonly name?: string | undefined
}

/** A function that is stored. */
export interface Registered extends StoredFunction {
  /** Removes it for everybody. */
  remove(options?: CallOptions): Promise<void>
}

const registerOptions = {
  name: 'string',
  description: 'string',
  hosts: 'list',
  secrets: 'list',
  signal: 'signal',
} as const

/** `what` is the method that was called, for messages. */
export type Registration = { readonly what: string; readonly code: unknown } & (
  | { readonly on: string }
  | { readonly schedule: string }
)

export async function registerFunction(
  session: () => Session,
  of: Registration,
  options: RegisterOptions = {},
): Promise<Registered> {
  const { what, code, ...trigger } = of
  checkOptions(options, { what, kinds: registerOptions })
  const { name: given, signal, ...about } = options
  const source = sourceOf(code, what)
  const name = given ?? functionName('on' in trigger ? trigger.on : 'every', triggerText(trigger) + source)
  const stored = await putFunction(session(), { name, source, ...about, ...trigger }, { signal })
  return { ...stored, remove: (removing) => removeFunction(session(), name, removing) }
}

/** A schedule is part of the name, since its words are too few for one. */
function triggerText(trigger: { readonly on: string } | { readonly schedule: string }): string {
  return 'schedule' in trigger ? `${trigger.schedule}\n` : ''
}
