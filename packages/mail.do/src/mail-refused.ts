// The refusal of a mail by its server, with a reply of SMTP or a status of HTTP.

const textCharactersMax = 300

export class MailRefused extends Error {
  /** `mail` is the stage of an HTTP API that refuses the mail as a whole. */
  readonly stage: 'connect' | 'sign-in' | 'sender' | 'recipient' | 'content' | 'mail'
  readonly code: number

  constructor({ stage, code, text }: Pick<MailRefused, 'stage' | 'code'> & { readonly text: string }) {
    // A server may repeat what a sign-in sent.
    const shown = stage === 'sign-in' ? '' : ` ${text.replaceAll(/[^ -~]+/g, ' ').slice(0, textCharactersMax)}`
    super(`the mail server refused the ${stage === 'connect' ? 'connection' : stage} with ${code}${shown}`)
    this.stage = stage
    this.code = code
  }

  /** Whether trying again is of no use: this mail to this address, not the connection or the password, is refused for good. */
  get isPermanent(): boolean {
    return this.stage === 'mail' || (this.code >= 500 && this.stage !== 'connect' && this.stage !== 'sign-in')
  }
}
