// The way to mail servers. The embedded server has a network of its own for them, whose addresses the operator allows; on
// Cloudflare the platform allows public ones.

import type { Connect } from '@dotdo/service'
import { connect } from 'cloudflare:sockets'
import type { Env } from './env.ts'

export function connectOf({ MAIL_NETWORK }: Pick<Env, 'MAIL_NETWORK'>): Connect {
  return MAIL_NETWORK === undefined ? connect : (address, options) => MAIL_NETWORK.connect(address, options)
}
