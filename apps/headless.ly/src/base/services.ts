// The services that this server is composed from. Removing one from the list leaves the rest working.

import type { Service } from '@dotdo/service'
import { functionsService, type SandboxPrograms } from 'functions.do'
import { mailService } from 'mail.do'
import { oauthService } from 'oauth.do'
import { paymentsService } from 'payments.do'
import { requiresSignIn } from './caller-of.ts'
import type { Env } from './env.ts'

/** The programs are large, so they are loaded with the first run instead of at the start of each isolate. */
const programs = async (): Promise<SandboxPrograms> => (await import('#sandbox-code')).sandboxPrograms

/** One for both lists, since it counts the runs of the server. */
const functions = functionsService({ programs })

function servicesWith({ isOwnerAnybody }: { readonly isOwnerAnybody: boolean }): readonly Service<Env>[] {
  return [
    functions,
    paymentsService(),
    mailService(),
    oauthService({ random: (count) => crypto.getRandomValues(new Uint8Array(count)), isOwnerAnybody }),
  ]
}

export const services = servicesWith({ isOwnerAnybody: true })
const servicesBehindSignIn = servicesWith({ isOwnerAnybody: false })

/** The services of a tenant's object. */
export function servicesOf(env: Env): readonly Service<Env>[] {
  return requiresSignIn(env) ? servicesBehindSignIn : services
}
