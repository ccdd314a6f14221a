// Versions of a stored function: who changed it and when, and the source of each, to take into the editor again.

import type { StoredFunction } from '@headlessly/sdk'
import type { ReactNode } from 'react'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import { useAsk } from '../data/use-ask.ts'
import { Loaded, Panel } from '../ui/panel.tsx'
import { PlainTable } from '../ui/plain-table.tsx'

interface FunctionVersionsProps {
  readonly stored: StoredFunction
  readonly onTake: (source: string) => void
}

const versionsMax = 100

export function FunctionVersions({ stored, onTake }: FunctionVersionsProps): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  const history = useAsk({
    of: 'Function',
    name: ['versions', stored.$id],
    read: async ({ entity }, signal) => entity('Function').history(stored.$id, { limit: versionsMax, signal }),
  })
  return (
    <Panel title={say('functions.versions')}>
      <Loaded of={history}>
        {(events) => (
          <PlainTable
            label={say('functions.versions')}
            rows={events.toReversed()}
            keyOf={({ id }) => id}
            columns={[
              { label: say('functions.version'), isNumber: true, cell: ({ version }) => version },
              { label: say('functions.at'), cell: ({ timestamp }) => format.time(timestamp) },
              { label: say('functions.by'), cell: ({ actor }) => actor },
              { label: say('functions.changed'), cell: ({ changes }) => Object.keys(changes).join(', ') },
              {
                label: say('agents.actions'),
                cell: ({ data }) => (
                  <button
                    type="button"
                    className="button small quiet"
                    disabled={data['source'] === stored.source}
                    onClick={() => onTake(String(data['source']))}
                  >
                    {say('functions.take')}
                  </button>
                ),
              },
            ]}
          />
        )}
      </Loaded>
    </Panel>
  )
}
