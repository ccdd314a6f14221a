// Runs of a stored function that its events or times have started, newest first, with what it printed.

import type { ReactNode } from 'react'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import { useAsk } from '../data/use-ask.ts'
import { Loaded, Panel } from '../ui/panel.tsx'
import { PlainTable } from '../ui/plain-table.tsx'
import { Pill } from '../ui/value.tsx'

const everyMs = 5_000

export function FunctionRuns({ name }: { readonly name: string }): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  const runs = useAsk({
    of: '*',
    name: ['function-runs', name],
    everyMs,
    read: ({ client }, signal) => client.functions.runs(name, { signal }),
  })
  return (
    <Panel title={say('functions.runs')}>
      <Loaded of={runs}>
        {(all) => (
          <PlainTable
            label={say('functions.runs')}
            rows={all.toReversed()}
            keyOf={({ at }, index) => `${at}.${index}`}
            empty={say('functions.noRuns')}
            columns={[
              { label: say('functions.at'), cell: ({ at }) => format.time(at) },
              {
                label: say('functions.outcome'),
                cell: ({ ok, error, line }) => (
                  <>
                    <Pill text={say(ok ? 'functions.ok' : 'functions.failed')} tone={ok ? 'good' : 'bad'} />{' '}
                    {error === undefined ? '' : line === undefined ? error : `${error} (${line})`}
                  </>
                ),
              },
              { label: say('functions.ms'), isNumber: true, cell: ({ ms }) => format.number(ms, 0) },
              { label: say('do.printed'), cell: ({ logs }) => logs.join('\n') },
            ]}
          />
        )}
      </Loaded>
    </Panel>
  )
}
