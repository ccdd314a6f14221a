// Registers a function by a module that is loaded by the first registration, since few pages register any.

import type { Registered, Registration, RegisterOptions } from './register-function.ts'
import type { Session } from './session.ts'

export async function registerWhenUsed(
  session: () => Session,
  of: Registration,
  options?: RegisterOptions,
): Promise<Registered> {
  const { registerFunction } = await import('../later.ts')
  return registerFunction(session, of, options)
}
