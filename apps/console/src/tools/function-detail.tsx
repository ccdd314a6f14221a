// A stored function: its source to edit, a run by hand, and beside it the runs, back-tests and versions.

import type { StoredFunction } from '@headlessly/sdk'
import { type ReactNode, useState } from 'react'
import { useToolTexts } from '../base/tool-texts.ts'
import { useAct } from '../data/use-act.ts'
import { useScene } from '../data/workspace-context.tsx'
import { CodeEditor } from '../ui/code-editor.tsx'
import { Granted } from '../ui/granted.tsx'
import { Fault, Panel } from '../ui/panel.tsx'
import { FunctionBacktest } from './function-backtest.tsx'
import { FunctionRuns } from './function-runs.tsx'
import { FunctionVersions } from './function-versions.tsx'
import { ProgramResult, useProgram } from './program-result.tsx'

interface FunctionDetailProps {
  readonly stored: StoredFunction | undefined
  readonly onStored: (name: string) => void
}

interface Draft {
  readonly name: string
  readonly on: string
  readonly schedule: string
  readonly description: string
  readonly source: string
}

const firstSource = 'async ($, given) => {\n  return $.Contact.count()\n}'

export function FunctionDetail({ stored, onStored }: FunctionDetailProps): ReactNode {
  const { at } = useScene()
  const [draft, setDraft] = useState<Draft>({
    name: stored?.name ?? '',
    on: stored?.on ?? '',
    schedule: stored?.schedule ?? '',
    description: stored?.description ?? '',
    source: stored?.source ?? firstSource,
  })
  return (
    <div className="panels">
      <Editor stored={stored} draft={draft} onChange={setDraft} onStored={onStored} isPast={at !== undefined} />
      {stored === undefined ? null : (
        <>
          <Granted need="everything">
            <FunctionBacktest name={stored.name} isTriggered={stored.on !== undefined} />
          </Granted>
          <FunctionRuns name={stored.name} />
          <FunctionVersions stored={stored} onTake={(source) => setDraft({ ...draft, source })} />
        </>
      )}
    </div>
  )
}

interface EditorProps extends FunctionDetailProps {
  readonly draft: Draft
  readonly onChange: (draft: Draft) => void
  readonly isPast: boolean
}

function Editor({ stored, draft, onChange, onStored, isPast }: EditorProps): ReactNode {
  const say = useToolTexts()
  const { functions } = useScene().workspace.client
  const { act, isActing, error } = useAct()
  const program = useProgram()
  const [given, setGiven] = useState('')
  const isChanged = stored === undefined || draft.source !== stored.source
  const save = (): void =>
    act({
      work: () => {
        const { name, source, ...others } = draft
        const filled = Object.fromEntries(Object.entries(others).filter(([, text]) => text.trim() !== ''))
        const { hosts, secrets } = stored ?? {}
        return functions.put(name.trim(), { source, hosts, secrets, ...filled })
      },
      done: say('functions.saved'),
      then: () => onStored(draft.name.trim()),
    })
  const run = (): void =>
    program.run((onLog) =>
      functions.run(draft.name, { onLog, ...(given.trim() === '' ? {} : { given: JSON.parse(given) as unknown }) }),
    )
  return (
    <Panel title={stored?.name ?? say('functions.new')} isWide>
      <DraftFields draft={draft} onChange={onChange} isNew={stored === undefined} />
      <CodeEditor
        label={say('functions.source')}
        value={draft.source}
        onChange={(source) => onChange({ ...draft, source })}
      />
      <Fault error={error} />
      <div className="tool-form">
        <Granted need="everything">
          <button type="button" className="button primary" disabled={isActing || isPast} onClick={save}>
            {say('app.save')}
          </button>
        </Granted>
        {stored === undefined ? null : (
          <>
            <label className="grow">
              {say('functions.given')}
              <input value={given} placeholder='{"name":"Ada"}' onChange={({ target }) => setGiven(target.value)} />
            </label>
            <button
              type="button"
              className="button"
              disabled={isPast || isChanged || program.isRunning}
              title={isChanged ? say('functions.saveFirst') : undefined}
              onClick={run}
            >
              {say('functions.run')}
            </button>
          </>
        )}
      </div>
      <ProgramResult program={program} />
    </Panel>
  )
}

interface DraftFieldsProps {
  readonly draft: Draft
  readonly onChange: (draft: Draft) => void
  readonly isNew: boolean
}

function DraftFields({ draft, onChange, isNew }: DraftFieldsProps): ReactNode {
  const say = useToolTexts()
  const fields = [
    ...(isNew ? [{ name: 'name', label: say('functions.name'), example: 'welcome' } as const] : []),
    { name: 'on', label: say('functions.on'), example: 'Contact.qualified' },
    { name: 'schedule', label: say('functions.schedule'), example: '0 9 * * 1' },
    { name: 'description', label: say('functions.about'), example: '' },
  ] as const
  return (
    <div className="tool-form">
      {fields.map(({ name, label, example }) => (
        <label key={name} className="grow">
          {label}
          <input
            value={draft[name]}
            placeholder={example}
            onChange={({ target }) => onChange({ ...draft, [name]: target.value })}
          />
        </label>
      ))}
      <p className="soft small">{say('functions.onHint')}</p>
    </div>
  )
}
