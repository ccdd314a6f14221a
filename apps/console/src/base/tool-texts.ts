// Texts of the tools, which are loaded with them and not with the first page.

import { use } from 'react'
import { fillIn } from './language.ts'
import { useSettings } from './settings-context.tsx'
import { toolMessagesEn, type ToolMessageName } from './tool-messages-en.ts'

export type ToolSay = (name: ToolMessageName, values?: Readonly<Record<string, string | number>>) => string

export function useToolTexts(): ToolSay {
  const { language } = useSettings()
  const messages = language.loadToolMessages === undefined ? toolMessagesEn : use(language.loadToolMessages())
  return (name, values) => fillIn(messages[name], values)
}
