// A new type of records, or new fields of one that is there. The difference is shown before anything is changed.

import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { go } from '../base/navigation.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import { useAct } from '../data/use-act.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Fault, Panel } from '../ui/panel.tsx'
import { FieldRows } from './field-rows.tsx'
import { type DraftField, definitionOf, firstFields } from './schema-draft.ts'

export function SchemaEditor(): ReactNode {
  const say = useToolTexts()
  const queries = useQueryClient()
  const { workspace, at } = useScene()
  const { schema } = workspace.client
  const [name, setName] = useState('')
  const [fields, setFields] = useState<readonly DraftField[]>(firstFields)
  const [shown, setShown] = useState<string | undefined>(undefined)
  const { act, isActing, error, reset } = useAct()
  const isAddition = workspace.types.has(name)
  const definition = definitionOf(fields)
  const text = JSON.stringify(definition)
  const change = (next: () => void): void => {
    next()
    setShown(undefined)
    reset()
  }
  const preview = (): void =>
    act({
      work: async () => {
        const trial = isAddition
          ? await schema.patch(name, definition, { dryRun: true })
          : await schema.put(name, definition, { dryRun: true })
        const [refusal] = trial.refusals
        if (refusal !== undefined) throw new Error(refusal.problem.detail)
      },
      then: () => setShown(text),
    })
  const activate = (): void =>
    act({
      work: () => (isAddition ? schema.patch(name, definition) : schema.put(name, definition)),
      done: say('types.active', { name }),
      then: () => {
        // The client learns the type when the business is opened again.
        void queries.invalidateQueries({ queryKey: ['workspace', workspace.tenant] })
        go({ tenant: workspace.tenant, noun: name, search: {} })
      },
    })
  return (
    <Panel title={say(isAddition ? 'types.extend' : 'types.new')} hint={say('types.hint')}>
      <div className="tool-form">
        <label>
          {say('types.name')}
          <input
            value={name}
            list="type-names"
            placeholder="Boat"
            onChange={({ target }) => change(() => setName(target.value))}
          />
        </label>
        <datalist id="type-names">
          {[...workspace.types.keys()].map((type) => (
            <option key={type} value={type} />
          ))}
        </datalist>
      </div>
      <FieldRows fields={fields} onChange={(next) => change(() => setFields(next))} />
      <Fault error={error} />
      {shown === text ? <Difference name={name} definition={definition} isAddition={isAddition} /> : null}
      <div className="actions">
        <button type="button" className="button" disabled={isActing || name === ''} onClick={preview}>
          {say('types.preview')}
        </button>
        <button
          type="button"
          className="button primary"
          disabled={isActing || at !== undefined || shown !== text}
          onClick={activate}
        >
          {say('types.activate')}
        </button>
      </div>
    </Panel>
  )
}

interface DifferenceProps {
  readonly name: string
  readonly definition: { readonly fields: Readonly<Record<string, string>> }
  readonly isAddition: boolean
}

function Difference({ name, definition, isAddition }: DifferenceProps): ReactNode {
  const say = useToolTexts()
  return (
    <div className="preview" role="status">
      <h3>{say(isAddition ? 'types.wouldExtend' : 'types.wouldAdd', { name })}</h3>
      <ul>
        {Object.entries(definition.fields).map(([field, type]) => (
          <li key={field}>
            <ins>
              {field}: {type}
            </ins>
          </li>
        ))}
      </ul>
    </div>
  )
}
