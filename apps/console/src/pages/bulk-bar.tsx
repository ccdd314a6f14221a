// Actions on all selected rows: a verb, a field, or a deletion, as one commit. First it is tried, and shown.

import type { Client, DryRun } from '@headlessly/sdk'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { fieldLabel, verbLabel } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import { useToast } from '../base/toast-context.ts'
import type { FieldInfo, NounInfo } from '../data/noun-schema.ts'
import { customVerbs } from '../data/possible-verbs.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { FieldEditor, textToValue } from '../ui/field-editor.tsx'

interface BulkBarProps {
  readonly info: NounInfo
  readonly selected: readonly string[]
  readonly onClear: () => void
}

/** `field:stage`, or the name of a verb. */
type Chosen = string

export function BulkBar({ info, selected, onClear }: BulkBarProps): ReactNode {
  const { say, format } = useSettings()
  const [chosen, setChosen] = useState<Chosen>('')
  return (
    <div className="bulk-bar" role="region" aria-label={say('list.selected', { count: selected.length })}>
      <strong aria-live="polite">{say('list.selected', { count: format.number(selected.length) })}</strong>
      <BulkChoice info={info} chosen={chosen} onChoose={setChosen} />
      <button type="button" className="button small quiet" onClick={onClear}>
        {say('bulk.clear')}
      </button>
      {chosen === '' ? null : (
        <BulkDialog info={info} chosen={chosen} selected={selected} onClose={() => setChosen('')} onDone={onClear} />
      )}
    </div>
  )
}

interface BulkChoiceProps {
  readonly info: NounInfo
  readonly chosen: Chosen
  readonly onChoose: (chosen: Chosen) => void
}

function BulkChoice({ info, chosen, onChoose }: BulkChoiceProps): ReactNode {
  const { say, language } = useSettings()
  const { callable: verbs } = customVerbs(info)
  const fields = info.disabled.includes('update')
    ? []
    : info.fields.filter(({ kind, type }) => kind !== 'reverse' && type !== 'json')
  if (verbs.length + fields.length === 0 && info.disabled.includes('delete'))
    return <span className="soft">{say('bulk.notYours')}</span>
  return (
    <select
      className="small"
      aria-label={say('bulk.verb')}
      value={chosen}
      onChange={({ target }) => onChoose(target.value)}
    >
      <option value="">{say('bulk.verb')} …</option>
      <optgroup label={say('record.verbs')}>
        {verbs.map((verb) => (
          <option key={verb} value={verb}>
            {verbLabel(verb, language.words, info.name)}
          </option>
        ))}
        {info.disabled.includes('delete') ? null : <option value="delete">{say('bulk.delete')}</option>}
      </optgroup>
      <optgroup label={say('bulk.set')}>
        {fields.map(({ name }) => (
          <option key={name} value={`field:${name}`}>
            {fieldLabel(name, language.words, info.name)}
          </option>
        ))}
      </optgroup>
    </select>
  )
}

interface BulkDialogProps {
  readonly info: NounInfo
  readonly chosen: Chosen
  readonly selected: readonly string[]
  readonly onClose: () => void
  readonly onDone: () => void
}

function BulkDialog({ info, chosen, selected, onClose, onDone }: BulkDialogProps): ReactNode {
  const { say, language, errorText } = useSettings()
  const { workspace } = useScene()
  const queries = useQueryClient()
  const tell = useToast()
  const field = info.fields.find(({ name }) => chosen === `field:${name}`)
  const [text, setText] = useState('')
  const write = {
    noun: info.name,
    verb: field === undefined ? chosen : 'update',
    data: field === undefined ? {} : { [field.name]: textToValue(field, text, workspace.currency) },
  }
  const trial = useMutation({ mutationFn: () => tryBatch(workspace.client, write, selected) })
  const performing = useMutation({
    mutationFn: (plan: string) => workspace.client.plans.execute(plan),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: [workspace.tenant] })
      tell({ kind: 'done', text: say('bulk.done', { count: selected.length }) })
      onClose()
      onDone()
    },
  })
  const tried = trial.data
  const title =
    field === undefined ? chosen : `${say('bulk.set')}: ${fieldLabel(field.name, language.words, field.noun)}`
  return (
    <Dialog title={title} onClose={onClose}>
      {field === undefined ? null : (
        <BulkValue field={field} text={text} onChange={(next) => (setText(next), trial.reset())} />
      )}
      {tried === undefined ? null : <Outcome tried={tried} />}
      {[trial.error, performing.error].map((error, at) =>
        error === null ? null : (
          <p key={at} className="fault" role="alert">
            {errorText(error)}
          </p>
        ),
      )}
      <div className="actions">
        {tried?.plan === undefined || tried.plan === null ? (
          <button type="button" className="button primary" disabled={trial.isPending} onClick={() => trial.mutate()}>
            {say('bulk.try')}
          </button>
        ) : (
          <button
            type="button"
            className="button primary"
            disabled={performing.isPending}
            onClick={() => performing.mutate(tried.plan ?? '')}
          >
            {say('bulk.do')}
          </button>
        )}
      </div>
    </Dialog>
  )
}

interface BulkWrite {
  readonly noun: string
  readonly verb: string
  readonly data: Readonly<Record<string, unknown>>
}

/** All of them or none; its plan performs exactly what was shown. */
function tryBatch(client: Client, { noun, verb, data }: BulkWrite, ids: readonly string[]): Promise<DryRun<unknown>> {
  return client.batch(
    (writes) => {
      const methods = Reflect.get(writes, noun) as Readonly<Record<string, (...given: unknown[]) => unknown>> // by its Noun
      const given = verb === 'delete' ? [] : [data]
      for (const id of ids) methods[verb]?.(id, ...given)
    },
    { dryRun: true },
  )
}

function BulkValue({
  field,
  text,
  onChange,
}: {
  readonly field: FieldInfo
  readonly text: string
  readonly onChange: (text: string) => void
}): ReactNode {
  const { language } = useSettings()
  return (
    <div className="fields">
      <FieldEditor
        field={{ ...field, required: false }}
        text={text}
        label={fieldLabel(field.name, language.words, field.noun)}
        onChange={onChange}
        autoFocus
      />
    </div>
  )
}

const shownRefusals = 5

function Outcome({ tried }: { readonly tried: DryRun<unknown> }): ReactNode {
  const { say, format, translate } = useSettings()
  const records = new Set(tried.events.map(({ target }) => target)).size
  if (tried.refusals.length === 0)
    return (
      <p role="status">
        {say('bulk.would', { count: format.number(tried.events.length), records: format.number(records) })}
      </p>
    )
  return (
    <div className="fault" role="alert">
      <p>{say('bulk.refused')}</p>
      <ul>
        {tried.refusals.slice(0, shownRefusals).map(({ problem }, at) => (
          <li key={at}>{translate(problem.detail)}</li>
        ))}
      </ul>
    </div>
  )
}
