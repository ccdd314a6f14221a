// The memory of a browser about its user: theme, language, the first steps in a tenant, and the last visits of tenants that do not
// keep them. Without storage, as in some private windows, nothing is remembered.

import { fieldsToVisits, type Visits, visitsToFields } from './visit.ts'
import type { LanguageName } from './language.ts'

export type Theme = 'system' | 'light' | 'dark'

export interface Preferences {
  readonly theme: Theme
  readonly language: LanguageName
}

const preferencesKey = 'headlessly.preferences'

export function readPreferences(): Preferences {
  const stored = readJson(preferencesKey)
  const { theme, language } = stored as { theme?: unknown; language?: unknown }
  return {
    theme: theme === 'light' || theme === 'dark' ? theme : 'system',
    language: language === 'de' || language === 'en' ? language : navigator.language.startsWith('de') ? 'de' : 'en',
  }
}

export function storePreferences(preferences: Preferences): void {
  writeJson(preferencesKey, preferences)
}

export function readVisits(tenant: string): Visits | undefined {
  return fieldsToVisits({ ...readJson(visitKey(tenant)) })
}

export function storeVisits(tenant: string, visits: Visits): void {
  writeJson(visitKey(tenant), visitsToFields(visits))
}

function visitKey(tenant: string): string {
  return `headlessly.visit.${tenant}`
}

/** Returns undefined where no first steps were begun or ended. */
export function readTour(tenant: string): string | undefined {
  const { after } = readJson(tourKey(tenant)) as { after?: unknown }
  return typeof after === 'string' ? after : undefined
}

export function storeTour(tenant: string, after: string): void {
  writeJson(tourKey(tenant), { after })
}

function tourKey(tenant: string): string {
  return `headlessly.tour.${tenant}`
}

function readJson(key: string): object {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? '{}')
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

function writeJson(key: string, value: object): void {
  try {
    localStorage.setItem(key, JSON.stringify(value))
  } catch {
    // Storage is off or full.
  }
}
