// The pages of a list that have been read, and what a change makes of them.

import type { InfiniteData } from '@tanstack/react-query'
import type { ListChange } from '@headlessly/sdk'
import { type Entity, idOf } from './entity.ts'

export interface ListPage {
  readonly rows: readonly Entity[]
  readonly cursor: string | null
  /** The number of all matches; null if they were not counted. */
  readonly total: number | null
}

export type ListPages = InfiniteData<ListPage, string | undefined>

interface ListLook {
  readonly sort: string | null | undefined
  /** References whose entities came along with the rows. */
  readonly include: readonly string[]
}

export interface ChangedPages {
  readonly pages: ListPages
  /** Whether the list has to be read again, since a row has come or has another place. */
  readonly isStale: boolean
}

export function changePages(pages: ListPages, change: ListChange<Entity>, look: ListLook): ChangedPages {
  const changed = new Map(change.changed.map((row) => [row.$id, row]))
  const left = new Map(change.left.map(({ $id, $version }) => [$id, $version]))
  let isStale = change.entered.length > 0
  let gone = 0
  const rowsOf = ({ rows }: ListPage): readonly Entity[] =>
    rows.flatMap((row) => {
      if ((left.get(row.$id) ?? 0) > row.$version) {
        gone += 1
        return []
      }
      const now = changed.get(row.$id)
      if (now === undefined || now.$version <= row.$version) return [row]
      isStale ||= isMoved(row, now, look)
      return [withIncluded(row, now)]
    })
  const next = pages.pages.map((page) => ({ ...page, rows: rowsOf(page) }))
  // Each page has the number of all matches.
  const counted = next.map((page) => ({ ...page, total: page.total === null ? null : page.total - gone }))
  return { pages: { ...pages, pages: counted }, isStale }
}

/** Whether a row may stand elsewhere now, or refers to an entity that did not come along. */
function isMoved(before: Entity, after: Entity, { sort, include }: ListLook): boolean {
  const sorted = (sort ?? '').split(',').map((path) => path.replace(/^-/, '').split('.')[0] ?? '')
  return (
    sorted.some((name) => JSON.stringify(valueOf(before, name)) !== JSON.stringify(valueOf(after, name))) ||
    include.some((name) => idsOf(before[name]) !== idsOf(after[name]))
  )
}

function valueOf(row: Entity, name: string): unknown {
  const value = row[name] ?? null
  return typeof value === 'object' && value !== null && '$id' in value ? idOf(value) : value
}

function idsOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  return [value].flat().map(idOf).join()
}

/** Entities that came along with the one from before stay in the place of their ids. */
export function withIncluded(before: Entity, after: Entity): Entity {
  const included = Object.entries(before).filter(
    ([name, value]) => isIncluded(value) && idsOf(value) === idsOf(after[name]),
  )
  return { ...after, ...Object.fromEntries(included) }
}

function isIncluded(value: unknown): boolean {
  return [value].flat().some((one) => typeof one === 'object' && one !== null && '$id' in one)
}
