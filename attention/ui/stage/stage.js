// The page as a stage: the projector's look is one attribute of the document, and keys that nobody else is waiting for
// lead the class. What a key does is decided by the server; only stepping from idea to idea happens here.
// It also gives the document its language, and Tab its way into what a button has opened.

const MODIFIED = ['ctrlKey', 'metaKey', 'altKey']
// Who has the focus uses the keys: text boxes, sliders, radios, tabs, menus, dialogs, figures.
const OWNERS =
  'input:not([type=checkbox]), textarea, select, [contenteditable=true], [role=slider], [role=radio], [role=tab], ' +
  '[role=option], [role=listbox], [role=menu], [role=dialog] *, [role=application], [role=grid] *'
const STOPS = 'a[href], button, input, select, textarea, summary, [tabindex]' // where Tab may halt
const SENTENCE = '.st-key-text'
const DRAWN = '.live-figure'
const MARKS = `[data-testid=stHeading], [data-testid=stMarkdown] p, ${DRAWN}`
const MARGIN = 12 // pixels above an idea
const SLACK = 0.06 // of a screen: figures end with room for nothing
const NEAR = 60 // pixels: what is as near as this to the top is the idea on the screen
const PATIENCE = 3000 // milliseconds: a page asked for is on its way
let listening
let turned = { from: null, at: 0 } // the page a key has left, so that an impatient second press skips none

export default function ({ data, parentElement, setTriggerValue }) {
  const root = document.documentElement
  root.lang = data.language // Streamlit's own page says English, whatever it shows
  const theme = getComputedStyle(parentElement) // Streamlit tells its colours to components only
  root.style.setProperty('--page-background', theme.getPropertyValue('--st-background-color'))
  root.style.setProperty('--page-ink', theme.getPropertyValue('--st-text-color'))
  root.toggleAttribute('data-projector', data.projector)
  listening?.abort()
  listening = new AbortController()
  const keys = new Set(data.keys), ofSentence = new Set(data.keysOfSentence)
  root.dataset.keys = keys.size ? 'on' : 'off'
  addEventListener('keydown', walkPopover, { signal: listening.signal })
  addEventListener(
    'keydown',
    event => {
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
      if (!keys.has(key) || event.defaultPrevented || event.repeat || MODIFIED.some(name => event[name])) return
      if (document.activeElement?.closest(OWNERS) || document.querySelector('[role=dialog]')) return
      if (ofSentence.has(key) && !document.querySelector(SENTENCE)) return // such as the arrows that scroll a report
      if (key.startsWith('Arrow') && document.activeElement?.closest('[role=radiogroup]')) return
      event.preventDefault()
      if (key === 'ArrowRight' && step(1)) return
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

/** Bring the next or the last idea to the top, and say whether there was one. */
function step(way) {
  const main = document.querySelector('[data-testid=stMain]')
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
      const [least, most] = [2 * NEAR, 0.85 * screen].map(step => stops.at(-1) + step)
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
    .filter(({ element, box }) => box.height > 0 && (element.matches(DRAWN) || isHeading(element)))
    .map(({ element, box }) => ({ drawn: element.matches(DRAWN), top: box.top + offset, bottom: box.bottom + offset }))
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

/** Tell whether an element is a heading, or a paragraph that is bold from end to end: the name of what is below it. */
function isHeading(element) {
  return !element.matches('p') || element.querySelector('strong:only-child')?.textContent === element.textContent
}
