// Language and theme of the page, for every component below.

import { createContext, type ReactNode, use, useEffect, useMemo, useState } from 'react'
import { type Format, makeFormat } from './format.ts'
import { fillIn, type Language, loadLanguage, type Say, withRest } from './language.ts'
import { type Preferences, readPreferences, storePreferences } from './preferences.ts'

/** `noun` is the type that the text is about. */
interface TranslateText {
  (text: string, noun?: string): string
  (text: string | undefined, noun?: string): string | undefined
}

interface Settings {
  readonly preferences: Preferences
  readonly setPreferences: (preferences: Preferences) => void
  readonly language: Language
  readonly say: Say
  readonly format: Format
  /** A text of the server in this language, or as it is if the language has no words for it. */
  readonly translate: TranslateText
  readonly errorText: (error: unknown) => string
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
      .then(withRest)
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
  const settings = useMemo<Settings>(() => {
    function translate(text: string, noun?: string): string
    function translate(text: string | undefined, noun?: string): string | undefined
    function translate(text: string | undefined, noun?: string): string | undefined {
      return text === undefined ? undefined : (language.translate?.(text, noun) ?? text)
    }
    return {
      preferences,
      setPreferences: (chosen) => {
        storePreferences(chosen)
        setPreferences(chosen)
      },
      language,
      say: (name, values) => fillIn(language.messages[name], values),
      format: makeFormat(language.locale),
      translate,
      errorText: (error) => translate(error instanceof Error ? error.message : String(error)),
    }
  }, [preferences, language])
  return <SettingsContext value={settings}>{children}</SettingsContext>
}
