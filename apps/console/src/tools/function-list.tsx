// Stored functions: what makes each run, and its page with source, runs, versions and back-tests.

import type { StoredFunction } from '@headlessly/sdk'
import type { ReactNode } from 'react'
import { go, Link, usePlace } from '../base/navigation.tsx'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import { useAsk } from '../data/use-ask.ts'
import { Granted } from '../ui/granted.tsx'
import { Loaded, Panel } from '../ui/panel.tsx'
import { PlainTable } from '../ui/plain-table.tsx'
import { Pill } from '../ui/value.tsx'
import { FunctionDetail } from './function-detail.tsx'

/** Stands for a function that is not stored yet; no name has an asterisk. */
const unnamed = '*'

export function FunctionList(): ReactNode {
  const say = useToolTexts()
  const place = usePlace()
  const open = place.search.view
  const functions = useAsk({
    of: 'Function',
    name: ['functions'],
    read: ({ client }, signal) => client.functions.list({ signal }),
  })
  const show = (name: string): void => go({ ...place, search: { view: name } })
  const stored = functions.data?.find(({ name }) => name === open)
  return (
    <>
      <Panel
        title={say('agents.functions')}
        hint={say('functions.hint')}
        tools={
          <Granted need="everything">
            <button type="button" className="button small primary" onClick={() => show(unnamed)}>
              {say('functions.new')}
            </button>
          </Granted>
        }
      >
        <Loaded of={functions}>{(all) => <FunctionTable all={all} />}</Loaded>
      </Panel>
      {open === undefined || functions.data === undefined ? null : open === unnamed || stored !== undefined ? (
        <FunctionDetail key={open} stored={stored} onStored={show} />
      ) : (
        <p className="soft">{say('functions.missing')}</p>
      )}
    </>
  )
}

function FunctionTable({ all }: { readonly all: readonly StoredFunction[] }): ReactNode {
  const { translate } = useSettings()
  const say = useToolTexts()
  const place = usePlace()
  return (
    <PlainTable
      label={say('agents.functions')}
      rows={all}
      keyOf={({ name }) => name}
      empty={say('functions.none')}
      columns={[
        {
          label: say('functions.name'),
          cell: ({ name }) => <Link to={{ ...place, search: { view: name } }}>{name}</Link>,
        },
        { label: say('functions.when'), cell: ({ on, schedule }) => on ?? schedule ?? say('functions.byName') },
        {
          label: say('agents.status'),
          cell: ({ status, reason }) => (
            <>
              <Pill text={status} tone={status === 'Enabled' ? 'good' : 'bad'} />{' '}
              {reason === undefined ? null : translate(reason)}
            </>
          ),
        },
        { label: say('functions.about'), cell: ({ description }) => description ?? '' },
      ]}
    />
  )
}
