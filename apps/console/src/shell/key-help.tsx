// The list of keys, loaded when somebody asks for it.

import type { ReactNode } from 'react'
import type { ToolMessageName } from '../base/tool-messages-en.ts'
import { useToolTexts } from '../base/tool-texts.ts'
import { Dialog } from '../ui/dialog.tsx'

type KeyLine = readonly [keys: string, says: ToolMessageName]

const groups: readonly (readonly [title: ToolMessageName, lines: readonly KeyLine[]])[] = [
  [
    'help.navigate',
    [
      ['Ctrl K', 'help.palette'],
      ['g h', 'help.gh'],
      ['g c d o i t u', 'help.gl'],
      ['g x r a p', 'help.tools'],
      ['g n', 'help.n'],
      ['Ctrl Z', 'help.undo'],
      ['?', 'help.help'],
    ],
  ],
  [
    'help.grid',
    [
      ['← ↑ → ↓', 'help.arrows'],
      ['Enter', 'help.enter'],
      ['Esc', 'help.esc'],
      ['Space', 'help.space'],
      ['o', 'help.o'],
      ['Del', 'help.del'],
      ['/', 'help.slash'],
      ['c', 'help.c'],
      ['m', 'help.m'],
    ],
  ],
  [
    'help.record',
    [
      ['e', 'help.e'],
      ['v', 'help.verbs'],
      ['h', 'help.h'],
    ],
  ],
]

export function KeyHelp({ onClose }: { readonly onClose: () => void }): ReactNode {
  const say = useToolTexts()
  return (
    <Dialog title={say('help.title')} onClose={onClose}>
      <div className="key-help">
        {groups.map(([title, lines]) => (
          <section key={title}>
            <h3>{say(title)}</h3>
            <dl>
              {lines.map(([keys, says]) => (
                <div key={says}>
                  <dt>
                    <kbd>{keys}</kbd>
                  </dt>
                  <dd>{say(says)}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  )
}
