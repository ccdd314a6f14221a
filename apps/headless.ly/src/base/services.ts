// The services that this server is composed from. Removing one from the list leaves the rest working.

import { agentsService } from 'agents.do'
import { outsideOf, type Service } from '@dotdo/service'
import { databaseService } from 'database.do'
import { eventsService } from 'events.do'
import { functionsService, type SandboxPrograms } from 'functions.do'
import { mailService } from 'mail.do'
import { type OauthOptions, oauthService } from 'oauth.do'
import { paymentsService } from 'payments.do'
import { packedPrograms } from '#sandbox-code'
import { requiresSignIn } from './caller-of.ts'
import type { Env } from './env.ts'
import { unpack } from './unpack.ts'

/** The programs are large, so they are unpacked for the first run. */
const programs = async (): Promise<SandboxPrograms> => (await unpack(packedPrograms)) as SandboxPrograms // as the build packed them

/** Both lists share it, since it counts the runs of the server. */
const functions = functionsService({ programs })

const random = (count: number): Uint8Array => crypto.getRandomValues(new Uint8Array(count))

function servicesWith(
  env: Partial<Env>,
  options: Pick<OauthOptions, 'isOwnerAnybody' | 'forgetUser'>,
): readonly Service<Env>[] {
  return [
    functions,
    databaseService({ random, now: Date.now }),
    eventsService({ random, now: Date.now }),
    agentsService({ send: outsideOf(env), ai: env.AI }),
    paymentsService({ send: outsideOf(env), server: env.STRIPE_SERVER, now: Date.now }),
    mailService({ fetch: (url, init) => fetch(url, init) }),
    oauthService({ random, ...options }),
  ]
}

export const services = servicesWith({}, { isOwnerAnybody: true })
/** The services of a tenant's object. */
export function servicesOf(env: Env): readonly Service<Env>[] {
  return servicesWith(env, {
    isOwnerAnybody: !requiresSignIn(env),
    forgetUser: async (membership) => env.DIRECTORY?.getByName('directory').forgetUser(membership),
  })
}
