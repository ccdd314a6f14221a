// The records around a record, two steps far: what it refers to, what refers to it, and what those refer to.

import type { Entity } from './entity.ts'
import { type NounInfo, titleOf } from './noun-schema.ts'
import type { Workspace } from './workspace.ts'

export interface GraphNode {
  readonly id: string
  readonly type: string
  readonly title: string
  /** 0 for the record itself. */
  readonly depth: 0 | 1 | 2
  /** The node through which it was found, and the field that leads there. */
  readonly from: string | undefined
  readonly by: string
}

const incomingMax = 4
const neighboursMax = 16
const outerPerNode = 3

interface Reading {
  readonly signal: AbortSignal
  readonly options: object
}

export async function relationGraph(
  workspace: Workspace,
  { info, entity }: { readonly info: NounInfo; readonly entity: Entity },
  { signal, options }: Reading,
): Promise<readonly GraphNode[]> {
  const nodes = new Map<string, GraphNode>()
  const add = (found: Entity, of: Pick<GraphNode, 'depth' | 'from' | 'by'>): void => {
    if (!nodes.has(found.$id)) nodes.set(found.$id, { id: found.$id, type: found.$type, title: titleOf(found), ...of })
  }
  add(entity, { depth: 0, from: undefined, by: '' })
  const near: { readonly found: Entity; readonly by: string }[] = []
  const named = await Promise.all(
    referencesIn(workspace, entity).map((one) => readOne(workspace, one, { signal, options })),
  )
  near.push(...named.flatMap((one) => (one === undefined ? [] : [one])))
  const reverse = info.fields.filter(({ kind, from = '' }) => kind === 'reverse' && workspace.types.has(from))
  const incoming = await Promise.all(
    reverse.map(async ({ name, from = '', by = '' }) => {
      const rows = await workspace.entity(from).find({ [by]: entity.$id }, { limit: incomingMax, signal, ...options })
      return rows.map((found) => ({ found, by: name }))
    }),
  )
  near.push(...incoming.flat())
  const shown = near.filter(({ found }) => found.$id !== entity.$id).slice(0, neighboursMax)
  for (const { found, by } of shown) add(found, { depth: 1, from: entity.$id, by })
  const outer = await Promise.all(
    shown.map(async ({ found }) => {
      const ids = referencesIn(workspace, found).filter(({ id }) => !nodes.has(id))
      const read = await Promise.all(
        ids.slice(0, outerPerNode).map((one) => readOne(workspace, one, { signal, options })),
      )
      return read.map((one) => ({ one, from: found.$id }))
    }),
  )
  for (const { one, from } of outer.flat()) if (one !== undefined) add(one.found, { depth: 2, from, by: one.by })
  return [...nodes.values()]
}

interface Named {
  readonly id: string
  readonly by: string
}

/** Ids of known types in the fields of an entity, also of entities that are included. */
export function referencesIn({ typeOfId }: Pick<Workspace, 'typeOfId'>, entity: Entity): readonly Named[] {
  return Object.entries(entity).flatMap(([by, value]) => {
    if (by.startsWith('$')) return []
    const all: readonly unknown[] = Array.isArray(value) ? value : [value]
    return all.flatMap((one): readonly Named[] => {
      const id = typeof one === 'object' && one !== null ? Reflect.get(one, '$id') : one
      return typeof id === 'string' && /^[a-z]\w*_\w+$/.test(id) && typeOfId(id) !== undefined ? [{ id, by }] : []
    })
  })
}

/** A text that only looks like an id, or a record that was deleted, is left out. */
async function readOne(
  workspace: Workspace,
  { id, by }: Named,
  { signal, options }: Reading,
): Promise<{ readonly found: Entity; readonly by: string } | undefined> {
  const type = workspace.typeOfId(id)?.name
  const found = type === undefined ? null : await workspace.entity(type).get(id, { signal, ...options })
  return found === null ? undefined : { found, by }
}
