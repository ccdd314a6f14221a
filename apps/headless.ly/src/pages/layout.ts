// The frame of every page: head, navigation, main part and footer. A page loads nothing.

import { html, type Html, trustedHtml } from './html.ts'
import { copyScript, pageStyle } from './page-style.ts'

export interface Page {
  readonly title: string
  readonly main: Html
  /** Set for a page with forms: the script that it runs besides those of every page. */
  readonly formScript?: string
}

/** A square in the colour of the pages. */
const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E%3Crect width='8' height='8' rx='2' fill='%23b4530a'/%3E%3C/svg%3E"

export function pageToHtml({ title, main, formScript }: Page): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <link rel="icon" href="${icon}" />
        ${element('style', pageStyle)}
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header>
          <a class="home" href="/">headless.ly</a>
          <nav aria-label="Server">
            <ul>
              <li><a href="/console">Console</a></li>
              <li><a href="/">Tenants</a></li>
              <li><a href="/docs">Documentation</a></li>
              <li><a href="/llms.txt">llms.txt</a></li>
            </ul>
          </nav>
        </header>
        <main id="main">${main}</main>
        <footer>
          <p>This page loads nothing from other hosts and works offline.</p>
          <p id="said" role="status"></p>
        </footer>
        ${element('script', copyScript)}${formScript === undefined ? '' : element('script', formScript)}
      </body>
    </html>`.html
}

/** Adds no white space, since the policy allows the content by its hash. */
function element(name: 'style' | 'script', content: string): Html {
  return trustedHtml(`<${name}>${content}</${name}>`)
}
