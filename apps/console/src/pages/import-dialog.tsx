// Imports a file or a pasted table: first it shows what would happen, then the progress, the refused rows, and the undo.

import type { PlannedImport, ServerJob } from '@headlessly/sdk'
import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { fieldLabel, nounLabel } from '../base/names.ts'
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
  const { language } = useSettings()
  const { workspace } = useScene()
  const { imports, commits } = workspace.client
  const [file, setFile] = useState<File | undefined>(
    pasted === undefined ? undefined : new File([pasted], 'pasted.tsv', { type: 'text/tab-separated-values' }),
  )
  const [choices, setChoices] = useState<Choices>({ unmapped: 'metadata' })
  const [job, setJob] = useState<ServerJob | undefined>(undefined)
  const plan = useMutation({
    mutationFn: ({ of, by }: { readonly of: File; readonly by: Choices }) =>
      imports.plan(info.name, of, { file: of.name, ...optionsOf(by, of.name) }),
  })
  /** The dry run is shown as soon as it can be, since nothing is imported before. */
  const tryWith = (of: File | undefined, by: Choices): void => {
    setFile(of)
    setChoices(by)
    if (of === undefined) plan.reset()
    else plan.mutate({ of, by })
  }
  const { act, isActing, error } = useAct()
  const run = (of: File): void =>
    act({
      work: async () => {
        const given = { file: of.name, ...optionsOf(choices, of.name), onProgress: setJob }
        setJob(await imports.run(info.name, of, given))
      },
    })
  const undo = (id: string): void =>
    act({ work: () => commits.undo({ job: id }), done: say('agents.undone'), then: onClose })
  return (
    <Dialog
      title={say('import.title', { name: nounLabel(info.name, language.words, 'many') })}
      onClose={onClose}
      className="wide-dialog"
    >
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
                onChange={({ target }) => tryWith(target.files?.[0], { ...choices, columns: {} })}
              />
            </label>
          ) : (
            <p>{say('import.pasted')}</p>
          )}
          <ImportChoices choices={choices} onChange={(next) => (setChoices(next), plan.reset())} />
          {plan.data === undefined ? null : (
            <Planned
              info={info}
              planned={plan.data}
              onColumn={(header, to) => tryWith(file, { ...choices, columns: { ...choices.columns, [header]: to } })}
            />
          )}
        </>
      )}
      <Fault error={plan.error ?? error} />
      {job !== undefined || file === undefined ? null : (
        <div className="actions">
          <button type="button" className="button" disabled={plan.isPending} onClick={() => tryWith(file, choices)}>
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

interface PlannedProps {
  readonly info: NounInfo
  readonly planned: PlannedImport
  readonly onColumn: (header: string, to: string) => void
}

function Planned({ info, planned, onColumn }: PlannedProps): ReactNode {
  const say = useToolTexts()
  const { format, translate } = useSettings()
  const { counts, plan, questions, refused } = planned
  return (
    <div className="preview" role="status">
      <p>{say('import.would', { rows: format.number(counts.rows), refused: format.number(counts.refused) })}</p>
      <ul>
        {plan.columns.map((column, at) => (
          <li key={at}>
            <ColumnField info={info} column={column} onChange={onColumn} />
          </li>
        ))}
      </ul>
      {questions.map(({ option, message }) => (
        <p key={`${option}.${message}`} className="fault">
          {translate(message)}
        </p>
      ))}
      {refused.slice(0, 5).map(({ line, reason }) => (
        <p key={line} className="fault">
          {say('import.line', { line })}: {translate(reason)}
        </p>
      ))}
    </div>
  )
}

interface ColumnFieldProps {
  readonly info: NounInfo
  readonly column: Readonly<Record<string, unknown>>
  readonly onChange: (header: string, to: string) => void
}

/** The field that takes a column, to choose another. */
function ColumnField({ info, column, onChange }: ColumnFieldProps): ReactNode {
  const say = useToolTexts()
  const { language } = useSettings()
  const header = String(column['header'] ?? column['column'])
  const to = targetOf(column)
  const fields = info.fields.filter(({ kind, readOnly }) => kind !== 'reverse' && readOnly !== true)
  const kept = `metadata.${header}`
  return (
    <label>
      {header} →{' '}
      <select className="small" value={to} onChange={({ target }) => onChange(header, target.value)}>
        <option value="">{say('import.ignore')}</option>
        <option value={kept}>{say('import.metadata')}</option>
        {to === '' || to === kept || fields.some(({ name }) => name === to) ? null : <option value={to}>{to}</option>}
        {fields.map(({ name }) => (
          <option key={name} value={name}>
            {fieldLabel(name, language.words, info.name)}
          </option>
        ))}
      </select>
    </label>
  )
}

/** The target of a column in the words of the option `columns`. */
function targetOf({ to, field, header }: Readonly<Record<string, unknown>>): string {
  if (to === 'field') return String(field)
  if (to === 'metadata') return `metadata.${String(field ?? header)}`
  return to === 'ignored' ? '' : `$${String(to)}`
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
