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
}

export function verbsOf(info: NounInfo, entity: Entity): Verbs {
  const system = new Set(info.verbs.filter(({ systemOnly }) => systemOnly === true).map(({ verb }) => verb))
  const custom = info.verbs
    .filter(({ category, verb }) => category === 'custom' && !system.has(verb))
    .map(({ verb }) => verb)
  const moving = new Set(info.transitions.map(({ verb }) => verb))
  const from = info.state === undefined ? undefined : String(entity[info.state] ?? '')
  const allowed = from === undefined ? [] : transitionsFrom(info, from)
  const free = custom.filter((verb) => !moving.has(verb)).map((verb) => ({ verb }))
  const possible = [...allowed.filter(({ verb }) => !system.has(verb)).map(toChoice), ...free]
  const named = new Set(possible.map(({ verb }) => verb))
  return { possible, others: custom.filter((verb) => !named.has(verb)) }
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
