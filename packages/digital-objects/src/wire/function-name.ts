// The name of a stored function that was given none.

import { sha256Hex } from '../base/sha-256.ts'

/**
 * `functionName('Contact.qualifying', '(contact) => …')` -> `'contact-qualifying-1f09d30c707d'`: the same trigger and source
 * have the same name, so they are stored once.
 */
export function functionName(trigger: string, source: string): string {
  const words = trigger.replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase()
  const start = words.replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^[-0-9]+|-$/g, '')
  return `${start.slice(0, 50).replace(/-$/, '') || 'on'}-${sha256Hex(source).slice(0, 12)}`
}
