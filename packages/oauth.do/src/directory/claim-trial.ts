// Makes a trial permanent. Its code is taken, the claimant becomes known, and the tenant is owed the news in one transaction: the
// tenant then makes the claimant its owner, and revokes what the anonymous caller has.

import { ObjectError } from 'digital-objects'
import type { CiToken } from './ci-jobs.ts'
import type { Directory } from './directory.ts'
import type { SignedIn } from './person.ts'
import type { Device } from './sign-ins.ts'

/** A person who claims a trial. */
export interface TrialClaim {
  readonly code: string
  /** The secret of the signed-in person, if there is one. */
  readonly secret: string | undefined
  /** The name and address of a person without an account, who gets one; undefined if the server gives none. */
  readonly newcomer: { readonly name: string; readonly email: string } | undefined
  readonly device: Device
}

export interface ClaimedByJob {
  readonly tenant: string
  /** The job as its platform names it. */
  readonly job: string
}

/** Claims a trial for the signed-in person, or for a new one. Throws an ObjectError; the code then still counts. */
export function claimTrial(
  directory: Directory,
  { code, secret, newcomer, device }: TrialClaim,
): SignedIn & { readonly tenant: string } {
  return directory.transaction(() => {
    const tenant = directory.trials.claim(code)
    const person = secret === undefined ? undefined : directory.personOf(secret)
    const account = person?.account ?? directory.addAccount({ ...requireNewcomer(newcomer), isOwner: false })
    directory.owed.add({ tenant, kind: 'claim', subject: account.id })
    const session =
      secret === undefined || person === undefined ? directory.signIns.begin(account.id, device) : { secret }
    return { secret: session.secret, account, tenant }
  })
}

/** Claims a trial for a CI job, by a token of its platform. Throws as `claimTrial` does. */
export async function claimTrialByJob(
  directory: Directory,
  { code, ...token }: CiToken & { readonly code: string },
): Promise<ClaimedByJob> {
  const job = await directory.ciJobs.verify(token)
  return directory.transaction(() => {
    directory.ciJobs.use(job)
    const tenant = directory.trials.claim(code)
    directory.owed.add({ tenant, kind: 'claim', subject: '' })
    return { tenant, job: job.subject }
  })
}

function requireNewcomer<Newcomer>(newcomer: Newcomer | undefined): Newcomer {
  if (newcomer !== undefined) return newcomer
  const message = 'sign in first: on this server, people who have an account claim trials'
  throw new ObjectError({ code: 'unauthorized', message })
}
