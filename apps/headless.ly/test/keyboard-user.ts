// A person without a mouse. They reach everything by keys, and see after each key where they are: the focus is never lost to the
// page, and is always visible.

import type { Locator, Page } from 'playwright-core'

/** A page that is being drawn, or a button whose request is on its way, may be without the focus for so long. */
const lostMaxMs = 3_000
const stepMs = 25
/** Tab keys to get anywhere on a page. */
const tabsMax = 150

/** Returns what has the focus, or what is wrong with it. `data-from` is for failures. */
const describeFocus = `(() => {
  const element = document.activeElement
  if (element === null || element === document.body) return 'lost: the page has the focus'
  const name = element.tagName + ' ' + (element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 40)
  if (!element.checkVisibility()) return 'lost: out of sight: ' + name
  const { boxShadow, outlineStyle, outlineWidth } = getComputedStyle(element)
  const isMarked = boxShadow !== 'none' || (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0)
  if (!isMarked) return 'lost: not marked: ' + name
  const { top, left, bottom, right } = element.getBoundingClientRect()
  const isInView = bottom > 0 && right > 0 && top < innerHeight && left < innerWidth
  return isInView ? name : 'lost: outside of the window: ' + name
})()`

export class KeyboardUser {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  /** Presses keys one after another, and looks for the focus after each. */
  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      await this.page.keyboard.press(key)
      await this.seesFocus(`after ${key}`)
    }
  }

  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text)
    await this.seesFocus(`after typing ${text}`)
  }

  /** Goes on with Tab, or back with Shift and Tab, until the element has the focus. */
  async tabTo(target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
    await target.first().waitFor()
    const passed: string[] = []
    for (let tabs = 0; tabs < tabsMax; tabs++) {
      if (await this.isAt(target)) return
      await this.page.keyboard.press(key)
      passed.push(String(await this.page.evaluate(describeFocus)))
    }
    throw new Error(`${String(target)} is out of reach of ${key}, which passed ${passed.slice(0, 40).join(', ')}`)
  }

  async isAt(target: Locator): Promise<boolean> {
    return (await target.and(this.page.locator(':focus')).count()) > 0
  }

  /** Chooses an option of the list that has the focus, by the beginning of its text. */
  async choose(select: Locator, text: string): Promise<void> {
    await this.tabTo(select)
    await this.type(text)
    // The popup of a list is closed by Enter, which changes nothing where none is open.
  }

  /** Fails if the focus is lost, and does not come back at once. */
  async seesFocus(when: string): Promise<void> {
    let seen = ''
    for (const endMs = Date.now() + lostMaxMs; Date.now() < endMs;) {
      seen = String(await this.page.evaluate(describeFocus).catch((error: Error) => `lost: ${error.message}`))
      if (!seen.startsWith('lost: ')) return
      await this.page.waitForTimeout(stepMs)
    }
    throw new Error(`${when}, the focus is ${seen} (${this.page.url()})`)
  }
}
