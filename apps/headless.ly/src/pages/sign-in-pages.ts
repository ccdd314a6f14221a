// The pages on which people sign in: forms that work without a script, except that a script takes the code of a link out of the
// address, so that neither the history of the browser nor a log keeps it.

import type { Passkey, Person, Security, SignIn } from 'oauth.do/directory'
import { linksToHtml, timeToHtml } from './blocks.ts'
import { browserName } from './browser-name.ts'
import { html, type Html } from './html.ts'
import type { Page } from './layout.ts'

const formScript = `
const code = document.getElementById('code')
if (code && location.hash.length > 1) {
  code.value = decodeURIComponent(location.hash.slice(1))
  history.replaceState(null, '', location.pathname + location.search)
}
const post = async (path, fields) => {
  const headers = { 'content-type': 'application/json', accept: 'application/json' }
  const answer = await fetch(path, { method: 'POST', headers, body: JSON.stringify(fields) })
  const body = await answer.json()
  if (!answer.ok) throw new Error(body.detail)
  return body
}
for (const button of document.querySelectorAll('button[data-provider]'))
  button.onclick = async () => location.assign((await post(button.dataset.provider, {})).url)
const usePasskey = {
  register: async () => {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(await post('/account/passkeys/options', {}))
    const made = await navigator.credentials.create({ publicKey })
    await post('/account/passkeys', { response: JSON.stringify(made) })
    location.reload()
  },
  signIn: async () => {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(await post('/sign-in/passkey/options', {}))
    const answer = await navigator.credentials.get({ publicKey })
    await post('/sign-in/passkey', { response: JSON.stringify(answer) })
    location.assign(document.getElementById('to')?.value ?? '/account')
  },
}
for (const button of document.querySelectorAll('button[data-passkey]')) {
  button.hidden = !window.PublicKeyCredential?.parseCreationOptionsFromJSON
  button.onclick = () => usePasskey[button.dataset.passkey]().catch((error) => {
    document.getElementById('said').textContent = 'That did not work: ' + error.message
  })
}
`

interface Field {
  readonly name: string
  readonly label: string
  readonly type?: 'text' | 'email' | 'password' | 'hidden'
  readonly value?: string
  readonly autocomplete?: string
  readonly isOptional?: true
}

export interface FormPage {
  readonly title: string
  readonly about: string
  readonly action: string
  readonly fields: readonly Field[]
  readonly button: string
}

const codeField: Field = { name: 'code', label: 'Code of the link', autocomplete: 'off' }

export const claimForm: FormPage = {
  title: 'Become the owner of this server',
  about: 'Whoever has the link that was printed at the start of this server becomes its owner. It works once.',
  action: '/sign-in/claim',
  fields: [
    codeField,
    { name: 'name', label: 'Your name', autocomplete: 'name' },
    { name: 'email', label: 'Your email address', type: 'email', autocomplete: 'email' },
  ],
  button: 'Become the owner',
}

export const invitationForm: FormPage = {
  title: 'Accept an invitation',
  about: 'If you have an account on this server, sign in first and open the link again: the tenant is added to it.',
  action: '/sign-in/invitation',
  fields: [codeField, { name: 'name', label: 'Your name', autocomplete: 'name', isOptional: true }],
  button: 'Accept',
}

export const trialForm: FormPage = {
  title: 'Keep a trial',
  about:
    'The tenant stays, with all its data and history, and you become its owner. If you have an account on this server, sign in first and open the link again; then a name and an address are not needed.',
  action: '/sign-in/trial',
  fields: [
    codeField,
    { name: 'name', label: 'Your name', autocomplete: 'name', isOptional: true },
    { name: 'email', label: 'Your email address', type: 'email', autocomplete: 'email', isOptional: true },
  ],
  button: 'Keep it',
}

export const recoverForm: FormPage = {
  title: 'Sign in by a link',
  about: 'The link works once, and ends all your other sessions.',
  action: '/sign-in/recover',
  fields: [codeField],
  button: 'Sign in',
}

/** `fault` says why the last attempt failed. */
export function formPage(form: FormPage, fault?: string): Page {
  const main = html`<h1>${form.title}</h1>
    <p class="lead">${form.about}</p>
    ${faultToHtml(fault)} ${formToHtml(form)}`
  return { title: form.title, main, formScript }
}

function formToHtml({ action, fields, button }: Pick<FormPage, 'action' | 'fields' | 'button'>): Html {
  return html`<form class="fields" method="post" action="${action}">
    ${fields.map(fieldToHtml)}
    <button>${button}</button>
  </form>`
}

function fieldToHtml({ name, label, type = 'text', autocomplete = 'off', value = '', isOptional }: Field): Html {
  if (type === 'hidden') return html`<input name="${name}" type="hidden" value="${value}" />`
  return html`<label for="${name}">${label}</label>
    <input
      id="${name}"
      name="${name}"
      type="${type}"
      autocomplete="${autocomplete}"
      ${isOptional === true ? '' : 'required'}
    />`
}

function faultToHtml(fault: string | undefined): Html {
  return fault === undefined ? html`` : html`<p class="fault" role="alert">${fault}</p>`
}

/** The one page that shows a link which its reader is to send to somebody. */
export function linkPage({ email, link }: { readonly email: string; readonly link: string }): Page {
  const title = 'A link to send'
  const main = html`<h1>${title}</h1>
    <p class="lead">Send it to ${email}, and to nobody else. It works once, within a day.</p>
    <div class="paste" data-name="the link"><pre>${link}</pre></div>`
  return { title, main, formScript }
}

export function mailedPage(email: string): Page {
  const title = 'A link was mailed'
  const main = html`<h1>${title}</h1>
    <p class="lead">If ${email} is the address of an account here, it gets a link that works once, within a day.</p>
    <p><a href="/sign-in">Sign in</a></p>`
  return { title, main, formScript }
}

export interface SignInView {
  /** Whether the server mails links to people who cannot sign in. */
  readonly hasMail: boolean
  /** The path of this server to open afterwards. */
  readonly to: string
  /** The name of the provider of accounts, if there is one. */
  readonly provider: string | undefined
  /** Says why the last attempt failed. */
  readonly fault: string | undefined
}

export function signInPage({ to, provider, fault, hasMail }: SignInView): Page {
  const title = 'Sign in'
  const main = html`<h1>${title}</h1>
    <p class="lead">With a passkey of this browser or of your phone.</p>
    ${faultToHtml(fault)}
    <input id="to" type="hidden" value="${to}" />
    <p><button type="button" class="main" data-passkey="signIn" hidden>Sign in with a passkey</button></p>
    ${provider === undefined ? '' : providerButton(`Sign in with ${provider}`, '/sign-in/provider')}
    <details${fault === undefined ? html`` : html` open`}>
      <summary>Sign in with a password</summary>
      ${formToHtml({ action: '/sign-in/password', fields: passwordFields(to), button: 'Sign in' })}
    </details>
    ${hasMail ? lostForm : ''}
    <p class="soft">
      Without one, open the link that you were given. The owner of the server gets one at its start, and makes one for
      whoever has lost every way to sign in.
    </p>`
  return { title, main, formScript }
}

const lostForm = html`<details>
  <summary>I cannot sign in any more</summary>
  ${formToHtml({
    action: '/sign-in/lost',
    fields: [{ name: 'email', label: 'Your email address', type: 'email', autocomplete: 'email' }],
    button: 'Mail me a link',
  })}
</details>`

function passwordFields(to: string): readonly Field[] {
  return [
    { name: 'email', label: 'Your email address', type: 'email', autocomplete: 'username' },
    { name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password' },
    {
      name: 'otp',
      label: 'Code of your authenticator app, if you use one',
      autocomplete: 'one-time-code',
      isOptional: true,
    },
    { name: 'to', label: '', type: 'hidden', value: to },
  ]
}

/** Shows the secret of a new authenticator app, which counts once a code was confirmed. */
export function secondFactorPage({ secret, uri }: { readonly secret: string; readonly uri: string }): Page {
  const title = 'Add an authenticator app'
  const main = html`<h1>${title}</h1>
    <p class="lead">Enter this secret in the app, or open the address on your phone.</p>
    <div class="paste" data-name="the secret"><pre>${secret}</pre></div>
    <div class="paste" data-name="the address"><pre>${uri}</pre></div>
    ${formToHtml({
      action: '/account/second-factor/confirm',
      fields: [{ name: 'otp', label: 'A code of the app', autocomplete: 'one-time-code' }],
      button: 'Confirm',
    })}`
  return { title, main, formScript }
}

export function recoveryCodesPage(codes: readonly string[]): Page {
  const title = 'Recovery codes'
  const main = html`<h1>${title}</h1>
    <p class="lead">Keep them in a safe place. Each of them takes the place of a code of the app once.</p>
    <div class="paste" data-name="the codes"><pre>${codes.join('\n')}</pre></div>
    <p><a href="/account">Continue</a></p>`
  return { title, main, formScript }
}

/** The account of a signed-in person, with its changes. */
export interface AccountView {
  readonly person: Person
  readonly security: Security
  readonly fault?: string
}

export function accountPage({ person, security, fault }: AccountView): Page {
  const { account, memberships, session } = person
  const tenants = memberships.map(({ tenant, user }) => ({ text: tenant, url: `/~${tenant}`, about: `as ${user}` }))
  const main = html`<h1>${account.name}</h1>
    <p class="lead">${account.email}${account.isOwner ? ', owner of this server' : ''}</p>
    ${faultToHtml(fault)}
    <section aria-labelledby="tenants">
      <h2 id="tenants">Tenants</h2>
      ${tenants.length === 0 ? html`<p class="none">None yet.</p>` : linksToHtml(tenants)}
      ${account.isOwner ? tenantForm : ''}
    </section>
    <section aria-labelledby="passkeys">
      <h2 id="passkeys">Passkeys</h2>
      ${security.passkeys.length === 0 ? html`<p class="none">None yet.</p>` : passkeysToHtml(security.passkeys)}
      <p><button type="button" class="main" data-passkey="register" hidden>Add a passkey</button></p>
    </section>
    <section aria-labelledby="password">
      <h2 id="password">Password</h2>
      ${passwordToHtml(security)}
    </section>
    ${security.provider === null ? '' : providerToHtml(security.provider)}
    <section aria-labelledby="sessions">
      <h2 id="sessions">Where you are signed in</h2>
      <div class="wide">
        <table>
          <thead>
            <tr>
              <th scope="col">Browser</th>
              <th scope="col">Address</th>
              <th scope="col">Since</th>
              <th scope="col">Last seen</th>
              <th scope="col">End</th>
            </tr>
          </thead>
          <tbody>
            ${security.sessions.map((one) => sessionToHtml(one, one.id === session.id))}
          </tbody>
        </table>
      </div>
    </section>
    ${account.isOwner ? recoveryForm : ''}
    <form method="post" action="/sign-out"><button>Sign out</button></form>`
  return { title: account.name, main, formScript }
}

const recoveryForm = html`<form class="fields" method="post" action="/account/recovery">
  <label for="email">Make a link for a person who cannot sign in any more</label>
  <input id="email" name="email" type="email" autocomplete="off" required />
  <button>Make a link</button>
</form>`

const tenantForm = html`<form class="fields" method="post" action="/account/tenants">
  <label for="tenant">Begin or join a tenant as its owner</label>
  <input id="tenant" name="tenant" autocomplete="off" required />
  <button>Begin</button>
</form>`

function passkeysToHtml(passkeys: readonly Passkey[]): Html {
  return html`<ul class="cards">
    ${passkeys.map(
      ({ id, name, createdMs }) =>
        html`<li>
          <p>${name}</p>
          <p>since ${timeToHtml(new Date(createdMs).toISOString())}</p>
          <form method="post" action="/account/passkeys/remove">
            <input type="hidden" name="passkey" value="${id}" />
            <button>Remove</button>
          </form>
        </li>`,
    )}
  </ul>`
}

function providerButton(text: string, path: string): Html {
  return html`<p><button type="button" class="main" data-provider="${path}">${text}</button></p>`
}

function providerToHtml({ name, isLinked }: NonNullable<Security['provider']>): Html {
  return html`<section aria-labelledby="provider">
    <h2 id="provider">${name}</h2>
    ${
      isLinked
        ? formToHtml({ action: '/account/provider/unlink', fields: [], button: 'Unlink the account' })
        : providerButton(`Link an account of ${name}`, '/account/provider')
    }
  </section>`
}

function passwordToHtml({ hasPassword, hasSecondFactor }: Security): Html {
  const current = {
    name: 'current',
    label: 'Present password',
    type: 'password',
    autocomplete: 'current-password',
  } as const
  const next = { name: 'password', label: 'New password', type: 'password', autocomplete: 'new-password' } as const
  const form = formToHtml({
    action: '/account/password',
    fields: hasPassword ? [current, next] : [next],
    button: hasPassword ? 'Change the password' : 'Set a password',
  })
  if (!hasPassword) return form
  const otp: Field = { name: 'otp', label: 'A code of the app', autocomplete: 'one-time-code' }
  const factor = hasSecondFactor
    ? formToHtml({ action: '/account/second-factor/end', fields: [otp], button: 'Remove the authenticator app' })
    : formToHtml({ action: '/account/second-factor/begin', fields: [], button: 'Add an authenticator app' })
  return html`${form}${factor}`
}

function sessionToHtml({ id, agent, address, createdMs, seenMs }: SignIn, isThis: boolean): Html {
  return html`<tr>
    <td title="${agent}">${browserName(agent)}${isThis ? ' (this one)' : ''}</td>
    <td>${address}</td>
    <td>${timeToHtml(new Date(createdMs).toISOString())}</td>
    <td>${timeToHtml(new Date(seenMs).toISOString())}</td>
    <td>
      <form method="post" action="/account/sessions/end">
        <input type="hidden" name="session" value="${id}" />
        <button>End</button>
      </form>
    </td>
  </tr>`
}
