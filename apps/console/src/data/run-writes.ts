// The writes of an agent's run, from its conversation: each write that the model asked for, and what the server answered.

import type { ObjectEvent } from '@headlessly/sdk'

/** A change of an entity; without a version, its deletion. */
interface Write {
  readonly id: string
  readonly version: number | undefined
}

export interface RunLine {
  readonly role: string
  readonly text: string
}

export function writesOfRun(messages: unknown): readonly Write[] {
  const lines = listed(messages)
  const answers = new Map(lines.flatMap(({ tool_call_id: id, content }) => [[String(id), content] as const]))
  return lines.flatMap(({ tool_calls: calls }) =>
    listed(calls).flatMap(({ id, function: called }): readonly Write[] => {
      if (!isObject(called) || called['name'] !== 'write') return []
      const answer = answers.get(String(id))
      return typeof answer === 'string' ? writeOf(answer, String(called['arguments'])) : []
    }),
  )
}

/** An answer may be cut, so it is no JSON; its entity begins with the id and the version. */
function writeOf(answer: string, given: string): readonly Write[] {
  if (answer === 'done') {
    const id = /"id"\s*:\s*"([a-z0-9]+_\w+)"/.exec(given)?.[1]
    return id === undefined ? [] : [{ id, version: undefined }]
  }
  if (answer.startsWith('{"refused"')) return []
  const id = /"\$id":"([^"]+)"/.exec(answer)?.[1]
  const version = /"\$version":(\d+)/.exec(answer)?.[1]
  return id === undefined || version === undefined ? [] : [{ id, version: Number(version) }]
}

/**
 * The events of the commits that the writes made, without those that were taken back since. `keys` are the run, which events name
 * as their key, and its agent, which those of earlier versions name.
 */
export function eventsOfWrites(
  events: readonly ObjectEvent[],
  { writes, keys }: { readonly writes: readonly Write[]; readonly keys: readonly string[] },
): readonly ObjectEvent[] {
  const isMade = ({ target, version, type, key }: ObjectEvent): boolean =>
    key !== undefined &&
    keys.includes(key) &&
    writes.some(
      (write) =>
        write.id === target && (write.version === undefined ? type.endsWith('.Deleted') : write.version === version),
    )
  const made = new Set(events.filter(isMade).map(({ commit }) => commit))
  const undone = new Set(events.map(({ undoes }) => undoes))
  return events.filter(({ commit }) => made.has(commit) && !undone.has(commit))
}

/** The conversation as lines of text. */
export function linesOf(messages: unknown): readonly RunLine[] {
  return listed(messages).map(({ role, content, tool_calls: calls }) => ({
    role: String(role),
    text: [
      ...(typeof content === 'string' && content !== '' ? [content] : []),
      ...listed(calls).flatMap(({ function: called }) =>
        isObject(called) ? [`${String(called['name'])}(${String(called['arguments'])})`] : [],
      ),
    ].join('\n'),
  }))
}

function listed(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
