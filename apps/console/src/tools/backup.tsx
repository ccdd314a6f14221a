// Backup: how far the files are from which a business is restored, a check of them, an archive to keep, and the lines that restore.

import type { Status } from '@headlessly/sdk'
import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import { useAct } from '../data/use-act.ts'
import { useAsk } from '../data/use-ask.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Fault, Loaded, Panel } from '../ui/panel.tsx'
import { CopyLines } from '../ui/shown-once.tsx'

/** Files follow some seconds after an event, without one of their own. */
const everyMs = 5_000

export function Backup(): ReactNode {
  const status = useAsk({
    of: '*',
    name: ['files'],
    everyMs,
    read: ({ client }, signal) => client.status({ signal }),
  })
  return (
    <div className="panels">
      <Loaded of={status}>
        {(read) => (
          <>
            <FilesState status={read} />
            <ArchiveLink />
            <RestoreLines newest={read.newest} />
          </>
        )}
      </Loaded>
    </div>
  )
}

function FilesState({ status: { files, events } }: { readonly status: Status }): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  const { lake } = useScene().workspace.client
  const { act, isActing, error } = useAct()
  return (
    <Panel title={say('backup.state')} hint={say('backup.hint')}>
      {files === null ? (
        <p>{say('backup.none')}</p>
      ) : (
        <>
          <p>
            {files.lagEvents === 0
              ? say('backup.all', { events: format.number(events) })
              : say('backup.behind', {
                  seq: format.number(files.seq),
                  events: format.number(events),
                  lag: format.number(files.lagEvents),
                })}
          </p>
          <LastEvent seq={files.seq} />
        </>
      )}
      <div className="actions">
        <button
          type="button"
          className="button"
          disabled={isActing}
          onClick={() => act({ work: () => lake.flush(), done: say('backup.flushed') })}
        >
          {say('backup.flush')}
        </button>
      </div>
      <Fault error={error} />
      <Check />
    </Panel>
  )
}

/** The last event that a restore from the files would bring. */
function LastEvent({ seq }: { readonly seq: number }): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  const { data: event } = useAsk({
    of: '*',
    name: ['event', seq],
    isOn: seq > 0,
    read: async ({ client }, signal) =>
      (await client.events.list({ after: seq - 1, limit: 1, signal })).find((one) => one.seq === seq) ?? null,
  })
  // An event may be one that the caller does not see.
  if (event === undefined || event === null) return null
  return (
    <p className="soft">
      {say('backup.last', { seq: format.number(seq), type: event.type, time: format.time(event.timestamp) })}
    </p>
  )
}

function Check(): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  const { lake } = useScene().workspace.client
  const check = useMutation({ mutationFn: () => lake.verify() })
  const { isWhole, events, entities, faults, breaches } = check.data ?? {}
  const kept = textsOf(breaches)
  return (
    <>
      <div className="actions">
        <button type="button" className="button" disabled={check.isPending} onClick={() => check.mutate()}>
          {say('backup.verify')}
        </button>
      </div>
      <Fault error={check.error} />
      {check.data === undefined ? null : (
        <div role="status">
          <p>
            {isWhole === true
              ? say('backup.agrees', {
                  events: format.number(Number(events)),
                  entities: format.number(Number(entities)),
                })
              : say('backup.disagrees')}
          </p>
          <Texts all={textsOf(faults)} />
          {kept.length === 0 ? null : <p>{say('backup.breaches')}</p>}
          <Texts all={kept} />
        </div>
      )}
    </>
  )
}

function Texts({ all }: { readonly all: readonly string[] }): ReactNode {
  if (all.length === 0) return null
  return (
    <ul>
      {all.map((text) => (
        <li key={text}>{text}</li>
      ))}
    </ul>
  )
}

/** The server lists the first hundred of each kind. */
function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? [...new Set(value.map(String))] : []
}

function ArchiveLink(): ReactNode {
  const say = useToolTexts()
  const { tenant, whoami } = useScene().workspace
  return (
    <Panel title={say('backup.archive')} hint={say('backup.archiveHint')}>
      {whoami.mayDoEverything ? (
        <div className="actions">
          <a className="button" href={`/~${encodeURIComponent(tenant)}/archive`} download={`${tenant}.tar`}>
            {say('backup.download', { name: tenant })}
          </a>
        </div>
      ) : (
        <p>{say('backup.archiveForbidden')}</p>
      )}
    </Panel>
  )
}

function RestoreLines({ newest }: { readonly newest: string | null }): ReactNode {
  const say = useToolTexts()
  const { tenant } = useScene().workspace
  const server = `--endpoint ${location.origin}`
  const at = newest === null ? '' : ` --at ${newest}`
  const lines = [
    { title: say('backup.allTenants'), text: `headlessly backup ${server}` },
    { title: say('backup.copy'), text: `headlessly restore ${tenant} --into ${tenant}-before${at} ${server}` },
    { title: say('backup.lost'), text: `headlessly restore ${tenant} ${server}` },
  ]
  return (
    <Panel title={say('backup.lines')} hint={say('backup.linesHint')} isWide>
      {lines.map(({ title, text }) => (
        <div key={title}>
          <h3>{title}</h3>
          <CopyLines text={text} />
        </div>
      ))}
      <p className="small">
        <a href="/docs/backup">{say('backup.docs')}</a>
      </p>
    </Panel>
  )
}
