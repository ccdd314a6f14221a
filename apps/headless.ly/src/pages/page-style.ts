// The style of all pages: one column that fits a phone, in the colours that the reader's system prefers.

export const pageStyle = `
:root { color-scheme: light dark; --back: #fbfaf8; --card: #fff; --ink: #1c1b1a; --soft: #5c5853; --line: #e2ded8; --link: #0b5c8a; --mark: #b4530a; --code: #f3f0eb }
@media (prefers-color-scheme: dark) {
  :root { --back: #161514; --card: #1f1e1c; --ink: #f0ede8; --soft: #b3ada4; --line: #383530; --link: #7cc4ec; --mark: #f0a868; --code: #262421 }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--back); color: var(--ink); font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: break-word }
header, main, footer { max-width: 62rem; margin: 0 auto; padding: 0 1.25rem }
header { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1.25rem; padding-top: 1.25rem; padding-bottom: .5rem }
header .home { font-weight: 700; color: var(--ink); text-decoration: none; margin-right: auto }
header .home::before { content: ""; display: inline-block; width: .7em; height: .7em; margin-right: .5em; border-radius: .2em; background: var(--mark) }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; margin: 0; padding: 0 }
footer { padding-top: 1rem; padding-bottom: 2.5rem; color: var(--soft); font-size: .9rem }
h1 { font-size: clamp(1.7rem, 5vw, 2.4rem); line-height: 1.15; letter-spacing: -.02em; margin: 1.5rem 0 .75rem }
h2 { font-size: 1.3rem; line-height: 1.3; margin: 2.75rem 0 .75rem }
h3 { font-size: 1rem; margin: 1.5rem 0 .4rem }
p { margin: .6rem 0; max-width: 46rem }
.lead { font-size: 1.15rem; color: var(--soft) }
.soft, .none { color: var(--soft) }
a { color: var(--link); text-underline-offset: .15em }
a:hover { text-decoration-thickness: 2px }
:focus-visible { outline: 3px solid var(--mark); outline-offset: 2px; border-radius: .2rem }
.skip { position: absolute; left: -99rem }
.skip:focus { left: 1rem; top: .5rem; background: var(--card); padding: .4rem .8rem }
code, pre { font: .875rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace }
p code, li code, td code { background: var(--code); padding: .1em .3em; border-radius: .25rem }
pre { background: var(--code); border: 1px solid var(--line); border-radius: .5rem; padding: .8rem 1rem; margin: .4rem 0; white-space: pre-wrap; overflow-wrap: anywhere }
.paste { position: relative }
.paste button { position: absolute; top: .45rem; right: .45rem; font: 600 .8rem/1 system-ui, sans-serif; padding: .5rem .7rem; color: var(--ink); background: var(--card); border: 1px solid var(--line); border-radius: .35rem; cursor: pointer }
.paste button:hover { border-color: var(--ink) }
.paste.can pre { padding-right: 5.2rem }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(17rem, 100%), 1fr)); gap: .75rem; list-style: none; margin: 0; padding: 0 }
.cards li { display: grid; grid-template-columns: 1fr auto; align-content: start; background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .8rem 1rem }
.cards a { font-weight: 600; justify-self: start }
.cards .count { font-variant-numeric: tabular-nums; font-weight: 600 }
.cards p { grid-column: 1 / -1; margin: .25rem 0 0; color: var(--soft); font-size: .9rem }
.plain { list-style: none; display: flex; flex-wrap: wrap; gap: .35rem 1.1rem; margin: .5rem 0; padding: 0 }
.wide { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: .6rem }
table { border-collapse: collapse; width: 100%; font-size: .92rem }
th, td { text-align: left; vertical-align: top; padding: .55rem .9rem; border-bottom: 1px solid var(--line); unicode-bidi: isolate }
tbody tr:last-child > * { border-bottom: 0 }
th { color: var(--soft); font-weight: 600; white-space: nowrap }
tbody th { color: inherit }
time, .when { white-space: nowrap; font-variant-numeric: tabular-nums }
.number { text-align: right; font-variant-numeric: tabular-nums }
details { margin: .9rem 0 }
form.fields { max-width: 26rem }
form.fields label { display: block; margin: .9rem 0 .25rem; font-weight: 600 }
form.fields input { display: block; width: 100%; font: inherit; padding: .5rem .65rem; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: .4rem }
form button, button.main { font: 600 1rem/1 system-ui, sans-serif; padding: .7rem 1.1rem; margin-top: 1.1rem; color: #fff; background: #b4530a; border: 0; border-radius: .4rem; cursor: pointer }
td form button, button.main { font-size: .85rem; padding: .4rem .6rem; margin: 0 }
.fault { border-left: 4px solid var(--mark); padding: .3rem .9rem }
summary { cursor: pointer; color: var(--link); font-weight: 600; width: fit-content }
`

/** Adds a button to each block that can be pasted. Without JavaScript there is none, and the text can be selected. */
export const copyScript = `
const said = document.getElementById('said')
for (const paste of document.querySelectorAll('.paste')) {
  const text = paste.querySelector('pre')
  const button = document.createElement('button')
  button.type = 'button'
  button.textContent = 'Copy'
  button.setAttribute('aria-label', 'Copy: ' + paste.dataset.name)
  button.onclick = async () => {
    let word = 'Copied'
    try {
      await navigator.clipboard.writeText(text.textContent)
    } catch {
      getSelection().selectAllChildren(text)
      word = 'Selected'
    }
    said.textContent = word
    button.textContent = word
    setTimeout(() => { button.textContent = 'Copy'; said.textContent = '' }, 2000)
  }
  paste.append(button)
  paste.classList.add('can')
}
`
