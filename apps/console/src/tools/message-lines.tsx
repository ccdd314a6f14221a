// The newest messages of a conversation, oldest first: those of the business at one side, those of the others at the other.

import type { ReactNode } from 'react'
import { valueLabel } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import type { Entity } from '../data/entity.ts'
import { Reference } from '../ui/value.tsx'

/** Messages that are read at first, and with each click for earlier ones. */
export const linesPerPage = 100
/** The most that one read may ask for. */
const linesMax = 1_000

interface MessageLinesProps {
  readonly lines: readonly Entity[]
  readonly hasMore: boolean
  readonly onMore: () => void
}

export function MessageLines({ lines, hasMore, onMore }: MessageLinesProps): ReactNode {
  const say = useToolTexts()
  return (
    <>
      {hasMore && lines.length < linesMax ? (
        <button type="button" className="button small" onClick={onMore}>
          {say('inbox.earlier')}
        </button>
      ) : null}
      <Lines lines={lines} />
    </>
  )
}

function Lines({ lines }: { readonly lines: readonly Entity[] }): ReactNode {
  const { format, language } = useSettings()
  return (
    <ol className="talk-lines">
      {lines.map(({ $id, $createdAt, body, direction, sender, channel, status, author }) => (
        <li key={$id} className={direction === 'Inbound' ? undefined : 'ours'}>
          <header>
            <Reference value={sender ?? author ?? ''} />
            <span>
              {[channel, status]
                .flatMap((value) => (typeof value === 'string' ? [valueLabel(value, language.words)] : []))
                .join(' · ')}
            </span>
            <time dateTime={$createdAt}>{format.time($createdAt)}</time>
          </header>
          {String(body)}
        </li>
      ))}
    </ol>
  )
}
