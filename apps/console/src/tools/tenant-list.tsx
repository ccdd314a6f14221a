// The businesses of this server, for its operator: opening and deleting them. A deletion shows what it would remove.

import type { TenantDeletion } from '@headlessly/sdk'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { Link } from '../base/navigation.tsx'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import { useAct } from '../data/use-act.ts'
import { tenants } from '../data/workspace.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Fault, Loaded, Panel } from '../ui/panel.tsx'
import { PlainTable } from '../ui/plain-table.tsx'

const tenantsMax = 1_000

export function TenantList(): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  const { workspace } = useScene()
  const [deleting, setDeleting] = useState<string | undefined>(undefined)
  const all = useQuery({
    queryKey: ['tenants', 'all'],
    queryFn: ({ signal }) => tenants.list({ limit: tenantsMax, signal }),
  })
  return (
    <Panel title={say('operate.tenants')} hint={say('tenants.hint')}>
      <Loaded of={all}>
        {({ results }) => (
          <PlainTable
            label={say('operate.tenants')}
            rows={results}
            keyOf={({ name }) => name}
            columns={[
              { label: say('tenants.name'), cell: ({ name }) => <Link to={{ tenant: name, search: {} }}>{name}</Link> },
              { label: say('tenants.since'), cell: ({ createdAt }) => format.time(createdAt) },
              { label: say('agents.status'), cell: ({ state }) => state },
              {
                label: say('agents.actions'),
                cell: ({ name }) => (
                  <button
                    type="button"
                    className="button small danger"
                    aria-label={say('tenants.deleteOf', { name })}
                    disabled={name === workspace.tenant}
                    onClick={() => setDeleting(name)}
                  >
                    {say('tenants.delete')}
                  </button>
                ),
              },
            ]}
          />
        )}
      </Loaded>
      {deleting === undefined ? null : <DeleteTenant name={deleting} onClose={() => setDeleting(undefined)} />}
    </Panel>
  )
}

interface DeleteTenantProps {
  readonly name: string
  readonly onClose: () => void
}

function DeleteTenant({ name, onClose }: DeleteTenantProps): ReactNode {
  const say = useToolTexts()
  const queries = useQueryClient()
  const [typed, setTyped] = useState('')
  const trial = useQuery({
    queryKey: ['tenants', 'delete', name],
    gcTime: 0,
    queryFn: ({ signal }) => tenants.delete(name, { dryRun: true, signal }),
  })
  const { act, isActing, error } = useAct()
  return (
    <Dialog title={say('tenants.deleteOf', { name })} onClose={onClose}>
      <Loaded of={trial}>{(removed) => <Removed removed={removed} />}</Loaded>
      <div className="fields">
        <label>
          {say('tenants.confirm', { name })}
          <input value={typed} onChange={({ target }) => setTyped(target.value)} />
        </label>
      </div>
      <Fault error={error} />
      <div className="actions">
        <button
          type="button"
          className="button danger"
          disabled={isActing || typed !== name}
          onClick={() =>
            act({
              work: () => tenants.delete(name),
              done: say('tenants.deleted'),
              then: () => {
                void queries.invalidateQueries({ queryKey: ['tenants'] })
                onClose()
              },
            })
          }
        >
          {say('tenants.delete')}
        </button>
      </div>
    </Dialog>
  )
}

function Removed({ removed }: { readonly removed: TenantDeletion }): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  const { events = 0, entities = 0, files = 0 } = removed
  return (
    <p>
      {say('tenants.removes', {
        events: format.number(events),
        entities: format.number(entities),
        files: format.number(files),
      })}
    </p>
  )
}
