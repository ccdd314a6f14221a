// Language and theme of the page, for every component below.

import { createContext, type ReactNode, use, useEffect, useMemo, useState } from 'react'
import { type Format, makeFormat } from './format.ts'
import { fillIn, type Language, loadLanguage, type Say, withRareWords } from './language.ts'
import { type Preferences, readPreferences, storePreferences } from './preferences.ts'

interface Settings {
  readonly preferences: Preferences
  readonly setPreferences: (preferences: Preferences) => void
  readonly language: Language
  readonly say: Say
  readonly format: Format
}

const SettingsContext = createContext<Settings | undefined>(undefined)

export function useSettings(): Settings {
  const settings = use(SettingsContext)
  if (settings === undefined) throw new Error('settings are used outside of their provider')
  return settings
}

interface SettingsProviderProps {
  /** The language that the page begins with. */
  readonly first: Language
  readonly children: ReactNode
}

export function SettingsProvider({ first, children }: SettingsProviderProps): ReactNode {
  const [preferences, setPreferences] = useState(readPreferences)
  const [language, setLanguage] = useState(first)
  useEffect(() => {
    let isCurrent = true
    const use = (loaded: Language): Language => {
      if (isCurrent) setLanguage(loaded)
      return loaded
    }
    // Without its texts, the language before it stays.
    loadLanguage(preferences.language)
      .then(use)
      .then(withRareWords)
      .then(use)
      .catch(() => {})
    return () => {
      isCurrent = false
    }
  }, [preferences.language])
  useEffect(() => {
    document.documentElement.dataset['theme'] = preferences.theme
    document.documentElement.lang = language.name
  }, [preferences.theme, language.name])
  const settings = useMemo<Settings>(
    () => ({
      preferences,
      setPreferences: (chosen) => {
        storePreferences(chosen)
        setPreferences(chosen)
      },
      language,
      say: (name, values) => fillIn(language.messages[name], values),
      format: makeFormat(language.locale),
    }),
    [preferences, language],
  )
  return <SettingsContext value={settings}>{children}</SettingsContext>
}
