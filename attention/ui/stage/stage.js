// The page as a stage: the projector's look is one attribute of the document, and keys that nobody else is waiting for
// lead the class. What a key does is decided by the server; only stepping from idea to idea happens here.
// It also gives the document its language, and Tab its way into what a button has opened.

const MODIFIED = ['ctrlKey', 'metaKey', 'altKey']
// Who has the focus uses the keys: text boxes, sliders, radios, tabs, menus, dialogs, figures.
const OWNERS =
  'input:not([type=checkbox]), textarea, select, [contenteditable=true], [role=slider], [role=radio], [role=tab], ' +
  '[role=option], [role=listbox], [role=menu], [role=dialog] *, [role=application], [role=grid] *'
const STOPS = 'a[href], button, input, select, textarea, summary, [tabindex]' // where Tab may halt
const ROWS = '.st-key-rows_shown' // there where the page shows rows that keys move
const DRAWN = '.live-figure'
const BOX = '[class*=_guess], [class*=_revealed]' // among others, a guess and what came of it
const IS_BOX = /\bst-key-(\w+)_(guess|revealed)\b/
const MARKS = `[data-testid=stHeading], [data-testid=stMarkdown] p, ${DRAWN}, ${BOX}`
const MARGIN = 12 // pixels above an idea
const SLACK = 0.06 // of a screen: figures end with room for nothing
const NEAR = 60 // pixels: what is as near as this to the top is the idea on the screen
const PATIENCE = 3000 // milliseconds: a page asked for is on its way
let listening
let page // the one that is shown
let asked // the name of the guess that has the focus
let turned = { from: null, at: 0 } // the page a key has left, so that an impatient second press skips none

export default function ({ data, parentElement, setTriggerValue }) {
  const root = document.documentElement
  root.lang = data.language // Streamlit's own page says English, whatever it shows
  const theme = getComputedStyle(parentElement) // Streamlit tells its colours to components only
  root.style.setProperty('--page-background', theme.getPropertyValue('--st-background-color'))
  root.style.setProperty('--page-ink', theme.getPropertyValue('--st-text-color'))
  root.toggleAttribute('data-projector', data.projector)
  if (page !== data.here) mainOf()?.scrollTo(0, 0) // Streamlit leaves the next page where the last one was
  page = data.here
  listening?.abort()
  listening = new AbortController()
  followGuesses(listening.signal)
  const keys = new Set(data.keys), ofRows = new Set(data.keysOfRows)
  root.dataset.keys = keys.size ? 'on' : 'off'
  addEventListener('keydown', walkPopover, { signal: listening.signal })
  addEventListener('keydown', closeDialog, { signal: listening.signal })
  addEventListener(
    'keydown',
    event => {
      if (data.projector && leavesBox(event)) return
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
      if (!keys.has(key) || event.defaultPrevented || event.repeat || MODIFIED.some(name => event[name])) return
      if (document.activeElement?.closest(OWNERS) || document.querySelector('[role=dialog]')) return
      if (ofRows.has(key) && !document.querySelector(ROWS)) return // the arrows, which then scroll
      if (key.startsWith('Arrow') && document.activeElement?.closest('[role=radiogroup]')) return
      event.preventDefault()
      if (key === 'ArrowRight' && ((data.projector && reveal()) || step(1))) return
      if (key === 'ArrowLeft' && step(-1)) return
      if (key === 'ArrowRight' || key === 'ArrowLeft') {
        if (turned.from === data.here && performance.now() - turned.at < PATIENCE) return
        turned = { from: data.here, at: performance.now() }
      }
      setTriggerValue('pressed', key)
    },
    { signal: listening.signal }
  )
}

/** Let Escape close a dialog that has lost the focus, or never had it: Streamlit's own hears it only with the focus. */
function closeDialog({ key }) {
  const dialog = document.querySelector('[role=dialog]')
  if (key !== 'Escape' || !dialog || dialog.contains(document.activeElement)) return
  dialog.querySelector('[aria-label=Close]')?.click()
}

/** Let Tab go from a popover's button into it and out again: Streamlit puts what it holds at the document's end. */
function walkPopover(event) {
  if (event.key !== 'Tab' || MODIFIED.some(name => event[name])) return
  const button = document.querySelector('[data-testid=stPopoverButton][aria-expanded=true]')
  const body = document.querySelector('[data-testid=stPopoverBody]')
  if (!button || !body) return
  // Once left, its stops wait with their own tabindex put aside.
  const inside = [...body.querySelectorAll(STOPS)].filter(
    stop => Number(stop.dataset.tabindex ?? stop.tabIndex) >= 0 && !stop.disabled && stop.checkVisibility()
  )
  const here = document.activeElement
  if (event.shiftKey ? here === inside[0] : here === button && inside.length) {
    event.preventDefault()
    ;(event.shiftKey ? button : inside[0]).focus()
  } else if (!event.shiftKey && here === inside.at(-1)) {
    button.focus() // from where Tab, which is still to act, goes on
  }
}

function mainOf() {
  return document.querySelector('[data-testid=stMain]')
}

/** Let who has typed a sentence go on by keys: Enter gives the box up, as Escape does all that has the focus. */
function leavesBox({ key }) {
  const here = document.activeElement
  if (!here || here === document.body || document.querySelector('[role=dialog], [role=listbox]')) return false
  const leaves = key === 'Escape' || (key === 'Enter' && here.matches('input[type=text]:not([role=combobox])'))
  if (leaves) setTimeout(() => here.blur()) // after Streamlit has read what was typed
  return leaves
}

/** Show what the guess on the screen hides, and say whether there was one: a class has guessed aloud. */
function reveal() {
  const hidden = [...document.querySelectorAll('[class*=_guess_skip] button')]
  const skip = hidden.find(button => {
    const { top, bottom } = button.getBoundingClientRect()
    return top >= 0 && bottom <= innerHeight
  })
  skip?.click()
  return !!skip
}

/** Give the focus to what came of a guess, where the guess had it: its box is gone, and the focus with it. */
function followGuesses(signal) {
  const remember = () => {
    const box = document.activeElement?.closest(BOX.split(',')[0])
    asked = document.activeElement === document.body ? asked : boxNamed(box, 'guess')
  }
  addEventListener('focusin', remember, { signal })
  const watch = new MutationObserver(() => {
    if (!asked || document.activeElement !== document.body) return
    const found = document.querySelector(`.st-key-${asked}_revealed`)
    if (!found) return
    asked = undefined
    found.tabIndex = -1
    found.focus({ preventScroll: true })
  })
  watch.observe(document.body, { childList: true, subtree: true })
  signal.addEventListener('abort', () => watch.disconnect())
}

/** Return the name of a box of that kind, or of the one around it. */
function boxNamed(element, kind) {
  for (let box = element; box; box = box.parentElement?.closest(BOX)) {
    const [, name, found] = IS_BOX.exec(box.className) ?? []
    if (found === kind) return name
  }
}

/** Bring the next or the last idea to the top, and say whether there was one. */
function step(way) {
  const main = mainOf()
  if (!main) return false
  const now = main.scrollTop, stops = stopsOf(main)
  const next = way > 0 ? stops.find(place => place > now + NEAR) : stops.findLast(place => place < now - NEAR)
  if (next === undefined) return false
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches
  main.scrollTo({ top: next, behavior: still ? 'instant' : 'smooth' })
  return true
}

/** Return where the page halts on its way down: at each idea not yet wholly seen, and never past anything unseen. */
function stopsOf(main) {
  const screen = main.clientHeight, end = main.scrollHeight - screen, stops = [0]
  const isSeen = bottom => bottom <= stops.at(-1) + (1 + SLACK) * screen
  const goTo = place => {
    const wanted = Math.min(place - MARGIN, end)
    while (wanted > stops.at(-1) + screen) {
      const [least, most] = [0.33 * screen, 0.85 * screen].map(step => stops.at(-1) + step)
      stops.push(Math.min(Math.max(wanted - screen + MARGIN, least), most))
    }
    if (wanted > stops.at(-1) + NEAR) stops.push(wanted)
  }
  for (const { top, figure, bottom } of ideasOf(main, screen)) {
    if (!isSeen(bottom)) goTo(top)
    if (!isSeen(bottom)) goTo(figure)
  }
  goTo(end + MARGIN)
  return stops
}

/**
 * Return a page's ideas from the top down: a figure with the heading above it, or else with as much of the text above
 * it as the screen has room for; a heading without a figure, with the text below it.
 */
function ideasOf(main, screen) {
  const offset = main.scrollTop - main.getBoundingClientRect().top
  const marks = [...main.querySelectorAll(MARKS)]
    .map(element => ({ element, box: element.getBoundingClientRect() }))
    .filter(({ element, box }) => box.height > 0 && (isDrawn(element) || isHeading(element)))
    .map(({ element, box }) => ({ drawn: isDrawn(element), top: box.top + offset, bottom: box.bottom + offset }))
    .sort((one, other) => one.top - other.top)
  const ideas = []
  let heading, last = 0
  for (const { drawn, top, bottom } of marks) {
    if (drawn) {
      const room = Math.max(last, bottom - screen + 2 * MARGIN)
      ideas.push({ top: heading ?? Math.min(room, top), figure: top, bottom })
      last = bottom
    } else if (heading !== undefined) {
      ideas.push({ top: heading, figure: heading, bottom: top })
    }
    heading = drawn ? undefined : top
  }
  return heading === undefined ? ideas : [...ideas, { top: heading, figure: heading, bottom: main.scrollHeight }]
}

/** Tell whether an element is to be seen whole: a figure, or the box of a guess with all that is in it. */
function isDrawn(element) {
  return element.matches(BOX) ? IS_BOX.test(element.className) : element.matches(DRAWN) && !boxNamed(element, 'guess')
}

/** Tell whether an element is a heading, or a paragraph that is bold from end to end: the name of what is below it. */
function isHeading(element) {
  if (element.matches('p')) return element.querySelector('strong:only-child')?.textContent === element.textContent
  return element.matches('[data-testid=stHeading]')
}
