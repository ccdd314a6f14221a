// The address that is entered at Stripe, which sends its events there.

import type { ReactNode } from 'react'
import { useToolTexts } from '../base/tool-texts.ts'
import { useScene } from '../data/workspace-context.tsx'
import { CopyLines } from '../ui/shown-once.tsx'

export function WebhookAddress(): ReactNode {
  const say = useToolTexts()
  const { tenant } = useScene().workspace
  return (
    <>
      <p>{say('payments.endpoint')}</p>
      <CopyLines text={`${location.origin}/~${tenant}/payments/stripe/webhook`} />
    </>
  )
}
