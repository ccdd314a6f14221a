// A text field for code over the client `$`: it completes types, verbs and fields from the catalog. Arrow keys choose, Enter or Tab
// takes a choice once one is marked, and Escape closes the list, so that Tab leaves the field.

import { type KeyboardEvent, type ReactNode, useId, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { useNounInfo } from '../data/noun-schema.ts'
import { useScene } from '../data/workspace-context.tsx'
import { completionAt, type Completion, nounAt } from './completion.ts'

interface CodeEditorProps {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  /** Ctrl+Enter. */
  readonly onRun?: (() => void) | undefined
  readonly describedBy?: string
}

const shownMax = 12
const none: Completion = { from: 0, words: [] }

export function CodeEditor({ label, value, onChange, onRun, describedBy }: CodeEditorProps): ReactNode {
  const list = useId()
  const field = useRef<HTMLTextAreaElement>(null)
  const [caret, setCaret] = useState<number | undefined>(undefined)
  const [marked, setMarked] = useState(-1)
  const { workspace } = useScene()
  const noun = caret === undefined ? undefined : nounAt(value, caret)
  const { data } = useNounInfo(noun !== undefined && workspace.types.has(noun) ? noun : 'Contact')
  const info = data?.name === noun ? data : undefined
  const { from, words } =
    caret === undefined ? none : completionAt({ text: value, caret, types: [...workspace.types.keys()], info })
  const shown = words.slice(0, shownMax)
  const close = (): void => {
    setCaret(undefined)
    setMarked(-1)
  }
  const take = (word: string | undefined): void => {
    if (word === undefined || caret === undefined) return
    const end = from + word.length
    // The caret is in its place before the next key, however fast somebody types.
    flushSync(() => {
      onChange(value.slice(0, from) + word + value.slice(caret))
      close()
    })
    field.current?.focus()
    field.current?.setSelectionRange(end, end)
  }
  const press = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) onRun?.()
    else if (shown.length === 0) return
    else if (event.key === 'Escape') close()
    else if (event.key === 'ArrowDown' || event.key === 'ArrowUp')
      setMarked((marked + (event.key === 'ArrowDown' ? 1 : -1) + shown.length) % shown.length)
    else if (event.key === 'Tab' && !event.shiftKey) take(shown[Math.max(0, marked)])
    else if (event.key === 'Enter' && marked >= 0) take(shown[marked])
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <div className="code-editor">
      <textarea
        ref={field}
        aria-label={label}
        aria-describedby={describedBy}
        aria-autocomplete="list"
        aria-controls={list}
        aria-activedescendant={marked >= 0 && shown.length > 0 ? `${list}-${marked}` : undefined}
        spellCheck={false}
        autoCapitalize="off"
        value={value}
        onKeyDown={press}
        onBlur={close}
        onChange={({ target }) => {
          onChange(target.value)
          setCaret(target.selectionStart)
          setMarked(-1)
        }}
      />
      <ul id={list} role="listbox" aria-label={label} hidden={shown.length === 0}>
        {shown.map((word, at) => (
          <li
            key={word}
            id={`${list}-${at}`}
            role="option"
            aria-selected={at === marked}
            onPointerDown={(event) => (event.preventDefault(), take(word))}
          >
            {word}
          </li>
        ))}
      </ul>
    </div>
  )
}
