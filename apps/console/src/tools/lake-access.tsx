// The lake: lines with which other programs read it.

import type { AttachedLake } from '@headlessly/sdk'
import { type ReactNode, useState } from 'react'
import { useToolTexts } from '../base/tool-texts.ts'
import { useAsk } from '../data/use-ask.ts'
import { Loaded, Panel } from '../ui/panel.tsx'
import { CopyLines } from '../ui/shown-once.tsx'

/** The lines hold keys, so they are read when somebody wants them. */
export function LakeAccess(): ReactNode {
  const say = useToolTexts()
  const [isShown, setIsShown] = useState(false)
  const attached = useAsk({
    of: '*',
    name: ['lake'],
    isOn: isShown,
    read: ({ client }, signal) => client.lake.attach({ signal }),
  })
  return (
    <Panel title={say('lake.lines')} hint={say('lake.linesHint')}>
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
