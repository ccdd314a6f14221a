// Imports a file or a pasted table: first it shows what would happen, then the progress, the refused rows, and the undo.

import type { PlannedImport, ServerJob } from '@headlessly/sdk'
import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import type { NounInfo } from '../data/noun-schema.ts'
import { useAct } from '../data/use-act.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Fault } from '../ui/panel.tsx'
import { ImportChoices, type Choices, optionsOf } from './import-choices.tsx'
import { RefusedRows } from './refused-rows.tsx'

interface ImportDialogProps {
  readonly info: NounInfo
  readonly pasted: string | undefined
  readonly onClose: () => void
}

export function ImportDialog({ info, pasted, onClose }: ImportDialogProps): ReactNode {
  const say = useToolTexts()
  const { workspace } = useScene()
  const { imports, commits } = workspace.client
  const [file, setFile] = useState<File | undefined>(
    pasted === undefined ? undefined : new File([pasted], 'pasted.tsv', { type: 'text/tab-separated-values' }),
  )
  const [choices, setChoices] = useState<Choices>({})
  const [job, setJob] = useState<ServerJob | undefined>(undefined)
  const given = { file: file?.name, ...optionsOf(choices, file?.name) }
  const plan = useMutation({ mutationFn: (of: File) => imports.plan(info.name, of, given) })
  const { act, isActing, error } = useAct()
  const run = (of: File): void =>
    act({ work: async () => setJob(await imports.run(info.name, of, { ...given, onProgress: setJob })) })
  const undo = (id: string): void =>
    act({ work: () => commits.undo({ job: id }), done: say('agents.undone'), then: onClose })
  return (
    <Dialog title={say('import.title', { name: info.name })} onClose={onClose} className="wide-dialog">
      {job !== undefined ? (
        <Progress job={job} isActing={isActing} onUndo={undo} />
      ) : (
        <>
          {pasted === undefined ? (
            <label className="tool-form">
              {say('import.file')}
              <input
                type="file"
                accept=".csv,.tsv,.json,.ndjson,.xlsx,.parquet,.txt"
                onChange={({ target }) => (setFile(target.files?.[0]), plan.reset())}
              />
            </label>
          ) : (
            <p>{say('import.pasted')}</p>
          )}
          <ImportChoices choices={choices} onChange={(next) => (setChoices(next), plan.reset())} />
          {plan.data === undefined ? null : <Planned planned={plan.data} />}
        </>
      )}
      <Fault error={plan.error ?? error} />
      {job !== undefined || file === undefined ? null : (
        <div className="actions">
          <button type="button" className="button" disabled={plan.isPending} onClick={() => plan.mutate(file)}>
            {say('import.try')}
          </button>
          <button
            type="button"
            className="button primary"
            disabled={isActing || plan.data === undefined || plan.data.questions.length > 0}
            onClick={() => run(file)}
          >
            {say('import.run')}
          </button>
        </div>
      )}
    </Dialog>
  )
}

function Planned({ planned }: { readonly planned: PlannedImport }): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  const { counts, plan, questions, refused } = planned
  return (
    <div className="preview" role="status">
      <p>{say('import.would', { rows: format.number(counts.rows), refused: format.number(counts.refused) })}</p>
      <ul>
        {plan.columns.map((column, at) => (
          <li key={at}>
            {String(column['header'] ?? column['column'])} → {String(column['field'] ?? column['to'] ?? '–')}
          </li>
        ))}
      </ul>
      {questions.map(({ option, message }) => (
        <p key={`${option}.${message}`} className="fault">
          {message}
        </p>
      ))}
      {refused.slice(0, 5).map(({ line, reason }) => (
        <p key={line} className="fault">
          {say('import.line', { line })}: {reason}
        </p>
      ))}
    </div>
  )
}

interface ProgressProps {
  readonly job: ServerJob
  readonly isActing: boolean
  readonly onUndo: (id: string) => void
}

function Progress({ job, isActing, onUndo }: ProgressProps): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  const { id, state, done, total, refused, error } = job
  return (
    <div role="status">
      <p>
        {say(state === 'running' ? 'import.running' : 'import.ended', {
          done: format.number(done - refused),
          total: format.number(total),
          refused: format.number(refused),
        })}
      </p>
      <progress aria-label={say('import.progress')} max={Math.max(1, total)} value={done} />
      <Fault error={error} />
      {refused > 0 && state !== 'running' ? <RefusedRows job={id} /> : null}
      {state === 'running' ? null : (
        <div className="actions">
          <button type="button" className="button" disabled={isActing || done === refused} onClick={() => onUndo(id)}>
            {say('import.undo')}
          </button>
        </div>
      )}
    </div>
  )
}
