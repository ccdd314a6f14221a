// All contexts by label. Where a domain and a system have one name, they list the same entity types.

import { domains, nounsOfDomain } from 'digital-objects'
import type { Context } from './context.ts'
import { journeys } from './journeys.ts'
import { sectors } from './sectors.ts'
import { systems } from './systems.ts'

export const contexts: readonly Context[] = [
  ...Object.keys(domains).map((name): Context => ({
    name,
    kind: 'domain',
    about: `The entity types of the domain ${name}.`,
    entities: nounsOfDomain(name) ?? [],
  })),
  ...Object.entries(journeys).map(([name, journey]): Context => ({ name, kind: 'journey', ...journey })),
  ...Object.entries(systems).map(([name, system]): Context => {
    const entities = nounsOfDomain(name)
    return { name, kind: 'system', ...system, ...(entities === undefined ? {} : { entities }) }
  }),
  ...Object.entries(sectors).map(([name, { label, codes, aliases }]): Context => ({
    name,
    kind: 'sector',
    about: `Records of organizations in ${label}.`,
    sector: { codes, industries: spellings([name, label, ...aliases]) },
  })),
]

const byLabel = new Map<string, Context>()
for (const context of contexts) if (!byLabel.has(context.name)) byLabel.set(context.name, context)
for (const [name, { aliases }] of Object.entries(sectors)) {
  const context = byLabel.get(name)
  for (const alias of aliases) if (context !== undefined) byLabel.set(alias, context)
}

/** Letter case does not matter. Returns undefined for a label of no context. */
export function findContext(label: string): Context | undefined {
  return byLabel.get(label.toLowerCase())
}

/** Industry is free text, so the usual ways to write a name count. */
function spellings(names: readonly string[]): readonly string[] {
  return [...new Set(names.flatMap((name) => [name, name.toLowerCase(), name.charAt(0).toUpperCase() + name.slice(1)]))]
}
