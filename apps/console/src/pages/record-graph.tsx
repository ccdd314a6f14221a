// The relations of a record as a picture: its neighbours and theirs. Each node is a link, in the order of the rings.

import type { ReactNode } from 'react'
import { Link, usePlace } from '../base/navigation.tsx'
import { fieldLabel, nounLabel } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import type { Entity } from '../data/entity.ts'
import type { NounInfo } from '../data/noun-schema.ts'
import { type GraphNode, relationGraph } from '../data/relation-graph.ts'
import { useAsk } from '../data/use-ask.ts'
import { useEntityName } from '../data/use-entity-name.ts'
import { useScene } from '../data/workspace-context.tsx'
import { graphLayout, type PlacedNode, viewBoxOf } from '../ui/graph-layout.ts'
import { Loaded, Panel } from '../ui/panel.tsx'

interface RecordGraphProps {
  readonly info: NounInfo
  readonly entity: Entity
}

const charactersMax = 22

export function RecordGraph({ info, entity }: RecordGraphProps): ReactNode {
  const say = useToolTexts()
  const { reading } = useScene()
  const graph = useAsk({
    of: '*',
    name: ['graph', entity.$id, entity.$version, reading],
    read: (workspace, signal) => relationGraph(workspace, { info, entity }, { signal, options: reading }),
  })
  return (
    <Panel title={say('graph.title')} hint={say('graph.hint')}>
      <Loaded of={graph}>{(nodes) => <Picture nodes={nodes} />}</Loaded>
    </Panel>
  )
}

function Picture({ nodes }: { readonly nodes: readonly GraphNode[] }): ReactNode {
  const say = useToolTexts()
  const places = graphLayout(nodes)
  return (
    <div className="table-scroll">
      <svg className="graph" viewBox={viewBoxOf([...places.values()])} role="group" aria-label={say('graph.title')}>
        {nodes.map(({ id, from, by }) => (
          <Edge key={id} from={places.get(from ?? '')} to={places.get(id)} by={by} />
        ))}
        {nodes.map((node) => (
          <Node key={node.id} node={node} place={places.get(node.id)} />
        ))}
      </svg>
    </div>
  )
}

interface EdgeProps {
  readonly from: PlacedNode | undefined
  readonly to: PlacedNode | undefined
  readonly by: string
}

function Edge({ from, to, by }: EdgeProps): ReactNode {
  const { language } = useSettings()
  if (from === undefined || to === undefined) return null
  return (
    <>
      <line x1={from.x} y1={from.y} x2={to.x} y2={to.y} className="graph-edge" />
      <text x={(from.x + to.x) / 2} y={(from.y + to.y) / 2} className="graph-by" aria-hidden="true">
        {fieldLabel(by, language.words)}
      </text>
    </>
  )
}

interface NodeProps {
  readonly node: GraphNode
  readonly place: PlacedNode | undefined
}

function Node({ node, place }: NodeProps): ReactNode {
  const { language } = useSettings()
  const { workspace } = useScene()
  const { search } = usePlace()
  if (place === undefined) return null
  const { id, type, depth } = node
  const named = useEntityName(node.title === id ? id : '')
  const title = named ?? node.title
  const short = title.length > charactersMax ? `${title.slice(0, charactersMax)}…` : title
  const to = { tenant: workspace.tenant, noun: type, id, search: { ...search, view: 'graph' } }
  return (
    <Link to={to} className={`graph-node depth-${depth}`} aria-label={`${nounLabel(type, language.words)}: ${title}`}>
      <circle cx={place.x} cy={place.y} r={depth === 0 ? 16 : depth === 1 ? 11 : 8} />
      <text x={place.x} y={place.y + 28}>
        {short}
      </text>
    </Link>
  )
}
