// The page writes the sample company act by act. This browser remembers whose load has begun, until it has ended, so that a
// page that was closed in between does not leave a part of a business that nobody recognizes.

import { tenants } from './workspace.ts'

const key = 'headlessly.sample'

/** Another tab sees by the lock that the load goes on. */
export async function whileLoading<Result>(tenant: string, load: () => Promise<Result>): Promise<Result> {
  const work = async (): Promise<Result> => {
    localStorage.setItem(key, tenant)
    const result = await load()
    localStorage.removeItem(key)
    return result
  }
  return 'locks' in navigator ? navigator.locks.request(key, work) : work()
}

/** The tenant whose load was broken off; null if there is none. */
export async function readUnfinished(): Promise<string | null> {
  const tenant = localStorage.getItem(key)
  if (tenant === null || !('locks' in navigator)) return tenant
  return navigator.locks.request(key, { ifAvailable: true }, (lock) => (lock === null ? null : tenant))
}

export function forgetUnfinished(): void {
  localStorage.removeItem(key)
}

/** Deletes the part that was loaded. */
export async function deleteUnfinished(tenant: string): Promise<void> {
  await tenants.delete(tenant)
  forgetUnfinished()
}
