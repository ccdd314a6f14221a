// The tables of contexts, one for each kind.

import { contexts } from '../../apps/headless.ly/src/contexts/contexts.ts'
import type { Context } from '../../apps/headless.ly/src/contexts/context.ts'
import { sectors } from '../../apps/headless.ly/src/contexts/sectors.ts'
import { markdownTable } from './markdown-table.ts'

export function contextTables(kind: Context['kind']): () => string {
  return () => {
    const rows = contexts
      .filter((context) => context.kind === kind)
      .map(({ name, about, entities = [], labels = {} }) => [
        `\`${name}\``,
        about,
        entities
          .map((noun) => (labels[noun] === undefined ? `\`${noun}\`` : `\`${noun}\` (${labels[noun]})`))
          .join(', '),
      ])
    return markdownTable(['context', 'about', 'entity types'], rows)
  }
}

export function sectorTable(): string {
  const rows = Object.entries(sectors).map(
    ([
      name,
      {
        label,
        codes: [from, before],
        aliases,
      },
    ]) => [
      [name, ...aliases].map((one) => `\`${one}\``).join(', '),
      label,
      Number(before) - Number(from) === 1 ? from : `${from} to ${Number(before) - 1}`,
    ],
  )
  return markdownTable(['context', 'sector', 'codes begin with'], rows)
}
