// `$.settings`: the tenant's settings, such as its time zone and business hours.

import type { TenantSettings } from 'digital-objects'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { CallOptions } from '../calls/call-options.ts'
import type { DryRun } from '../calls/dry-run.ts'
import { toAt } from '../calls/happened-at.ts'
import { makeKey } from '../calls/make-key.ts'
import { parseDryRun } from '../calls/parse-answer.ts'
import type { Session } from '../calls/session.ts'
import type { Dry, WriteOptions } from '../entities/entity-methods.ts'

/** A merge patch: null returns a setting, or a part of one, to its default. */
export type SettingsPatch = Patch<TenantSettings>
type Patch<Value> = Value extends readonly unknown[]
  ? Value
  : Value extends object
    ? { readonly [Name in keyof Value]?: Patch<Value[Name]> | null }
    : Value

export interface Settings {
  /** Returns all settings, with defaults for those that are not set. */
  read(options?: CallOptions & { readonly asOf?: string | Date | undefined }): Promise<TenantSettings>
  update(patch: SettingsPatch, options: Trial): Promise<DryRun<TenantSettings>>
  update(patch: SettingsPatch, options?: WriteOptions): Promise<TenantSettings>
}

type Trial = Omit<WriteOptions, 'dryRun'> & Dry
type Given = Omit<WriteOptions, 'dryRun'> & { readonly dryRun?: boolean | undefined }

export function makeSettings(session: () => Session): Settings {
  return Object.freeze<Settings>({
    read: async ({ asOf, signal } = {}) => {
      const time = asOf instanceof Date ? asOf.toISOString() : asOf
      const parameters: Readonly<Record<string, string>> = time === undefined ? {} : { asOf: time }
      return toSettings((await session().send({ kind: 'read', read: 'settings', parameters }, signal)).body)
    },
    update: async (patch: SettingsPatch, options?: Given) => {
      const { at, ifVersion, idempotencyKey = makeKey(), dryRun, signal }: Given = options ?? {}
      const expected = { ...(ifVersion === undefined ? {} : { ifVersion }), ...toAt('settings.update', at) }
      const trial = dryRun === true ? { isDryRun: dryRun } : {}
      const call = {
        kind: 'write',
        noun: '',
        verb: 'settings.patch',
        body: JSON.stringify(patch),
        idempotencyKey,
      } as const
      const { body } = await session().send({ ...call, ...expected, ...trial }, signal)
      // The overloads say which of the two it is.
      return (dryRun === true ? parseDryRun(body) : toSettings(body)) as never
    },
  })
}

function toSettings(body: unknown): TenantSettings {
  // The rest is the server's own.
  if (typeof body === 'object' && body !== null && 'timeZone' in body) return body as TenantSettings
  throw new HeadlesslyError({ code: 'unexpected_answer', message: 'expected settings from the server' })
}
