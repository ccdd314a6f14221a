// Theme, language and account, at the foot of the navigation.

import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { languageNames, type LanguageName } from '../base/language.ts'
import type { Theme } from '../base/preferences.ts'
import { useSettings } from '../base/settings-context.tsx'
import { account } from '../data/workspace.ts'

const themes: readonly Theme[] = ['system', 'light', 'dark']

export function Preferences(): ReactNode {
  const { say, preferences, setPreferences } = useSettings()
  return (
    <div className="preferences">
      <AccountLine />
      <a href="/docs">{say('nav.docs')}</a>
      <label>
        <span className="visually-hidden">{say('theme.label')}</span>
        <select
          value={preferences.theme}
          onChange={({ target }) =>
            setPreferences({ ...preferences, theme: themes.find((name) => name === target.value) ?? 'system' })
          }
        >
          {themes.map((name) => (
            <option key={name} value={name}>
              {say(`theme.${name}`)}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span className="visually-hidden">{say('language.label')}</span>
        <select
          value={preferences.language}
          onChange={({ target }) => setPreferences({ ...preferences, language: target.value === 'de' ? 'de' : 'en' })}
        >
          {(Object.keys(languageNames) as LanguageName[]).map((name) => (
            <option key={name} value={name} lang={name}>
              {languageNames[name]}
            </option>
          ))}
        </select>
      </label>
    </div>
  )
}

/** Signing in and out are pages of the server. */
function AccountLine(): ReactNode {
  const { say } = useSettings()
  const { data: person } = useQuery({
    queryKey: ['account'],
    queryFn: ({ signal }) => account.read({ signal }),
    staleTime: Infinity,
  })
  if (person === undefined) return null
  if (person === null)
    return (
      <a href={`/sign-in?to=${encodeURIComponent(location.pathname)}`} title={say('nav.open.access')}>
        {say('nav.signIn')}
      </a>
    )
  return (
    <div className="account">
      <a href="/account">{person.account.name}</a>
      <form method="post" action="/sign-out">
        <button type="submit" className="button quiet small">
          {say('nav.signOut')}
        </button>
      </form>
    </div>
  )
}
