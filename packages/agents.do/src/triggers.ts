// The triggers of an agent: the events that give it a task, as a list of patterns such as "Ticket.Created", or of objects with
// the pattern and the task: { "on": "Deal.*", "task": "Check the amount" }.

import type { BeforeHook, ObjectParts } from '@dotdo/service'
import {
  type EventPattern,
  isPlainObject,
  isSameJson,
  type JsonValue,
  matchesEventPattern,
  ObjectError,
  parseEventPattern,
} from 'digital-objects'

export interface Trigger {
  readonly pattern: EventPattern
  readonly task: string | undefined
}

const triggersMax = 50
/** Limits the agents that are looked at. */
const agentsMax = 1_000

/** Throws an ObjectError `validation_error`. */
export function parseTriggers(value: JsonValue): readonly Trigger[] {
  if (!Array.isArray(value)) throw invalid('triggers', 'expects a list such as ["Ticket.Created"]')
  if (value.length > triggersMax) throw invalid('triggers', `expects at most ${triggersMax}, got ${value.length}`)
  return (value as readonly JsonValue[]).map((one, at) => parseTrigger(one, `triggers[${at}]`))
}

function parseTrigger(value: JsonValue, field: string): Trigger {
  const { on = value, task, ...others } = isPlainObject(value) ? value : {}
  const [stray] = Object.keys(others)
  if (stray !== undefined) throw invalid(`${field}.${stray}`, 'is not a member of a trigger, which has on and task')
  if (typeof on !== 'string') throw invalid(field, 'expects a type of events such as Ticket.Created')
  if (task !== undefined && typeof task !== 'string') throw invalid(`${field}.task`, 'expects a text')
  try {
    return { pattern: parseEventPattern(on), task }
  } catch (error) {
    if (error instanceof ObjectError) throw invalid(field, error.message.replace(/^type /, ''))
    throw error
  }
}

export function checkedTriggers(): BeforeHook {
  return {
    id: 'agents.do/triggers-are-patterns',
    applies: (noun) => noun === 'Agent',
    run: ({ triggers }, { previous }): void => {
      // An agent from before this rule can still be stopped.
      if (triggers !== undefined && !isSameJson(triggers, previous?.['triggers'] ?? null)) parseTriggers(triggers)
    },
  }
}

export interface Listening {
  readonly agent: string
  readonly triggers: readonly Trigger[]
}

/** The deployed agents that listen. They are derived from entities, and kept until one of these may have changed. */
export class Listeners {
  readonly #parts: ObjectParts
  #kept: { readonly stamp: string; readonly all: readonly Listening[] } | undefined

  constructor(parts: ObjectParts) {
    this.#parts = parts
  }

  /** The trigger of each agent that an event gives a task. */
  for(event: {
    readonly type: string
    readonly target: string
  }): readonly { readonly agent: string; readonly trigger: Trigger }[] {
    // The runs of an agent change the agent, so agents do not listen to agents.
    if (event.type.startsWith('Agent.') || event.type.startsWith('AgentRun.')) return []
    return this.#all.flatMap(({ agent, triggers }) => {
      const trigger = triggers.find(({ pattern }) => matchesEventPattern(pattern, event))
      return trigger === undefined ? [] : [{ agent, trigger }]
    })
  }

  get #all(): readonly Listening[] {
    const stamp = this.#parts.stampOf('Agent')
    if (this.#kept?.stamp !== stamp) this.#kept = { stamp, all: this.#read() }
    return this.#kept.all
  }

  #read(): readonly Listening[] {
    const ids = this.#parts.idsWith('Agent', { field: 'status', value: 'Deployed', limit: agentsMax })
    return ids.flatMap((agent) => {
      const triggers = this.#parts.read(agent)?.['triggers']
      return triggers === undefined ? [] : [{ agent, triggers: parsed(triggers) }]
    })
  }
}

/** Triggers from before they were checked listen to nothing. */
function parsed(triggers: JsonValue): readonly Trigger[] {
  try {
    return parseTriggers(triggers)
  } catch (error) {
    if (error instanceof ObjectError) return []
    throw error
  }
}

function invalid(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'validation_error', field, message: `${field} ${message}` })
}
