// `Contact.qualifying(fn)` and `Contact.qualified(fn)`: store a function that runs before or after each call of the verb,
// whoever calls it.

import type { EntityOf, EventTypeOf, Gerund, NounSchema, Past, UpdateInput, VerbNameOf } from 'digital-objects'
import type { Session } from '../calls/session.ts'
import type { Registered, RegisterOptions } from '../calls/register-function.ts'
import { registerWhenUsed } from '../calls/register-when-used.ts'
import type { EventOf, NounKey, NounOf } from '../types/noun-of.ts'

export interface BeforeInfo<Key extends NounKey> {
  readonly verb: string
  readonly actor: string
  readonly now: string
  /** The entity before the change; absent if it is created. */
  readonly previous?: Omit<EntityOf<NounOf<Key>>, `$${string}`>
}

export interface AfterInfo<Key extends NounKey> {
  readonly event: EventOf<Key>
  readonly now: string
}

/** Fields to change, null to clear one; or nothing. */
type Changes<Key extends NounKey> = UpdateInput<NounOf<Key>> | null | undefined | void

/** The entity as it would become. Its meta-fields are absent if it is created. */
type Becoming<Key extends NounKey> = Omit<EntityOf<NounOf<Key>>, `$${string}`> & {
  readonly $type: string
  readonly $id?: string
}

/**
 * The function may return fields to change, or throw an Error to refuse, and reads with `$`. It travels as its source, so it
 * uses nothing from outside but its parameters.
 */
export type RegisterBefore<Key extends NounKey, Client> = (
  code: (entity: Becoming<Key>, $: Client, info: BeforeInfo<Key>) => Changes<Key> | Promise<Changes<Key>>,
  options?: RegisterOptions,
) => Promise<Registered>

/** The function runs after the commit, at least once for each event; all its writes are one commit, which is made once. */
export type RegisterAfter<Key extends NounKey, Client> = (
  code: (entity: EntityOf<NounOf<Key>>, $: Client, info: AfterInfo<Key>) => unknown,
  options?: RegisterOptions,
) => Promise<Registered>

/** `Client` is what the functions get as `$`. */
export type Hooks<Key extends NounKey, Client> = {
  readonly [Verb in VerbNameOf<NounOf<Key>> as Gerund<Verb>]: RegisterBefore<Key, Client>
} & {
  readonly [
    Type in EventTypeOf<NounOf<Key>> as Type extends `${string}.${infer Event}` ? Past<Event> : never
  ]: RegisterAfter<Key, Client>
}

type Method = (...given: never[]) => unknown

/**
 * The hooks of a Noun by name, given its other methods. A verb whose past form is the verb itself, such as `reset`, is one
 * method: a function registers, anything else performs the verb.
 */
export function makeHooks(
  { name, verbs, disabled }: NounSchema,
  methods: Readonly<Record<string, unknown>>,
  session: () => Session,
): Readonly<Record<string, unknown>> {
  const hooks: Record<string, unknown> = {}
  for (const verb of Object.values(verbs)) {
    if (disabled.some((crud) => crud === verb.name)) continue
    for (const form of [verb.gerund, verb.past]) {
      const on = `${name}.${form}`
      const register = (code: unknown, options?: RegisterOptions): Promise<Registered> =>
        registerWhenUsed(session, { what: on, code, on }, options)
      const performs = methods[form]
      hooks[form] = typeof performs === 'function' ? either(register, performs as Method) : register
    }
  }
  return hooks
}

function either(register: (code: unknown, options?: RegisterOptions) => unknown, performs: Method) {
  return (first: unknown, ...rest: never[]): unknown =>
    typeof first === 'function' ? register(first, ...rest) : performs(first as never, ...rest)
}
