// A playground for code next to the data: it completes names from the catalog, shows what the code would write, and performs exactly
// that.

import type { DryRun } from '@headlessly/sdk'
import { type ReactNode, useState } from 'react'
import { useToolTexts } from '../base/tool-texts.ts'
import { useAct } from '../data/use-act.ts'
import { useScene } from '../data/workspace-context.tsx'
import { CodeEditor } from '../ui/code-editor.tsx'
import { EventPreview } from '../ui/event-preview.tsx'
import { Fault, Panel } from '../ui/panel.tsx'
import { ProgramResult, useProgram } from './program-result.tsx'

const firstCode = 'async ($) => {\n  const open = await $.Deal.find({ closedAt: null })\n  return open.length\n}'

export function Playground(): ReactNode {
  const say = useToolTexts()
  const { workspace, at } = useScene()
  const { client } = workspace
  const [code, setCode] = useState(firstCode)
  const [tried, setTried] = useState<DryRun<unknown> | undefined>(undefined)
  const program = useProgram()
  const { act, isActing, error, reset } = useAct()
  const tryOut = (): void => {
    reset()
    setTried(undefined)
    program.run(async (onLog) => {
      const trial = await client.do(code, { dryRun: true, onLog })
      setTried(trial)
      return trial.result
    })
  }
  return (
    <Panel title={say('agents.playground')} hint={say('do.hint')}>
      <CodeEditor
        label={say('do.code')}
        value={code}
        onRun={tryOut}
        onChange={(next) => {
          setCode(next)
          setTried(undefined)
        }}
      />
      <p className="soft small">{say('do.keys')}</p>
      <div className="actions">
        <button type="button" className="button primary" disabled={program.isRunning} onClick={tryOut}>
          {say('do.try')}
        </button>
        <button
          type="button"
          className="button"
          disabled={at !== undefined || isActing || tried?.plan === undefined || tried.plan === null}
          onClick={() =>
            act({
              work: () => client.plans.execute(tried?.plan ?? ''),
              done: say('do.done'),
              then: () => setTried(undefined),
            })
          }
        >
          {say('do.perform')}
        </button>
      </div>
      <Fault error={error} />
      <ProgramResult program={program} />
      {tried === undefined ? null : <Writes tried={tried} />}
    </Panel>
  )
}

function Writes({ tried }: { readonly tried: DryRun<unknown> }): ReactNode {
  const say = useToolTexts()
  return (
    <div className="preview" role="status">
      <h3>{say('do.would')}</h3>
      {tried.refusals.map(({ problem }, at) => (
        <Fault key={at} error={problem.detail} />
      ))}
      {tried.events.length === 0 ? <p className="soft">{say('do.nothing')}</p> : <EventPreview events={tried.events} />}
    </div>
  )
}
