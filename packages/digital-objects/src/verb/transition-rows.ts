// Constructors for rows of the built-in Nouns' tables that belong to `create` and `update` alone.

interface Row<From extends string, Verb extends string, To extends string> {
  readonly from: readonly From[]
  readonly verb: Verb
  readonly to: To
}

/** The states at which `create` may start, besides the default. */
export function starts<const To extends string>(...states: readonly To[]): readonly Row<never, 'create', To>[] {
  return states.map((to) => ({ from: [], verb: 'create', to }))
}

/** The moves that only `update` makes: from each of `from` to each of `to`. */
export function updates<const From extends string, const To extends string>(
  from: readonly From[],
  to: readonly To[],
): readonly Row<From, 'update', To>[] {
  return to.map((state) => ({ from: without(from, state), verb: 'update', to: state }))
}

/** A verb that is possible in these states and stays in them. */
export function stays<const Verb extends string, const State extends string>(
  verb: Verb,
  states: readonly State[],
): readonly Row<State, Verb, State>[] {
  return states.map((state) => ({ from: [state], verb, to: state }))
}

/** A verb that leads from each of `from` to that of `to` which the caller names. */
export function named<const Verb extends string, const From extends string, const To extends string>(
  verb: Verb,
  from: readonly From[],
  to: readonly To[],
): readonly (Row<From, Verb, To> & { readonly named: true })[] {
  return to.map((state) => ({ from: without(from, state), verb, to: state, named: true }))
}

function without<State extends string>(states: readonly State[], excluded: string): readonly State[] {
  return states.filter((state) => state !== excluded)
}
