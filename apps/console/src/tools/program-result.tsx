// What a program has returned and printed, or why it failed.

import { type ReactNode, useState } from 'react'
import { useToolTexts } from '../base/tool-texts.ts'
import { Fault } from '../ui/panel.tsx'

export interface Program {
  readonly run: (work: (onLog: (line: string) => void) => Promise<unknown>) => void
  readonly isRunning: boolean
  /** Undefined before the first run. */
  readonly ended: { readonly value?: unknown; readonly error?: unknown; readonly logs: readonly string[] } | undefined
}

export function useProgram(): Program {
  const [isRunning, setIsRunning] = useState(false)
  const [ended, setEnded] = useState<Program['ended']>(undefined)
  const run: Program['run'] = (work) => {
    const logs: string[] = []
    setIsRunning(true)
    const attempt = async (): Promise<unknown> => work((line) => void logs.push(line))
    attempt()
      .then(
        (value) => setEnded({ value, logs }),
        (error: unknown) => setEnded({ error, logs }),
      )
      .finally(() => setIsRunning(false))
  }
  return { run, isRunning, ended }
}

const charactersMax = 20_000

export function ProgramResult({ program }: { readonly program: Program }): ReactNode {
  const say = useToolTexts()
  const { ended } = program
  if (ended === undefined) return null
  const text = ended.value === undefined ? 'undefined' : JSON.stringify(ended.value, null, 2)
  return (
    <div className="preview" role="status">
      {ended.logs.length === 0 ? null : (
        <>
          <h3>{say('do.printed')}</h3>
          <pre>{ended.logs.join('\n')}</pre>
        </>
      )}
      {ended.error === undefined ? (
        <>
          <h3>{say('do.result')}</h3>
          <pre>{text.length > charactersMax ? `${text.slice(0, charactersMax)}…` : text}</pre>
        </>
      ) : (
        <Fault error={ended.error} />
      )}
    </div>
  )
}
