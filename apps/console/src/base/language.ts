// The languages of the console, as data: texts, words for types and fields, and the locale that formats values.

import { messagesEn, type MessageName, type Messages } from './messages-en.ts'
import type { ToolMessages } from './tool-messages-en.ts'
import type { Translate } from './message-pattern.ts'
import type { Words } from './names.ts'

export type LanguageName = 'en' | 'de'

export interface Language {
  readonly name: LanguageName
  readonly locale: string
  readonly messages: Messages
  readonly words: Words
  /** Translates texts of the server, which are English. */
  readonly translate?: Translate
  /** Loads what the first page does not wait for. */
  readonly loadRest?: () => Promise<Pick<Language, 'words' | 'translate'>>
  /** Loads the texts of the tools, once; English ones come with the tools. */
  readonly loadToolMessages?: () => Promise<ToolMessages>
}

export const languageNames: Readonly<Record<LanguageName, string>> = { en: 'English', de: 'Deutsch' }

/** Names that the catalog's own would not explain. */
const wordsEn: Words = {
  sla_breached: 'Targets missed',
  leads: 'Leads in contacts',
  response_time: 'First response',
  sales_cycle: 'Days to win',
}

export const english: Language = { name: 'en', locale: 'en-GB', messages: messagesEn, words: wordsEn }

/** Loads a language other than English when it is chosen. */
export async function loadLanguage(name: LanguageName): Promise<Language> {
  if (name === 'en') return english
  const [{ messagesDe }, { wordsDe }] = await Promise.all([import('./messages-de.ts'), import('./words-de.ts')])
  return {
    name,
    locale: 'de-DE',
    messages: messagesDe,
    words: wordsDe,
    loadRest: async () => {
      const [{ rareWordsDe }, { makeTranslateDe }] = await Promise.all([
        import('./rare-words-de.ts'),
        import('./german/translate-de.ts'),
      ])
      const words = { ...wordsDe, ...rareWordsDe }
      return { words, translate: makeTranslateDe(words) }
    },
    loadToolMessages: loadToolMessagesDe,
  }
}

/** The language with all of its words and translations. */
export async function withRest({ loadRest, ...loaded }: Language): Promise<Language> {
  return loadRest === undefined ? loaded : { ...loaded, ...(await loadRest()) }
}

let toolMessages: Promise<ToolMessages> | undefined

function loadToolMessagesDe(): Promise<ToolMessages> {
  toolMessages ??= import('./tool-messages-de.ts').then(({ toolMessagesDe }) => toolMessagesDe)
  return toolMessages
}

export function fillIn(text: string, values: Readonly<Record<string, string | number>> = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}

export type Say = (name: MessageName, values?: Readonly<Record<string, string | number>>) => string
