// The entry of the console.

import './styles/tokens.css'
import './styles/base.css'
import './styles/shell.css'
import './styles/board.css'
import './styles/list.css'
import './styles/pages.css'
import './styles/record.css'
import './styles/panels.css'
import './styles/forms.css'
import './styles/conversation.css'
import './styles/calendar.css'
import './styles/graph.css'
import './styles/roles.css'
import { HeadlesslyError } from '@headlessly/sdk'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { SettingsProvider } from './base/settings-context.tsx'
import { english, loadLanguage } from './base/language.ts'
import { readPreferences } from './base/preferences.ts'
import { keepFocus } from './base/keep-focus.ts'
import { reloadOnce } from './base/reload-once.ts'
import { parseAddress, PlaceProvider } from './base/navigation.tsx'
import { fetchPage, Pages } from './pages.tsx'
import { ToastProvider } from './ui/toasts.tsx'

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      // The client repeats what can be repeated; a refusal stays one.
      retry: (failures, error) => failures < 2 && error instanceof HeadlesslyError && error.code === 'network_error',
    },
  },
})

reloadOnce()
keepFocus()
fetchPage(parseAddress(location.pathname + location.search))
// Without the texts of another language, the page is in English.
const language = await loadLanguage(readPreferences().language).catch(() => english)
const element = document.getElementById('root')
if (element !== null)
  createRoot(element).render(
    <StrictMode>
      <SettingsProvider first={language}>
        <QueryClientProvider client={queries}>
          <ToastProvider>
            <PlaceProvider>
              <Pages />
            </PlaceProvider>
          </ToastProvider>
        </QueryClientProvider>
      </SettingsProvider>
    </StrictMode>,
  )
