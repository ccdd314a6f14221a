// The pages of the authorization server. Names and addresses come from clients, and `html` escapes all of them.

import type { AuthorizationPage, ConsentClient } from '@dotdo/service'
import { unreachable } from 'digital-objects'
import { timeToHtml } from './blocks.ts'
import { html, type Html } from './html.ts'
import type { Page } from './layout.ts'

export function oauthPage(page: AuthorizationPage): Page {
  switch (page.kind) {
    case 'consent':
      return consentPage(page)
    case 'message':
      return {
        title: page.title,
        main: html`<h1>${page.title}</h1>
          <p>${page.message}</p>`,
      }
    case 'device':
      return devicePage(page)
    case 'device-consent':
      return deviceConsentPage(page)
    case 'grants':
      return grantsPage(page)
    default:
      return unreachable(page)
  }
}

type PageOf<Kind extends AuthorizationPage['kind']> = Extract<AuthorizationPage, { readonly kind: Kind }>

function consentPage({ client, scopes, handle }: PageOf<'consent'>): Page {
  return {
    title: `Allow ${client.name}?`,
    main: html`<h1>Allow ${client.name} to use this tenant?</h1>
      ${originOf(client)}
      <form method="post">
        <input type="hidden" name="handle" value="${handle}" />
        ${scopeChoices(scopes)} ${decisionButtons()}
      </form>`,
  }
}

function devicePage({ code, error }: PageOf<'device'>): Page {
  return {
    title: 'Sign in a device',
    main: html`<h1>Sign in a device</h1>
      ${error === undefined ? html`<p>Enter the code that your device or program shows.</p>` : html`<p>${error}</p>`}
      <form method="post">
        <p>
          <label>Code <input name="user_code" value="${code}" autocomplete="off" required maxlength="20" /></label>
        </p>
        <p><button>Continue</button></p>
      </form>`,
  }
}

function deviceConsentPage({ client, scopes, code, handle }: PageOf<'device-consent'>): Page {
  return {
    title: `Allow ${client.name}?`,
    main: html`<h1>Allow ${client.name} to use this tenant?</h1>
      ${originOf(client)}
      <p>
        Allow it only if your own device shows the code <strong>${code}</strong>. Whoever sent you a code gets your
        access.
      </p>
      <form method="post">
        <input type="hidden" name="handle" value="${handle}" />
        <input type="hidden" name="user_code" value="${code}" />
        ${scopeChoices(scopes)} ${decisionButtons()}
      </form>`,
  }
}

function grantsPage({ grants }: PageOf<'grants'>): Page {
  const rows = grants.map(
    ({ grant, client, principal, scopes, since }) =>
      html`<li>
        <p><strong>${client}</strong>, by ${principal}</p>
        <p>${scopes.join(', ')}, since ${timeToHtml(since)}</p>
        <form method="post">
          <input type="hidden" name="grant" value="${grant}" />
          <button>Take it back</button>
        </form>
      </li>`,
  )
  return {
    title: 'What you have allowed',
    main: html`<h1>What you have allowed</h1>
      ${
        rows.length === 0
          ? html`<p class="none">No program has access.</p>`
          : html`<ul class="cards">
              ${rows}
            </ul>`
      }`,
  }
}

function decisionButtons(): Html {
  return html`<p>
    <button name="decision" value="approve">Allow</button>
    <button name="decision" value="deny">Refuse</button>
  </p>`
}

function originOf({ domain, redirectHost, isLoopback }: ConsentClient): Html {
  const proof =
    domain === undefined
      ? html`<p>This program gave itself that name, and nothing proves it.</p>`
      : html`<p>The program belongs to <strong>${domain}</strong>.</p>`
  if (redirectHost === undefined) return proof
  return isLoopback
    ? html`${proof}
        <p>
          The access goes to a program on <strong>this machine</strong> (${redirectHost}). Allow it only if you have
          just started to sign in there.
        </p>`
    : html`${proof}
        <p>The access goes to <strong>${redirectHost}</strong>.</p>`
}

function scopeChoices(scopes: readonly string[]): Html {
  return html`<fieldset>
    <legend>It asks for</legend>
    ${scopes.map(
      (scope) =>
        html`<p>
          <label><input type="checkbox" name="scope" value="${scope}" checked /> ${scope}: ${meaningOf(scope)}</label>
        </p>`,
    )}
  </fieldset>`
}

const meanings: Readonly<Record<string, string>> = {
  read: 'read everything that you may read',
  write: 'change everything that you may change, except keys, members and rules',
  verb: 'call verbs',
  admin: 'do everything that you may do',
}

function meaningOf(scope: string): string {
  const [action = '', target] = scope.split(':')
  const meaning = meanings[action] ?? 'use'
  return target === undefined || target === 'all' ? meaning : `${action}, limited to ${target}`
}
