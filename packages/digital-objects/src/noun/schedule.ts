// Schedules of a Noun, as data: the verbs that the server calls by itself on the Noun's entities, and when. One job runs all
// of them, so a tenant's own Noun needs no code.

import type { Scalar } from '../base/entity.ts'

/** The time that is added to `at`. */
export type After =
  /** An ISO 8601 duration. */
  | string
  /**
   * A setting of the tenant, by its path: `sla.firstResponse`. It is a duration, a list of numbers of days, or an object of
   * durations. `by` names the field whose value is the key in the object, or the place in the list, from 0; of a list without
   * `by`, the last number counts. A value that the setting does not have makes the schedule wait.
   */
  | { readonly setting: string; readonly by?: string }
  /** A number of days in a field of the entity that a reference names, and the duration if that has no value. */
  | { readonly of: string; readonly field: string; readonly otherwise: string }

/** Maps a stored field to its value. Null is no value, and a list is any of its values. */
export type ScheduleCondition = Readonly<Record<string, Scalar | null | readonly (Scalar | null)[] | undefined>>

/** Maps a setting of the tenant to the value that it must have. */
export type SettingCondition = Readonly<Record<string, Scalar | undefined>>

interface ScheduleParts {
  readonly after?: After
  /** No entity waits while a setting has another value. */
  readonly settings?: SettingCondition
  /** Counts `after` in the business hours of the tenant. */
  readonly hours?: 'business'
  /** An ISO 8601 duration after which the verb is called again, and again. */
  readonly every?: string
  /** Five fields in the tenant's time zone, or the field that has them as a string or in its `cron`. In place of `at`. */
  readonly cron?: string | { readonly field: string }
}

/** A schedule as its author writes it. */
export interface ScheduleDefinition extends ScheduleParts {
  /** The custom verb, without arguments. */
  readonly call: string
  /** Tells schedules that call the same verb apart. By default it is the verb. */
  readonly name?: string
  /** A datetime or date field, `$createdAt` or `$updatedAt`, or several, of which the first with a value counts. */
  readonly at?: string | readonly string[]
  /** Only entities that fulfil it are waiting. */
  readonly when?: ScheduleCondition
}

export interface Schedule extends ScheduleParts {
  readonly call: string
  readonly name: string
  /** Empty for a schedule with `cron`. */
  readonly at: readonly string[]
  readonly when: ScheduleCondition
}

/** The meta-fields that `at` may name. */
export const scheduleMetaFields: readonly string[] = ['$createdAt', '$updatedAt']
