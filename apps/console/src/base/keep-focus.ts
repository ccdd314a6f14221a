// Keeps the keyboard's place. A browser drops the focus to the body when the element that has it is removed or disabled: a dialog
// ends, an editor closes, a row moves, a page is replaced. These rules say where it goes instead:
// 1. Another page: to the page while it is loaded, then to its heading, unless the page has taken the focus itself.
// 2. The end of a dialog, or of a message at the edge: to the element that had the focus before it.
// 3. Anything else: to the same element once it is enabled again, or to another link to the same address; otherwise to the nearest
//    part of the page that is left, at its first stop.

import { navigationEvents } from './navigation.tsx'

/** Parts above the page, which have their own focus. */
const layers = 'dialog, .toasts'
const layersMax = 4
const stopsOfTab =
  'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), summary, [tabindex="0"]'
/** A part with this attribute takes the focus itself. */
const keepsFocus = 'data-keeps-focus'
/** A button is disabled while its request is on its way, and a card is drawn again in its new column. */
const patienceMs = 700
/** A page that takes longer shows its reader a placeholder, which has no heading. */
const arrivalMs = 15_000

interface Stop {
  readonly element: HTMLElement
  readonly layer: Element | null
  /** The ancestors, nearest first: an element that was removed no longer has any. */
  readonly around: readonly Element[]
}

export function keepFocus(): void {
  const keeper = new FocusKeeper()
  document.addEventListener('focusin', ({ target }) => {
    if (target instanceof HTMLElement) keeper.reach(target)
  })
  document.addEventListener('focusout', ({ target, relatedTarget }) => {
    // The browser says only afterwards where the focus went.
    if (relatedTarget === null && target instanceof HTMLElement) setTimeout(() => keeper.leave(target))
  })
  for (const name of navigationEvents) globalThis.addEventListener(name, () => keeper.navigate())
  for (const name of ['keydown', 'pointerdown'])
    globalThis.addEventListener(name, (event) => keeper.act(event), { capture: true })
  new MutationObserver(() => keeper.redraw()).observe(document.body, {
    subtree: true,
    childList: true,
    attributeFilter: ['disabled', 'hidden'],
  })
}

class FocusKeeper {
  /** The latest stop of the page, and of each layer above it. */
  #stops: readonly Stop[] = []
  #isByKey = false
  #path = location.pathname
  /** Until then, the focus goes to the page that was asked for. */
  #arrivesUntilMs = 0
  #headingBefore: HTMLElement | undefined
  #patience: ReturnType<typeof setTimeout> | undefined

  reach(element: HTMLElement): void {
    const stop = stopAt(element)
    const at = this.#stops.findIndex(({ layer }) => layer === stop.layer)
    const below = stop.layer === null ? [] : at < 0 ? this.#stops : this.#stops.slice(0, at)
    this.#stops = [...below.slice(-layersMax), stop]
  }

  /** A click beside everything, or the Tab key after the last stop, leaves an element that is still there: nothing was lost. */
  leave(element: HTMLElement): void {
    const isLeft = document.activeElement === document.body && !isLost(element)
    if (isLeft && this.#stops.at(-1)?.element === element) this.#stops = this.#stops.slice(0, -1)
  }

  navigate(): void {
    if (location.pathname === this.#path) return
    this.#path = location.pathname
    this.#arrivesUntilMs = Date.now() + arrivalMs
    this.#headingBefore = takeableBy('main h1')
  }

  act(event: Event): void {
    this.#isByKey = event instanceof KeyboardEvent
    // Somebody who goes on before the page is there is not called back.
    if (!(event instanceof KeyboardEvent) || event.key === 'Tab') this.#arrivesUntilMs = 0
  }

  redraw(): void {
    if (this.#arrivesUntilMs > 0) this.#arrive()
    this.#restore(true)
  }

  /** Returns whether the focus belongs to a page that has just come, or is being loaded. */
  #arrive(): boolean {
    const main = takeableBy('main')
    const heading = takeableBy('main h1')
    const isOld = heading !== undefined && heading === this.#headingBefore
    if (Date.now() > this.#arrivesUntilMs || main === undefined || isOld) return false
    if (heading !== undefined) this.#arrivesUntilMs = 0
    const { activeElement } = document
    const isTaken = activeElement !== main && main.contains(activeElement)
    if (!isTaken && activeElement !== (heading ?? main)) this.#focus(heading ?? main)
    return true
  }

  #restore(isPatient: boolean): void {
    if (document.activeElement !== document.body && !isLost(document.activeElement)) return
    if (this.#arrive()) return
    const stop = this.#stops.findLast(({ layer }) => layer === null || (isShown(layer) && layer.childElementCount > 0))
    if (stop === undefined) return
    const next = stopAgain(stop) ?? (isPatient && canComeBack(stop) ? undefined : nearestStop(stop))
    if (next !== undefined) return this.#focus(next)
    clearTimeout(this.#patience)
    this.#patience = setTimeout(() => this.#restore(false), patienceMs)
  }

  /** A click moves the page for nobody. */
  #focus(element: HTMLElement): void {
    element.focus({ preventScroll: !this.#isByKey })
  }
}

function stopAt(element: HTMLElement): Stop {
  const around: Element[] = []
  for (let part = element.parentElement; part !== null; part = part.parentElement) around.push(part)
  return { element, layer: element.closest(layers), around }
}

/** The same element, or a link that leads to the same place. */
function stopAgain({ element, layer }: Stop): HTMLElement | undefined {
  if (!isLost(element)) return element
  if (layer !== null || !(element instanceof HTMLAnchorElement)) return undefined
  return [...document.querySelectorAll<HTMLAnchorElement>('main a[href]')].find(({ href }) => href === element.href)
}

function canComeBack({ element }: Stop): boolean {
  return element instanceof HTMLAnchorElement || (element.isConnected && element.matches(':disabled'))
}

function nearestStop({ around, layer }: Stop): HTMLElement | undefined {
  for (const part of around) {
    if (!(part instanceof HTMLElement) || !part.isConnected) continue
    if (part.matches('main, body')) break
    if (part.hasAttribute(keepsFocus)) return part
    const [first] = [...part.querySelectorAll<HTMLElement>(stopsOfTab)].filter(isShown)
    if (first !== undefined) return first
    if (part === layer) break
  }
  return takeableBy('main h1')
}

/** A part of the page that takes the focus by script only. */
function takeableBy(selector: string): HTMLElement | undefined {
  const element = document.querySelector<HTMLElement>(selector) ?? undefined
  if (element !== undefined) element.tabIndex = -1
  return element
}

function isLost(element: Element | null): boolean {
  return element === null || !element.isConnected || element.matches(':disabled') || !isShown(element)
}

function isShown(element: Element): boolean {
  return element.checkVisibility()
}
