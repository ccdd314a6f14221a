// Limits a read of lists to the sectors of the caller's host and path, by adding to its filter.

import { type CallOf, isPlainObject, tryParseJson } from 'digital-objects'
import type { Sector } from './context.ts'
import { sectorFilter } from './sector-filter.ts'

const limited = ['find', 'count', 'aggregate']

/** Leaves a filter that is no JSON to the read, which refuses it. */
export function limitToSectors(call: CallOf<'read'>, sectors: readonly Sector[]): CallOf<'read'> {
  const { noun, read, parameters } = call
  if (noun === undefined || !limited.includes(read)) return call
  const added = sectorFilter(noun, sectors)
  if (added === undefined) return call
  const { filter: text } = parameters
  const given = text === undefined ? {} : tryParseJson(text)
  if (!isPlainObject(given)) return call
  return { ...call, parameters: { ...parameters, filter: JSON.stringify({ $and: [added, given] }) } }
}
