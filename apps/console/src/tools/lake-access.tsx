// The lake: how far its files are behind, a check of them, and lines with which other programs read it.

import type { AttachedLake } from '@headlessly/sdk'
import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useToolTexts } from '../base/tool-texts.ts'
import { useAct } from '../data/use-act.ts'
import { useAsk } from '../data/use-ask.ts'
import { useCounts } from '../data/use-home.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Fault, Loaded, Panel } from '../ui/panel.tsx'
import { CopyLines } from '../ui/shown-once.tsx'

export function LakeAccess(): ReactNode {
  return (
    <div className="panels">
      <LakeState />
      <LakeLines />
    </div>
  )
}

function LakeState(): ReactNode {
  const say = useToolTexts()
  const { lake } = useScene().workspace.client
  const status = useCounts()
  const { act, isActing, error } = useAct()
  const check = useMutation({ mutationFn: () => lake.verify() })
  return (
    <Panel title={say('lake.state')}>
      <Loaded of={status}>
        {({ files, events }) => (
          <p>
            {files === null ? say('lake.none') : say('lake.behind', { seq: files.seq, events, lag: files.lagEvents })}
          </p>
        )}
      </Loaded>
      <div className="actions">
        <button
          type="button"
          className="button"
          disabled={isActing}
          onClick={() => act({ work: () => lake.flush(), done: say('lake.flushed') })}
        >
          {say('lake.flush')}
        </button>
        <button type="button" className="button" disabled={check.isPending} onClick={() => check.mutate()}>
          {say('lake.verify')}
        </button>
      </div>
      <Fault error={error ?? check.error} />
      {check.data === undefined ? null : (
        <p role="status">{say(check.data['isWhole'] === true ? 'lake.whole' : 'lake.broken')}</p>
      )}
      <p className="soft small">{say('lake.backup')}</p>
    </Panel>
  )
}

/** The lines hold keys, so they are read when somebody wants them. */
function LakeLines(): ReactNode {
  const say = useToolTexts()
  const [isShown, setIsShown] = useState(false)
  const attached = useAsk({
    of: '*',
    name: ['lake'],
    isOn: isShown,
    read: ({ client }, signal) => client.lake.attach({ signal }),
  })
  return (
    <Panel title={say('lake.lines')} hint={say('lake.linesHint')} isWide>
      {isShown ? (
        <Loaded of={attached}>{(lake) => <Lines lake={lake} />}</Loaded>
      ) : (
        <button type="button" className="button" onClick={() => setIsShown(true)}>
          {say('lake.show')}
        </button>
      )}
    </Panel>
  )
}

function Lines({ lake }: { readonly lake: AttachedLake }): ReactNode {
  const { s3, iceberg, duckdb, clickhouse } = lake
  const parts = [
    { title: 'DuckDB', lines: duckdb },
    { title: 'ClickHouse', lines: clickhouse.catalog },
    { title: 'Iceberg', lines: Object.entries(iceberg).map(([name, value]) => `${name}: ${value}`) },
    { title: 'S3', lines: Object.entries(s3).map(([name, value]) => `${name}: ${value}`) },
  ]
  return (
    <>
      {parts.map(({ title, lines }) => (
        <div key={title}>
          <h3>{title}</h3>
          <CopyLines text={lines.join('\n')} />
        </div>
      ))}
    </>
  )
}
