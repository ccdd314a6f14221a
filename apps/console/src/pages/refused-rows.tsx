// Rows that an import has refused, each with its reason.

import type { RefusedImportRow } from '@headlessly/sdk'
import type { ReactNode } from 'react'
import { useToolTexts } from '../base/tool-texts.ts'
import { useAsk } from '../data/use-ask.ts'
import { Loaded } from '../ui/panel.tsx'
import { useSettings } from '../base/settings-context.tsx'
import { PlainTable } from '../ui/plain-table.tsx'

const shownMax = 50

export function RefusedRows({ job }: { readonly job: string }): ReactNode {
  const say = useToolTexts()
  const { translate } = useSettings()
  const rows = useAsk({
    of: '*',
    name: ['refused', job],
    read: async ({ client }, signal) => {
      const found: RefusedImportRow[] = []
      for await (const row of client.imports.refused(job, { signal })) {
        found.push(row)
        if (found.length === shownMax) break
      }
      return found
    },
  })
  return (
    <Loaded of={rows}>
      {(all) => (
        <PlainTable
          label={say('import.refused')}
          rows={all}
          keyOf={({ line }) => String(line)}
          columns={[
            { label: say('import.lineNumber'), isNumber: true, cell: ({ line }) => line },
            { label: say('import.why'), cell: ({ reason }) => translate(reason) },
            { label: say('import.cells'), cell: ({ cells }) => cells.map(String).join(' · ') },
          ]}
        />
      )}
    </Loaded>
  )
}
