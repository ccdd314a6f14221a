// The board of a type: a column for each state, and cards that move by verbs, by drag or by key. A move shows what its verb would
// do before it does it.

import { type DragEvent, type KeyboardEvent, type ReactNode, useState } from 'react'
import { Link } from '../base/navigation.tsx'
import { valueLabel } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import { useToast } from '../base/toast-context.ts'
import type { Entity } from '../data/entity.ts'
import type { Filter } from '../data/filter-terms.ts'
import { type FieldInfo, firstColumns, type NounInfo, titleField, titleOf } from '../data/noun-schema.ts'
import { type ChosenVerb, verbsOf } from '../data/possible-verbs.ts'
import { useGroups, useRows } from '../data/use-rows.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Title, Value } from '../ui/value.tsx'
import { choiceLabel } from './choice-label.ts'
import { VerbDialog } from './record-verbs.tsx'

interface BoardProps {
  readonly info: NounInfo
  readonly state: FieldInfo
  readonly filter: Filter
}

/** A card on its way, and the state to which it goes, if that is known. */
interface Move {
  readonly entity: Entity
  readonly to: string | undefined
}

const cardsMax = 50

export function Board({ info, state, filter }: BoardProps): ReactNode {
  const { say } = useSettings()
  const tell = useToast()
  const [dragged, setDragged] = useState<Entity | undefined>(undefined)
  const [move, setMove] = useState<Move | undefined>(undefined)
  const groups = useGroups({ noun: info.name, filter, by: state.name, sum: [] })
  const drop = (to: string): void => {
    if (dragged === undefined || dragged[state.name] === to) return
    if (choicesOf(info, dragged, to).length === 0) tell({ kind: 'failed', text: say('board.none') })
    else setMove({ entity: dragged, to })
    setDragged(undefined)
  }
  return (
    <>
      <p className="soft small">{say('board.hint')}</p>
      <div className="board">
        {(state.values ?? []).map((value) => (
          <Column
            key={value}
            info={info}
            filter={{ ...filter, [state.name]: value }}
            value={value}
            count={groups?.find(({ by }) => by[state.name] === value)?.count}
            onDrag={setDragged}
            onDrop={() => drop(value)}
            onMove={(entity) => setMove({ entity, to: undefined })}
          />
        ))}
      </div>
      {move === undefined ? null : <MoveDialog info={info} move={move} onClose={() => setMove(undefined)} />}
    </>
  )
}

function choicesOf(info: NounInfo, entity: Entity, to: string | undefined): readonly ChosenVerb[] {
  return verbsOf(info, entity).possible.filter(
    (choice) => choice.to !== undefined && (to === undefined || choice.to === to),
  )
}

interface ColumnProps {
  readonly info: NounInfo
  readonly filter: Filter
  readonly value: string
  readonly count: number | undefined
  readonly onDrag: (entity: Entity | undefined) => void
  readonly onDrop: () => void
  readonly onMove: (entity: Entity) => void
}

function Column({ info, filter, value, count, onDrag, onDrop, onMove }: ColumnProps): ReactNode {
  const { say, format, language } = useSettings()
  const { at } = useScene()
  const { rows } = useRows({ noun: info.name, filter, sort: '-$updatedAt', include: referencesOf(info) })
  const cards = rows.slice(0, cardsMax)
  const total = count ?? cards.length
  return (
    <section
      className="board-column"
      aria-label={`${valueLabel(value, language.words, info.name)}: ${total}`}
      onDragOver={(event: DragEvent) => at === undefined && event.preventDefault()}
      onDrop={onDrop}
    >
      <h2>
        {valueLabel(value, language.words, info.name)} <span className="count">{format.number(total)}</span>
      </h2>
      <ul>
        {cards.map((entity) => (
          <li
            key={entity.$id}
            draggable={at === undefined}
            onDragStart={() => onDrag(entity)}
            onDragEnd={() => onDrag(undefined)}
            onKeyDown={(event: KeyboardEvent) => event.key === 'm' && at === undefined && onMove(entity)}
          >
            <Card info={info} entity={entity} />
          </li>
        ))}
      </ul>
      {total > cards.length ? (
        <p className="soft small">{say('board.more', { count: format.number(total - cards.length) })}</p>
      ) : null}
    </section>
  )
}

function referencesOf(info: NounInfo): readonly string[] {
  const shown = new Set(firstColumns(info))
  return info.fields.filter(({ kind, name }) => kind === 'reference' && shown.has(name)).map(({ name }) => name)
}

function Card({ info, entity }: { readonly info: NounInfo; readonly entity: Entity }): ReactNode {
  const { workspace } = useScene()
  const shown = firstColumns(info)
    .filter((name) => name !== titleField(info) && name !== info.state && entity[name] !== undefined)
    .slice(0, 3)
  return (
    <>
      <Link to={{ tenant: workspace.tenant, noun: info.name, id: entity.$id, search: {} }} className="row-title">
        <Title entity={entity} />
      </Link>
      {shown.map((name) => {
        const field = info.fields.find((one) => one.name === name)
        return field === undefined ? null : (
          <span key={name} className="card-value">
            <Value field={field} entity={entity} info={info} />
          </span>
        )
      })}
    </>
  )
}

interface MoveDialogProps {
  readonly info: NounInfo
  readonly move: Move
  readonly onClose: () => void
}

/** The only verb that leads there is shown at once; of several the person chooses. */
function MoveDialog({ info, move, onClose }: MoveDialogProps): ReactNode {
  const { say, language } = useSettings()
  const choices = choicesOf(info, move.entity, move.to)
  const [chosen, setChosen] = useState<ChosenVerb | undefined>(choices.length === 1 ? choices[0] : undefined)
  if (chosen !== undefined) return <VerbDialog info={info} entity={move.entity} choice={chosen} onClose={onClose} />
  return (
    <Dialog title={`${titleOf(move.entity)}: ${say('board.move')}`} onClose={onClose}>
      {choices.length === 0 ? <p>{say('board.none')}</p> : null}
      <div className="actions">
        {choices.map((choice) => (
          <button
            key={`${choice.verb}.${choice.to}`}
            type="button"
            className="button"
            onClick={() => setChosen(choice)}
          >
            {choiceLabel({ choice, info, entity: move.entity, words: language.words, say })}
          </button>
        ))}
      </div>
    </Dialog>
  )
}
