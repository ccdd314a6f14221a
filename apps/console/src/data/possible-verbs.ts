// Which verbs a record's state allows, by the table of transitions of its type. The server decides in the end.

import type { Entity } from './entity.ts'
import type { NounInfo, Transition } from './noun-schema.ts'

export interface ChosenVerb {
  readonly verb: string
  /** The state that it leads to. */
  readonly to?: string
  /** Whether the state has to be named, since the verb leads to several. */
  readonly isNamed?: boolean
}

export interface Verbs {
  readonly possible: readonly ChosenVerb[]
  /** Verbs that the state does not allow. */
  readonly others: readonly string[]
  /** Verbs that the caller may call on no entity of the type. */
  readonly forbidden: readonly string[]
}

export function verbsOf(info: NounInfo, entity: Entity): Verbs {
  const { callable, forbidden } = customVerbs(info)
  const moving = new Set(info.transitions.map(({ verb }) => verb))
  const from = info.state === undefined ? undefined : String(entity[info.state] ?? '')
  const allowed = from === undefined ? [] : transitionsFrom(info, from)
  const free = callable.filter((verb) => !moving.has(verb)).map((verb) => ({ verb }))
  const possible = [...allowed.filter(({ verb }) => callable.includes(verb)).map(toChoice), ...free]
  const named = new Set(possible.map(({ verb }) => verb))
  return { possible, others: callable.filter((verb) => !named.has(verb)), forbidden }
}

/** The verbs of a type besides create, update and delete, and without those that only the server performs. */
export function customVerbs({ verbs }: NounInfo): {
  readonly callable: readonly string[]
  readonly forbidden: readonly string[]
} {
  const custom = verbs.filter(({ category, systemOnly }) => category === 'custom' && systemOnly !== true)
  const namesOf = (isForbidden: boolean): readonly string[] =>
    custom.filter((one) => (one.isForbidden === true) === isForbidden).map(({ verb }) => verb)
  return { callable: namesOf(false), forbidden: namesOf(true) }
}

/** Entries for each verb and target; a target that the verb leads to by itself needs no name. */
export function transitionsFrom({ transitions }: NounInfo, from: string): readonly Transition[] {
  const found = new Map<string, Transition>()
  for (const transition of transitions) {
    if (!transition.from.includes(from) || transition.verb === 'create') continue
    const key = `${transition.verb}.${transition.to}`
    const earlier = found.get(key)
    if (earlier === undefined || (earlier.named === true && transition.named !== true)) found.set(key, transition)
  }
  return [...found.values()]
}

export function statesAfter({ transitions }: NounInfo, verb: string): readonly string[] {
  return [...new Set(transitions.filter((one) => one.verb === verb).map(({ to }) => to))]
}

/** The states from which a verb leads on. */
export function statesBefore({ transitions }: NounInfo, verb: string): readonly string[] {
  return [...new Set(transitions.filter((one) => one.verb === verb).flatMap(({ from }) => from))]
}

function toChoice({ verb, to, named }: Transition): ChosenVerb {
  return { verb, to, ...(named === true ? { isNamed: true } : {}) }
}
