// The verbs of a record: those that are possible in its state, and why the others are not. Each is shown before it is done.

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { valueLabel, verbLabel } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import { useToast } from '../base/toast-context.ts'
import type { Entity } from '../data/entity.ts'
import type { NounInfo, VerbInfo } from '../data/noun-schema.ts'
import { type ChosenVerb, statesBefore, verbsOf } from '../data/possible-verbs.ts'
import { isDeletable } from '../data/offered-fields.ts'
import { refresh, useUndo } from '../data/use-change.ts'
import { useVerbTrial } from '../data/use-record.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { EventPreview, type PreviewedEvent } from '../ui/event-preview.tsx'
import { Loading } from '../ui/states.tsx'
import { type Given, noArguments, valuesOf, VerbArguments } from './verb-arguments.tsx'
import { choiceLabel } from './choice-label.ts'

interface RecordVerbsProps {
  readonly info: NounInfo
  readonly entity: Entity
}

export function RecordVerbs({ info, entity }: RecordVerbsProps): ReactNode {
  const { say, language } = useSettings()
  const { at } = useScene()
  const [chosen, setChosen] = useState<ChosenVerb | undefined>(undefined)
  const { possible, others, forbidden } = verbsOf(info, entity)
  if (at !== undefined || possible.length + others.length + forbidden.length === 0) return null
  return (
    <section className="verbs" aria-label={say('record.verbs')}>
      {possible.map((choice) => (
        <VerbButton
          key={`${choice.verb}.${choice.to ?? ''}`}
          info={info}
          entity={entity}
          choice={choice}
          onChoose={setChosen}
        />
      ))}
      {others.length + forbidden.length === 0 ? null : (
        <details className="other-verbs">
          <summary>{say('app.more')}</summary>
          <ul>
            {others.map((verb) => (
              <li key={verb}>
                <button type="button" className="button small" onClick={() => setChosen({ verb })}>
                  {verbLabel(verb, language.words, info.name)}
                </button>{' '}
                <span className="soft small">
                  {say('verb.onlyFrom', {
                    states: statesBefore(info, verb)
                      .map((state) => valueLabel(state, language.words, info.name))
                      .join(', '),
                  })}
                </span>
              </li>
            ))}
            {forbidden.map((verb) => (
              <li key={verb}>
                {verbLabel(verb, language.words)} <span className="soft small">{say('verb.notYours')}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
      {info.disabled.includes('delete') || !isDeletable(info, entity) ? null : (
        <button type="button" className="button small quiet danger" onClick={() => setChosen({ verb: 'delete' })}>
          {say('record.delete')}
        </button>
      )}
      {chosen === undefined ? null : (
        <VerbDialog info={info} entity={entity} choice={chosen} onClose={() => setChosen(undefined)} />
      )}
    </section>
  )
}

interface VerbButtonProps {
  readonly info: NounInfo
  readonly entity: Entity
  readonly choice: ChosenVerb
  readonly onChoose: (choice: ChosenVerb) => void
}

function VerbButton({ info, entity, choice, onChoose }: VerbButtonProps): ReactNode {
  const { say, language, translate } = useSettings()
  return (
    <button
      type="button"
      className="button small"
      title={translate(describe(info, choice.verb), info.name)}
      onClick={() => onChoose(choice)}
    >
      {choiceLabel({ choice, info, entity, words: language.words, say })}
    </button>
  )
}

function describe({ verbs }: NounInfo, verb: string): string | undefined {
  return verbs.find((one: VerbInfo) => one.verb === verb)?.description
}

interface VerbDialogProps extends RecordVerbsProps {
  readonly choice: ChosenVerb
  readonly onClose: () => void
}

/** Shows the dry run of the verb, and does exactly what was shown. */
export function VerbDialog({ info, entity, choice, onClose }: VerbDialogProps): ReactNode {
  const { say, language, translate, errorText } = useSettings()
  const { workspace } = useScene()
  const queries = useQueryClient()
  const tell = useToast()
  const undo = useUndo()
  const [typed, setTyped] = useState<Given>(noArguments)
  const given = valuesOf({ info, entity, choice, given: typed })
  const { data: trial, error } = useVerbTrial({
    noun: info.name,
    id: entity.$id,
    verb: choice.verb,
    data: given instanceof Error ? undefined : given,
  })
  const performing = useMutation({
    mutationFn: (plan: string) => workspace.client.plans.execute(plan),
    onSuccess: () => {
      const version = choice.verb === 'delete' ? undefined : entity.$version + 1
      void refresh(queries, workspace.tenant, info.name).then(() =>
        queries.invalidateQueries({ queryKey: [workspace.tenant] }),
      )
      tell({
        kind: 'done',
        text: `${verbLabel(choice.verb, language.words, info.name)}: ${say('change.saved')}`,
        action: { label: say('change.undo'), run: () => undo({ noun: info.name, id: entity.$id, version }) },
      })
      onClose()
    },
  })
  const refusal = trial?.refusals[0]?.problem.detail
  const plan = trial?.plan ?? undefined
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    // Nobody types yet, so Enter performs the verb.
    if (plan !== undefined && typed === noArguments && document.activeElement?.matches('input, textarea') !== true)
      button.current?.focus()
  }, [plan, typed])
  const refused = trial?.refusals[0]?.problem.field
  const fault = given instanceof Error ? given.message : (refusal ?? error ?? performing.error ?? undefined)
  return (
    <Dialog title={choiceLabel({ choice, info, entity, words: language.words, say })} onClose={onClose}>
      <p className="soft">{translate(describe(info, choice.verb), info.name)}</p>
      {choice.verb === 'delete' ? null : (
        <VerbArguments info={info} choice={choice} given={typed} refused={refused} onChange={setTyped} />
      )}
      {fault === undefined ? null : (
        <p className="fault" role="alert">
          {errorText(fault)}
        </p>
      )}
      {trial === undefined && fault === undefined ? <Loading rows={2} /> : null}
      {trial === undefined || refusal !== undefined ? null : <Preview events={trial.events} />}
      <div className="actions">
        <button
          type="button"
          className={choice.verb === 'delete' ? 'button danger' : 'button primary'}
          ref={button}
          disabled={plan === undefined || performing.isPending}
          onClick={() => performing.mutate(plan ?? '')}
        >
          {verbLabel(choice.verb, language.words, info.name)}
        </button>
        <button type="button" className="button quiet" onClick={onClose}>
          {say('app.cancel')}
        </button>
      </div>
    </Dialog>
  )
}

function Preview({ events }: { readonly events: readonly PreviewedEvent[] }): ReactNode {
  const { say } = useSettings()
  return (
    <div className="preview" role="status">
      <h3>{say('verb.preview')}</h3>
      <EventPreview events={events} />
    </div>
  )
}
