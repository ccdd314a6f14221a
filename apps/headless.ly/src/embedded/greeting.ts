// The lines that the server prints once it answers: what to do first, with commands that work as they stand.

export interface Greeted {
  readonly url: string
  readonly dataFolder: string
  /** Calls then need a key. */
  readonly requireSignIn: boolean
}

export function greeting({ url, dataFolder, requireSignIn }: Greeted): string {
  const key = requireSignIn ? ` -H "authorization: Bearer $KEY"` : ''
  const lines = [
    ['look', `open ${url} in a browser, or ${url}/~acme for one tenant`],
    ...(requireSignIn
      ? [['sign in', `headlessly login --endpoint ${url} --tenant acme, and then headlessly keys create for a KEY`]]
      : []),
    [
      'create',
      `curl ${url}/~acme/Contact${key} -H 'content-type: application/json' -d '{"name":"Grace Hopper","email":"grace@example.com"}'`,
    ],
    ['list', `curl${key} '${url}/~acme/Contact?stage=Lead'`],
    ['listen', `curl -N${key} -H 'accept: text/event-stream' ${url}/~acme/events`],
    ['learn', `${url}/docs, and for agents ${url}/~acme/llms.txt`],
  ]
  return `headless.ly serves on ${url}, with its data in ${dataFolder}

${lines.map(([word = '', line = '']) => `  ${word.padEnd(9)} ${line}`).join('\n')}

Stop it with Ctrl-C.`
}
