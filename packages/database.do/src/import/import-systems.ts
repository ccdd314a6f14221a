// The products whose exports are recognized.

import { github } from './exports/github.ts'
import { hubspot } from './exports/hubspot.ts'
import { salesforce } from './exports/salesforce.ts'
import { stripe } from './exports/stripe.ts'
import { twenty } from './exports/twenty.ts'
import { zendesk } from './exports/zendesk.ts'
import type { ImportSystem, SystemExport } from './import-system.ts'

export const importSystems: readonly ImportSystem[] = [hubspot, salesforce, stripe, zendesk, github, twenty]

/** Returns the export whose headers the file has, of one system or of all. */
export function recognizeExport(
  header: readonly string[],
  { noun, system }: { readonly noun: string; readonly system?: string },
): { readonly system: string; readonly export: SystemExport } | undefined {
  const found = importSystems
    .filter(({ name }) => system === undefined || name === system)
    .flatMap((one) => one.exports.map((written) => ({ system: one.name, export: written })))
    .filter((one) => one.export.noun === noun && one.export.headers.every((name) => header.includes(name)))
  // The one that explains most of the columns.
  const explained = (of: SystemExport): number => header.filter((name) => Object.hasOwn(of.columns, name)).length
  return found.toSorted((one, other) => explained(other.export) - explained(one.export))[0]
}
