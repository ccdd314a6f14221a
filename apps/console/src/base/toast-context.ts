// Short messages at the edge of the page: what tells them, whatever shows them.

import { createContext, use } from 'react'

export interface Toast {
  readonly id: number
  readonly text: string
  readonly kind: 'done' | 'failed'
  readonly action?: { readonly label: string; readonly run: () => void }
}

export type Tell = (toast: Omit<Toast, 'id'>) => void

export const ToastContext = createContext<Tell>(() => {})

export function useToast(): Tell {
  return use(ToastContext)
}
