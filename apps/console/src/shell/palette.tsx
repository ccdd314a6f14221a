// The command palette: types, records found by their words, and actions, by Ctrl+K from everywhere.

import { useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, type ReactNode, useEffect, useId, useState } from 'react'
import { go, type Place } from '../base/navigation.tsx'
import { nounLabel, valueLabel, type Words } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import { grantedTools } from '../base/tools.ts'
import { titleOf } from '../data/noun-schema.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Dialog } from '../ui/dialog.tsx'

interface Choice {
  readonly key: string
  readonly label: string
  readonly hint: string
  readonly to: Place
}

interface Kind {
  readonly tenant: string
  readonly name: string
  readonly kind: string
  readonly words: Words
}

/** Types that are searched for words, those that people look for most. */
const searched = ['Contact', 'Organization', 'Deal', 'Customer', 'Invoice', 'Ticket', 'Project', 'Issue']
const perType = 4
const restMs = 150
const wordMin = 2

export function Palette({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { say } = useSettings()
  const list = useId()
  const [text, setText] = useState('')
  const [active, setActive] = useState(0)
  const choices = useChoices(text)
  const choose = (choice: Choice | undefined): void => {
    if (choice === undefined) return
    onClose()
    go(choice.to)
  }
  const press = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step !== 0 && choices.length > 0) setActive((active + step + choices.length) % choices.length)
    else if (event.key === 'Enter') choose(choices[active])
    else return
    event.preventDefault()
  }
  return (
    <Dialog title={say('palette.title')} onClose={onClose} className="palette">
      <input
        type="text"
        role="combobox"
        autoFocus
        autoComplete="off"
        aria-label={say('palette.placeholder')}
        aria-expanded={choices.length > 0}
        aria-controls={list}
        aria-activedescendant={choices.length > 0 ? `${list}-${active}` : undefined}
        placeholder={say('palette.placeholder')}
        value={text}
        onKeyDown={press}
        onChange={({ target }) => {
          setText(target.value)
          setActive(0)
        }}
      />
      <ul id={list} role="listbox" aria-label={say('palette.title')} hidden={choices.length === 0}>
        {choices.map((choice, at) => (
          <li
            key={choice.key}
            id={`${list}-${at}`}
            role="option"
            aria-selected={at === active}
            onClick={() => choose(choice)}
          >
            {choice.label} <span className="soft">{choice.hint}</span>
          </li>
        ))}
      </ul>
      {choices.length === 0 ? <p className="soft">{say('palette.empty')}</p> : null}
    </Dialog>
  )
}

function useChoices(text: string): readonly Choice[] {
  const { say, language } = useSettings()
  const { workspace } = useScene()
  const { tenant } = workspace
  const records = useRecords(text)
  const places: readonly Choice[] = [
    { key: 'home', label: say('nav.home'), hint: '', to: { tenant, search: {} } },
    ...grantedTools(workspace.whoami).map(({ tool: { name, label }, id }) => ({
      key: name,
      label: say(label),
      hint: '',
      to: { tenant, noun: name, id, search: {} },
    })),
    ...[...workspace.types.values()].map(({ name }) => ({
      key: name,
      label: nounLabel(name, language.words, 'many'),
      hint: name,
      to: { tenant, noun: name, search: {} },
    })),
    ...[...workspace.types.values()].flatMap(({ name, kinds }) =>
      kinds.map((kind) => kindChoice({ tenant, name, kind, words: language.words })),
    ),
    { key: 'start', label: say('nav.switch'), hint: '', to: { search: {} } },
  ]
  const word = text.trim().toLowerCase()
  const shown = places.filter(
    ({ label, key }) => label.toLowerCase().includes(word) || key.toLowerCase().includes(word),
  )
  return [...shown.slice(0, word === '' ? 8 : 5), ...records]
}

/** Records of a kind, such as the articles among Content. */
function kindChoice({ tenant, name, kind, words }: Kind): Choice {
  const search = { f: JSON.stringify({ type: kind }) }
  const label = valueLabel(kind, words)
  return { key: `${name}.${kind}`, label, hint: nounLabel(name, words, 'many'), to: { tenant, noun: name, search } }
}

function useRecords(text: string): readonly Choice[] {
  const { language } = useSettings()
  const { workspace, reading } = useScene()
  const [word, setWord] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setWord(text.trim()), restMs)
    return () => clearTimeout(timer)
  }, [text])
  const { data = [] } = useQuery({
    enabled: word.length >= wordMin,
    queryKey: [workspace.tenant, 'palette', word, reading],
    queryFn: async ({ signal }) => {
      const types = searched.filter((name) => workspace.types.has(name))
      const options = { limit: perType, signal, ...reading }
      const pages = await Promise.allSettled(types.map((name) => workspace.entity(name).find({ $text: word }, options)))
      return pages.flatMap((page) => (page.status === 'fulfilled' ? page.value : []))
    },
  })
  return data.map((row) => ({
    key: row.$id,
    label: titleOf(row),
    hint: nounLabel(row.$type, language.words),
    to: { tenant: workspace.tenant, noun: row.$type, id: row.$id, search: {} },
  }))
}
