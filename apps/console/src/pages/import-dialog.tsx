// Imports a file or a pasted table: first it shows what would happen, then the progress, the refused rows, and the undo.

import type { ImportOptions, PlannedImport, ServerJob } from '@headlessly/sdk'
import { useMutation, type UseMutationResult } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { fieldLabel, nounLabel } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import type { NounInfo } from '../data/noun-schema.ts'
import { storeBegunImport } from '../data/begun-import.ts'
import { type Acting, useAct } from '../data/use-act.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { textToValue } from '../ui/field-editor.tsx'
import { Fault } from '../ui/panel.tsx'
import { ImportChoices, type Choices, optionsOf } from './import-choices.tsx'
import { ImportProgress } from './import-progress.tsx'
import { ValuesForAll } from './import-values.tsx'

interface ImportDialogProps {
  readonly info: NounInfo
  readonly pasted: string | undefined
  readonly onClose: () => void
}

export function ImportDialog({ info, pasted, onClose }: ImportDialogProps): ReactNode {
  const say = useToolTexts()
  const { language } = useSettings()
  const importing = useImport(info, pasted)
  const { file, choices, job, plan, tryWith, setChoices, run, undo, acting } = importing
  return (
    <Dialog
      title={say('import.title', { name: nounLabel(info.name, language.words, 'many') })}
      onClose={onClose}
      className="wide-dialog"
    >
      {job !== undefined ? (
        <ImportProgress job={job} isActing={acting.isActing} onUndo={(id) => undo(id, onClose)} />
      ) : (
        <>
          {pasted === undefined ? (
            <label className="tool-form">
              {say('import.file')}
              <input
                type="file"
                accept=".csv,.tsv,.json,.ndjson,.xlsx,.parquet,.txt"
                onChange={({ target }) => tryWith(target.files?.[0], { ...choices, columns: {}, values: {} })}
              />
            </label>
          ) : (
            <p>{say('import.pasted')}</p>
          )}
          <ImportChoices choices={choices} onChange={(next) => (setChoices(next), plan.reset())} />
          {plan.data === undefined ? null : <Mapping info={info} importing={importing} planned={plan.data} />}
        </>
      )}
      <Fault error={plan.error ?? acting.error} />
      {job !== undefined || file === undefined ? null : (
        <div className="actions">
          <button type="button" className="button" disabled={plan.isPending} onClick={() => tryWith(file, choices)}>
            {say('import.try')}
          </button>
          <button
            type="button"
            className="button primary"
            disabled={acting.isActing || plan.data === undefined || plan.data.questions.length > 0}
            onClick={() => run(file)}
          >
            {say('import.run')}
          </button>
        </div>
      )}
    </Dialog>
  )
}

interface Importing {
  readonly file: File | undefined
  readonly choices: Choices
  readonly job: ServerJob | undefined
  readonly plan: UseMutationResult<PlannedImport, Error, Trial>
  readonly acting: Acting
  readonly setChoices: (choices: Choices) => void
  /** The dry run is shown as soon as it can be, since nothing is imported before. */
  readonly tryWith: (of: File | undefined, by: Choices) => void
  readonly run: (of: File) => void
  readonly undo: (job: string, then: () => void) => void
}

interface Trial {
  readonly of: File
  readonly by: Choices
}

function useImport(info: NounInfo, pasted: string | undefined): Importing {
  const say = useToolTexts()
  const { workspace } = useScene()
  const { imports, commits } = workspace.client
  const [file, setFile] = useState<File | undefined>(
    pasted === undefined ? undefined : new File([pasted], 'pasted.tsv', { type: 'text/tab-separated-values' }),
  )
  const [choices, setChoices] = useState<Choices>({ unmapped: 'metadata' })
  const [job, setJob] = useState<ServerJob | undefined>(undefined)
  const optionsBy = (by: Choices, of: File): ImportOptions => ({
    file: of.name,
    ...optionsOf(by, {
      name: of.name,
      valueOf: (name, text) => {
        const field = info.fields.find((one) => one.name === name)
        return field === undefined ? text : textToValue(field, text, by.values?.['currency'] ?? workspace.currency)
      },
    }),
  })
  const show = (running: ServerJob): void => {
    setJob(running)
    storeBegunImport({ tenant: workspace.tenant, noun: info.name }, running.id)
  }
  const plan = useMutation({ mutationFn: ({ of, by }: Trial) => imports.plan(info.name, of, optionsBy(by, of)) })
  const acting = useAct()
  return {
    file,
    choices,
    job,
    plan,
    acting,
    setChoices,
    tryWith: (of, by) => {
      setFile(of)
      setChoices(by)
      if (of === undefined) plan.reset()
      else plan.mutate({ of, by })
    },
    run: (of) =>
      acting.act({
        work: async () => setJob(await imports.run(info.name, of, { ...optionsBy(choices, of), onProgress: show })),
      }),
    undo: (id, then) => acting.act({ work: () => commits.undo({ job: id }), done: say('agents.undone'), then }),
  }
}

interface MappingProps {
  readonly info: NounInfo
  readonly importing: Importing
  readonly planned: PlannedImport
}

/** What would happen, and what a person can change about it. */
function Mapping({ info, importing, planned }: MappingProps): ReactNode {
  const { file, choices, setChoices, tryWith } = importing
  return (
    <>
      <ValuesForAll
        info={info}
        planned={planned}
        values={choices.values ?? {}}
        onChange={(values) => setChoices({ ...choices, values })}
        onDone={(values) => tryWith(file, { ...choices, values })}
      />
      <Planned
        info={info}
        planned={planned}
        onColumn={(header, to) => tryWith(file, { ...choices, columns: { ...choices.columns, [header]: to } })}
      />
    </>
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
