// Navigation: the tenant, home, and the types of records by domain. Types without records are folded away.

import { type ReactNode, useState } from 'react'
import { Link, usePlace } from '../base/navigation.tsx'
import { fieldLabel, nounLabel } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import { grantedTools } from '../base/tools.ts'
import { isVisitType } from '../data/kept-types.ts'
import { useCounts } from '../data/use-home.ts'
import type { TypeEntry } from '../data/workspace.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Icon } from '../ui/icon.tsx'
import { Preferences } from './preferences-menu.tsx'

/** Types that people work with every day come first. */
const domainOrder = [
  'crm',
  'billing',
  'support',
  'projects',
  'marketing',
  'content',
  'communication',
  'analytics',
  'experiments',
  'platform',
  'identity',
  'more',
]

export function Sidebar({ onNavigate }: { readonly onNavigate: () => void }): ReactNode {
  const { say } = useSettings()
  const { tenant, whoami } = useScene().workspace
  return (
    <div className="sidebar-inner" onClick={({ target }) => isInLink(target) && onNavigate()}>
      <Link to={{ search: {} }} className="tenant" title={say('nav.switch')}>
        <span className="tenant-mark" aria-hidden="true">
          {tenant.slice(0, 1).toUpperCase()}
        </span>
        <span className="tenant-name">{tenant}</span>
        <span className="visually-hidden">{say('nav.switch')}</span>
        <Icon name="down" />
      </Link>
      <nav aria-label={say('nav.types')}>
        <ul className="nav-list">
          <li>
            <Link to={{ tenant, search: {} }}>
              <Icon name="home" />
              {say('nav.home')}
            </Link>
          </li>
          {grantedTools(whoami).map(({ tool, id }) => (
            <li key={tool.name}>
              <Link to={{ tenant, noun: tool.name, id, search: {} }}>
                <Icon name={tool.icon} />
                {say(tool.label)}
              </Link>
            </li>
          ))}
        </ul>
        <Types />
      </nav>
      <Preferences />
    </div>
  )
}

/** A click hits the label or the count inside of a link. */
function isInLink(target: EventTarget): boolean {
  return target instanceof Element && target.closest('a') !== null
}

function Types(): ReactNode {
  const { say, language } = useSettings()
  const { workspace, at } = useScene()
  const { data: status } = useCounts()
  const { noun: current } = usePlace()
  const [showsAll, setShowsAll] = useState(false)
  // The status counts what there is now.
  const counts = at === undefined ? (status?.entities ?? {}) : {}
  const isShown = ({ name, domain }: TypeEntry): boolean =>
    showsAll ||
    name === current ||
    (!isVisitType(name) && (status === undefined || domain === 'crm' || (status.entities[name] ?? 0) > 0))
  const groups = domainOrder.flatMap((domain) => {
    const members = [...workspace.types.values()].filter((type) => type.domain === domain && isShown(type))
    return members.length === 0 ? [] : [{ domain, members }]
  })
  return (
    <>
      {groups.map(({ domain, members }) => (
        <div key={domain} className="domain" role="group" aria-labelledby={`domain-${domain}`}>
          <h2 id={`domain-${domain}`}>
            {domain === 'crm' ? (language.words['crm'] ?? 'CRM') : fieldLabel(domain, language.words)}
          </h2>
          <ul className="nav-list">
            {members.map(({ name }) => (
              <TypeLink key={name} name={name} label={nounLabel(name, language.words, 'many')} count={counts[name]} />
            ))}
          </ul>
        </div>
      ))}
      <button
        type="button"
        className="button quiet small"
        aria-expanded={showsAll}
        onClick={() => setShowsAll(!showsAll)}
      >
        {say(showsAll ? 'nav.fewer' : 'nav.all')}
      </button>
    </>
  )
}

interface TypeLinkProps {
  readonly name: string
  readonly label: string
  readonly count: number | undefined
}

function TypeLink({ name, label, count }: TypeLinkProps): ReactNode {
  const { format } = useSettings()
  const { workspace } = useScene()
  return (
    <li>
      <Link to={{ tenant: workspace.tenant, noun: name, search: {} }}>
        <span className="nav-label">{label}</span>
        {count === undefined ? null : <span className="count">{format.number(count)}</span>}
      </Link>
    </li>
  )
}
