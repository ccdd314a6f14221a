// The rules that say what needs the consent of a person.

import type { ApprovalRule } from '@headlessly/sdk'
import { type FormEvent, type ReactNode } from 'react'
import { nounLabel, verbLabel } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import { useAct } from '../data/use-act.ts'
import { useAsk } from '../data/use-ask.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Fault, Loaded, Panel } from '../ui/panel.tsx'
import { PlainTable } from '../ui/plain-table.tsx'

const kinds = ['sends', 'pays', 'grants', 'deletes'] as const
const callers = ['agent', 'key', 'person'] as const

export function ApprovalRules(): ReactNode {
  const say = useToolTexts()
  const { access } = useScene().workspace.client
  const rules = useAsk({ of: '*', name: ['approval-rules'], read: (_, signal) => access.approvalRules({ signal }) })
  const { act, error } = useAct()
  const set = (next: readonly ApprovalRule[]): void =>
    act({ work: () => access.setApprovalRules(next), done: say('approvals.rulesSaved') })
  return (
    <Panel title={say('approvals.rules')} hint={say('approvals.rulesHint')}>
      <Loaded of={rules}>
        {(all) => (
          <>
            <RuleTable rules={all} onRemove={(name) => set(all.filter((rule) => rule.name !== name))} />
            <NewRule onAdd={(rule) => set([...all, rule])} />
          </>
        )}
      </Loaded>
      <Fault error={error} />
    </Panel>
  )
}

interface RuleTableProps {
  readonly rules: readonly ApprovalRule[]
  readonly onRemove: (name: string) => void
}

function RuleTable({ rules, onRemove }: RuleTableProps): ReactNode {
  const say = useToolTexts()
  const { language } = useSettings()
  const callersOf = (given: readonly (typeof callers)[number][] | undefined): string =>
    given?.map((caller) => say(`approvals.${caller}`)).join(', ') ?? say('approvals.any')
  return (
    <PlainTable
      label={say('approvals.rules')}
      rows={rules}
      keyOf={({ name }) => name}
      empty={say('approvals.noRules')}
      columns={[
        { label: say('approvals.rule'), cell: ({ name }) => name },
        {
          label: say('approvals.what'),
          cell: ({ types, verbs, kinds: of, where }) =>
            [
              ...(types ?? []).map((type) => nounLabel(type, language.words)),
              ...(verbs ?? []).map((verb) => verbLabel(verb, language.words)),
              ...(of ?? []).map((kind) => say(`approvals.${kind}`)),
              ...(where ? [JSON.stringify(where)] : []),
            ].join(', ') || say('approvals.any'),
        },
        { label: say('approvals.callers'), cell: (rule) => callersOf(rule.callers) },
        {
          label: say('agents.actions'),
          cell: ({ name }) => (
            <button
              type="button"
              className="button small quiet danger"
              aria-label={say('approvals.removeRule', { name })}
              onClick={() => onRemove(name)}
            >
              {say('app.remove')}
            </button>
          ),
        },
      ]}
    />
  )
}

function NewRule({ onAdd }: { readonly onAdd: (rule: ApprovalRule) => void }): ReactNode {
  const say = useToolTexts()
  const { workspace } = useScene()
  const { language } = useSettings()
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const given = new FormData(event.currentTarget)
    const of = kinds.filter((kind) => given.get(kind) !== null)
    const by = callers.filter((caller) => given.get(caller) !== null)
    const type = String(given.get('type'))
    onAdd({
      name: String(given.get('name')),
      ...(of.length === 0 ? {} : { kinds: of }),
      ...(by.length === 0 ? {} : { callers: by }),
      ...(type === '' ? {} : { types: [type] }),
    })
    event.currentTarget.reset()
  }
  return (
    <form className="tool-form" onSubmit={submit}>
      <label className="grow">
        {say('approvals.rule')}
        <input name="name" required maxLength={100} />
      </label>
      <label>
        {say('approvals.type')}
        <select name="type">
          <option value="">{say('approvals.any')}</option>
          {[...workspace.types.keys()].map((name) => (
            <option key={name} value={name}>
              {nounLabel(name, language.words)}
            </option>
          ))}
        </select>
      </label>
      <fieldset>
        <legend>{say('approvals.kinds')}</legend>
        {kinds.map((kind) => (
          <label key={kind}>
            <input type="checkbox" name={kind} /> {say(`approvals.${kind}`)}
          </label>
        ))}
      </fieldset>
      <fieldset>
        <legend>{say('approvals.callers')}</legend>
        {callers.map((caller) => (
          <label key={caller}>
            <input type="checkbox" name={caller} defaultChecked={caller === 'agent'} /> {say(`approvals.${caller}`)}
          </label>
        ))}
      </fieldset>
      <button type="submit" className="button">
        {say('approvals.addRule')}
      </button>
    </form>
  )
}
