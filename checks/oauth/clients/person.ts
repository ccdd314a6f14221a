// The person and the browser of a client's check: opens the page, presses the button, and returns where the browser is sent.

/** `decision`: `approve` or `deny`. */
export async function decide(address: string | URL, decision = 'approve'): Promise<URL> {
  const page = await fetch(address, { redirect: 'manual' })
  const text = await page.text()
  if (page.status !== 200) throw new Error(`the page answers ${page.status}: ${text.slice(0, 500)}`)
  const form = formOf(text)
  form.set('decision', decision)
  const cookie = page.headers.getSetCookie().map((one) => one.split(';')[0])
  const answer = await send(address, form, cookie)
  const location = answer.headers.get('location')
  if (location === null) throw new Error(`the form answers ${answer.status}: ${(await answer.text()).slice(0, 500)}`)
  return new URL(location)
}

/** Enters a device's code and allows it. */
export async function allowDevice(address: string): Promise<void> {
  const first = await fetch(address)
  const asked = await send(address, formOf(await first.text()), [])
  const cookie = asked.headers.getSetCookie().map((one) => one.split(';')[0])
  const form = formOf(await asked.text())
  form.set('decision', 'approve')
  const answer = await send(address, form, cookie)
  if (answer.status !== 200) throw new Error(`the form answers ${answer.status}`)
}

function send(
  address: string | URL,
  form: URLSearchParams,
  cookies: readonly (string | undefined)[],
): Promise<Response> {
  const { origin } = new URL(address)
  const headers = { 'content-type': 'application/x-www-form-urlencoded', origin, cookie: cookies.join('; ') }
  return fetch(address, { method: 'POST', redirect: 'manual', headers, body: form.toString() })
}

/** The fields of the page's form, with all boxes ticked. */
function formOf(page: string): URLSearchParams {
  const form = new URLSearchParams()
  for (const [tag] of page.matchAll(/<input[^>]*>/g)) {
    const [, name] = /name="([^"]*)"/.exec(tag) ?? []
    const [, value = ''] = /value="([^"]*)"/.exec(tag) ?? []
    if (name !== undefined) form.append(name, value)
  }
  return form
}
