// The load of a tenant's history: one line, and how far the load has come, as `/history` answers it.

import type { JsonValue } from '../base/entity.ts'

/** One change of the past. */
export interface HistoryLine {
  /** RFC 3339 with an offset; never before that of the line before. */
  readonly timestamp: string
  /** `Contact.Qualified` */
  readonly type: string
  /** The entity's id: one of this server, which is kept, or any text by which the lines name it. */
  readonly target?: string
  /** What the verb is called with: fields, and arguments of its own. References may be ids of earlier lines. */
  readonly data?: Readonly<Record<string, JsonValue>>
  /** Who did it; by default who loads the history. */
  readonly actor?: string
}

export interface LoadedHistory {
  /** The lines that are in. */
  readonly lines: number
  /** The timestamp of the last of them; null before the first. */
  readonly timestamp: string | null
  /** Whether further lines are accepted: the tenant has no live write yet. */
  readonly isOpen: boolean
}
