// The three writes of many, as what they do to each entity: their bodies, parsed.

import type { JsonValue } from 'digital-objects'
import type { Body } from '../writes/parse-body.ts'
import type { Item, ManyKind } from './many-changes.ts'
import { type Choice, parseDeletion, parseEntities, parseUpdate } from './many-request.ts'

/** The items, or the filter that chooses them and what is done to each. */
export type ManyRequest =
  | { readonly items: readonly Item[]; readonly isAtomic: boolean }
  | { readonly items?: undefined; readonly filter: JsonValue; readonly body: Body }

const parsers: Readonly<Record<ManyKind, (text: string) => ManyRequest>> = {
  createMany: (text) => {
    const { entities, isAtomic } = parseEntities(text)
    return { items: entities.map((entity, at) => ({ field: `entities[${at}]`, ...entity })), isAtomic }
  },
  updateMany: (text) => {
    const { choice, set } = parseUpdate(text)
    return toManyRequest(choice, set)
  },
  deleteMany: (text) => toManyRequest(parseDeletion(text), {}),
}

/** Throws an ObjectError that names the field. */
export function parseMany(kind: ManyKind, text: string): ManyRequest {
  return parsers[kind](text)
}

export function isManyKind(kind: string): kind is ManyKind {
  return Object.hasOwn(parsers, kind)
}

function toManyRequest(choice: Choice, body: Body): ManyRequest {
  if (choice.kind === 'filter') return { filter: choice.filter, body }
  return { items: choice.ids.map((id, at) => ({ field: `ids[${at}]`, id, body })), isAtomic: true }
}
