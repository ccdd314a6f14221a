// A person performs a verb on the page of a record.

import type { Page } from 'playwright-core'

/** `label` is that of the button, such as `Advance to Proposal`. Returns the state that the page shows afterwards. */
export async function performVerb(page: Page, label: string): Promise<string> {
  const pill = page.locator('.record-title .pill')
  const before = await pill.textContent()
  await page.getByRole('region', { name: 'Actions' }).getByRole('button', { name: label, exact: true }).click()
  const dialog = page.getByRole('dialog')
  const [verb = ''] = label.split(' to ')
  // The button can be pressed once the dry run has shown what would be written.
  await dialog.getByRole('status').locator('li').first().waitFor()
  await dialog.getByRole('button', { name: verb, exact: true }).click()
  await dialog.waitFor({ state: 'detached' })
  if (before !== null) await pill.filter({ hasNotText: before }).waitFor()
  return (await pill.textContent()) ?? ''
}
