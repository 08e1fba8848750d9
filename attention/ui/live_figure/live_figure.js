// One plotly figure that stays in the page: drawn by Plotly.react, walked by the keyboard, clicked cell by cell.
//
// Streamlit calls the default export each time the data or the theme changes, with the same parent element, and
// calls the function it returned when the component leaves the page. All text is set by textContent.

const views = new WeakMap() // parent element → the one View living in it
const DEFAULT_HEIGHT = 450
const NARROW = 640 // pixels: below, the narrow drawing is shown where there is one
const WALL = 5 / 3 // on a projector a figure is drawn for less room and shown larger: its smallest letters are 20 pixels
const SCREEN_EDGE = 24 // pixels of a projector's screen that a figure leaves free
const CLICK_SLACK = 5 // pixels a finger may slip between down and up
let count = 0

export default function ({ parentElement, data, setTriggerValue }) {
  const message = JSON.parse(new TextDecoder().decode(data))
  if (!message.figure) return void loadPlotly(message.plotlyJs).catch(console.error) // preload()
  if (!views.has(parentElement)) views.set(parentElement, new View(parentElement))
  const view = views.get(parentElement)
  view.send = choice => setTriggerValue('clicked', choice)
  view.show(message)
  return () => {
    // Streamlit also calls this for a call that a newer one has overtaken: only leaving the page ends the view.
    if (parentElement.isConnected) return
    view.end()
    views.delete(parentElement)
  }
}

/** Fetch and run plotly.js, once a page however many figures ask for it. */
function loadPlotly(name) {
  const loading = (window.attentionPlotly ??= {})
  loading[name] ??= fetchPlotly(name).catch(error => {
    delete loading[name] // the next figure, or the next visit, may try again
    throw error
  })
  return loading[name]
}

async function fetchPlotly(name) {
  // Streamlit's own scripts say where the server's root is, under any sub-path and on any page.
  const streamlit = document.querySelector('script[src*="static/js/"]')
  const root = streamlit ? new URL('../../', streamlit.src) : document.baseURI
  const response = await fetch(new URL(`app/static/${name}`, root))
  if (!response.ok) throw new Error(`${response.url}: ${response.status}`)
  const unpacked = response.body.pipeThrough(new DecompressionStream('gzip'))
  const address = URL.createObjectURL(await new Response(unpacked).blob())
  try {
    await new Promise((resolve, reject) => {
      const script = document.createElement('script')
      script.onload = resolve
      script.onerror = () => reject(new Error(`${name} does not run`))
      script.src = address
      document.head.append(script)
    })
  } finally {
    URL.revokeObjectURL(address)
  }
  return window.Plotly
}

// Figures that change together are drawn in turns, each seen before the next takes the browser's time: those of a
// lower turn first, then as they asked, which is as they stand on the page.
const waiting = []
let busy = false

/** Resolves when it is our turn to draw, with the function that ends it. */
function myTurn(turn) {
  return new Promise(begin => {
    const after = waiting.findIndex(other => other.turn > turn)
    waiting.splice(after < 0 ? waiting.length : after, 0, { turn, begin })
    if (!busy) nextTurn()
  })
}

async function nextTurn() {
  busy = true
  await nextTask() // Streamlit brings all figures of a run in one task: let each of them ask
  const next = waiting.shift()
  if (next) next.begin(() => painted().then(nextTurn))
  else busy = false
}

function nextTask() {
  return new Promise(resolve => {
    const { port1, port2 } = new MessageChannel() // a timer would wait for some milliseconds
    port1.onmessage = resolve
    port2.postMessage(null)
  })
}

/** Resolves when what was drawn is on the screen; where nothing is painted, in a tab behind others, soon after. */
function painted() {
  return new Promise(resolve => {
    const wait = frames => (frames ? requestAnimationFrame(() => wait(frames - 1)) : resolve())
    wait(3) // to lay it out, to show it, and one to spare: on a busy machine the next drawing would hold this one back
    setTimeout(resolve, 200)
  })
}

class View {
  constructor(parent) {
    const id = `live-figure-${++count}`
    this.root = element('div', 'live-figure')
    this.sheet = element('div', 'sheet') // what is enlarged on a projector
    this.plot = element('div', 'plot')
    // The keyboard's place is a sibling of the drawing, not its parent: the mode bar's buttons stay reachable.
    this.keys = element('div', 'keys')
    this.keys.tabIndex = 0
    this.keys.setAttribute('aria-describedby', `${id}-help`)
    this.box = element('div', 'cursor')
    this.box.hidden = true
    this.help = element('p', 'aloud')
    this.help.id = `${id}-help`
    this.aloud = element('p', 'aloud')
    this.aloud.setAttribute('aria-live', 'polite')
    this.notice = element('p', 'notice')
    this.notice.setAttribute('role', 'status')
    this.keys.append(this.box)
    this.sheet.append(this.keys, this.plot)
    this.root.append(this.sheet, this.notice, this.help, this.aloud)
    parent.append(this.root)

    this.cursor = null // { panel: index, row, column }
    this.resets = 0
    this.listeners = new AbortController()
    const options = { signal: this.listeners.signal }
    this.keys.addEventListener('keydown', event => this.press(event), options)
    this.keys.addEventListener('blur', () => this.hideCursor(), options)
    this.plot.addEventListener('pointerdown', event => this.down(event), { ...options, capture: true })
    this.sizes = new ResizeObserver(() => this.root.clientWidth !== this.roomWidth && this.draw())
    this.sizes.observe(this.root)
  }

  end() {
    this.ended = true
    this.listeners.abort()
    this.sizes.disconnect()
    this.Plotly?.purge(this.plot)
    this.root.remove()
  }

  show({ figure, narrow, frame }) {
    this.figure = figure
    this.narrow = narrow
    this.frame = frame
    this.draw()
  }

  /** Draw the latest figure; what arrives meanwhile waits, and only the last of it is drawn. */
  async draw() {
    this.stale = true
    if (this.drawing) return
    this.drawing = true
    try {
      if (!this.Plotly) {
        this.say('loading')
        this.Plotly = await loadPlotly(this.frame.plotlyJs)
      }
      while (this.stale && !this.ended) {
        const free = await myTurn(this.frame.turn)
        this.stale = false
        await this.drawOnce().finally(free)
      }
      this.say(null)
    } catch (error) {
      console.error(error)
      this.say('failed')
    } finally {
      this.drawing = false
    }
  }

  async drawOnce() {
    const { frame, plot } = this
    this.roomWidth = this.root.clientWidth
    this.scale = document.documentElement.hasAttribute('data-projector') ? WALL : 1
    this.width = Math.floor(this.roomWidth / this.scale)
    if (!this.width) return // hidden, in a closed expander: the observer calls again when it opens
    const figure = (this.width < NARROW && this.narrow) || this.figure
    const layout = structuredClone(figure.layout ?? {})
    layout.width = this.width
    layout.height = this.fits(frame.height ?? layout.height ?? DEFAULT_HEIGHT, layout.meta?.least)
    layout.uirevision ??= `${this.resets} ${JSON.stringify(figure.data.map(shapeOf))}`
    // A finger that starts on the figure must still be able to scroll the page.
    if (matchMedia('(pointer: coarse)').matches) layout.dragmode = false
    this.enlarge(layout.height)
    const isNew = !plot.on
    this.maps = byteMapsOf(figure)
    const data = figure.data.map((trace, index) => ({ ...trace, ...this.asSeen(index, layout) }))
    await this.Plotly.react(plot, data, layout, this.newConfig(layout.meta?.zooms))
    if (this.ended) return this.Plotly.purge(plot)
    if (isNew) {
      plot.on('plotly_click', event => this.pick(event))
      plot.on('plotly_hover', ({ points }) => this.isolate(points[0].data.meta?.isolates, points[0].pointNumber))
      plot.on('plotly_relayout', () => this.refine())
      plot.on('plotly_unhover', () => this.isolate(null))
      plot.on('plotly_afterplot', () => (this.placeCursor(), this.isolate(this.isolated?.side, this.isolated?.point)))
    }
    for (const drawing of plot.querySelectorAll('svg.main-svg')) drawing.setAttribute('aria-hidden', 'true')
    this.panels = panelsOf(plot)
    this.keys.setAttribute('role', this.panels.length ? 'application' : 'img')
    this.keys.setAttribute('aria-label', frame.alt)
    this.keys.tabIndex = this.panels.length ? 0 : -1
    this.help.textContent = this.panels.length ? frame.texts.keys : ''
    if (this.cursor) this.moveCursor(this.cursor)
  }

  /** On a projector, as much of `height` as the screen shows at once, though not below `least`, where there is one. */
  fits(height, least) {
    if (this.scale === 1 || !least) return height
    return Math.max(least, Math.min(height, Math.floor((innerHeight - SCREEN_EDGE) / this.scale)))
  }

  /** Show the sheet, `height` pixels high, as large as the room asks; the page keeps place for what is seen. */
  enlarge(height) {
    const larger = this.scale !== 1
    this.sheet.style.transform = larger ? `scale(${this.scale})` : ''
    this.sheet.style.width = larger ? `${this.width}px` : ''
    this.root.style.height = larger ? `${Math.ceil(this.scale * height)}px` : ''
  }

  /** What is drawn of a map of bytes: of the ranges in view, or of those of a `layout` not drawn yet. */
  asSeen(index, layout) {
    const found = this.maps.get(index)
    if (!found) return {}
    const known = this.plot._fullLayout
    const { xaxis, yaxis } = known?.uirevision === layout.uirevision ? known : layout
    const size = axis => this.scale * (axis._length ?? Math.min(layout.width, layout.height))
    return found.map.drawn({ x: xaxis.range, y: yaxis.range, width: size(xaxis), height: size(yaxis) })[found.part]
  }

  /** After a zoom, draw the cells of maps of bytes that have come into view. */
  refine() {
    for (const [index, { map }] of this.maps) {
      const before = map.last
      const seen = this.asSeen(index, this.plot._fullLayout)
      if (map.last === before && this.plot.data[index].z === seen.z) continue
      const { z, hovertext, ...place } = seen
      this.Plotly.restyle(this.plot, { ...place, z: [z], ...(hovertext && { hovertext: [hovertext] }) }, [index])
    }
  }

  /** See half as much of both axes, or twice: around the middle, or around the focus while all is seen. */
  zoom(factor) {
    const { xaxis, yaxis, meta } = this.plot._fullLayout
    const whole = this.plot.layout.meta.whole
    const ranges = {}
    for (const [name, axis, focus] of [['xaxis', xaxis, meta.focus?.[1]], ['yaxis', yaxis, meta.focus?.[0]]]) {
      const [low, high] = [Math.min(...axis.range), Math.max(...axis.range)]
      const length = Math.min((high - low) * factor, whole[1] - whole[0])
      const isWhole = high - low >= whole[1] - whole[0]
      const centre = isWhole && focus !== undefined ? focus : (low + high) / 2
      const start = Math.max(whole[0], Math.min(centre - length / 2, whole[1] - length))
      const range = [start, start + length]
      ranges[`${name}.range`] = axis.range[0] > axis.range[1] ? range.reverse() : range
    }
    return this.Plotly.relayout(this.plot, ranges)
  }

  /** The settings of the mode bar, only when its buttons change: given any anew, Plotly would draw all from nothing. */
  newConfig(zooms = false) {
    const { texts } = this.frame
    const buttons = `${texts.reset_zoom} ${zooms}`
    if (this.buttons === buttons) return undefined
    this.buttons = buttons
    const { Icons } = this.Plotly
    const button = (name, icon, click) => ({ name, title: texts[name], icon, click })
    return {
      displaylogo: false,
      responsive: false,
      showTips: false,
      modeBarButtons: [[
        button('download_png', Icons.camera, () => this.download('png')),
        button('download_svg', Icons.disk, () => this.download('svg')),
        ...(zooms
          ? [
              button('zoom_in', Icons.zoom_plus, () => this.zoom(1 / 2)),
              button('zoom_out', Icons.zoom_minus, () => this.zoom(2)),
            ]
          : []),
        button('reset_zoom', Icons.home, () => this.reset()),
      ]],
    }
  }

  reset() {
    this.resets += 1 // another uirevision: the figure's own ranges come back
    this.draw()
  }

  async download(format) {
    const { data, layout } = this.plot
    const background = getComputedStyle(this.root).getPropertyValue('--st-background-color').trim()
    const { width, height, font, paper_bgcolor } = this.plot._fullLayout
    const clear = /^(transparent|rgba\(.*,\s*0\))$/.test(paper_bgcolor)
    const page = { ...layout, paper_bgcolor: clear ? background : paper_bgcolor }
    const options = { heading: this.frame.heading, width, height, size: font.size, ink: font.color }
    const picture = await pictureOf(this.Plotly, { data, layout: page }, options)
    saveFile(await pictureFile(picture, format), `${this.frame.fileName}.${format}`)
  }

  say(text) {
    this.notice.textContent = text ? this.frame.texts[text] : ''
    this.notice.hidden = !text
  }

  /** Show only the lines that touch `point` on one `side`; all of them without a side. */
  isolate(side, point) {
    const isolated = side ? { side, point } : null
    if (!isolated && !this.isolated) return
    this.isolated = isolated
    for (const group of this.plot.querySelectorAll('.scatterlayer .trace')) {
      const { meta } = group.__data__[0].trace
      if (meta?.role !== 'lines') continue
      group.querySelectorAll('.js-line').forEach((line, i) => {
        line.style.display = isolated && meta[side]?.[i] !== point ? 'none' : ''
      })
    }
  }

  // ---- choosing --------------------------------------------------------------------------------------------------

  /** A press that ends where it began is a click, also on an empty cell, where Plotly reports none. */
  down(start) {
    if (start.button !== 0 || !start.isPrimary || start.target.closest('.modebar')) return
    const watch = new AbortController()
    const up = end => {
      watch.abort()
      if (this.ended) return
      if (Math.hypot(end.clientX - start.clientX, end.clientY - start.clientY) > CLICK_SLACK) return
      const edge = this.plot.getBoundingClientRect()
      const place = this.cellAt((end.clientX - edge.left) / this.scale, (end.clientY - edge.top) / this.scale)
      if (place) this.choose(place)
    }
    window.addEventListener('pointerup', up, { signal: watch.signal, capture: true })
    window.addEventListener('pointercancel', () => watch.abort(), { signal: watch.signal, capture: true })
  }

  pick({ points }) {
    const panel = this.panels.findIndex(panel => panel.role === 'points' && panel.trace === points[0].curveNumber)
    if (panel >= 0) this.choose({ panel, row: 0, column: points[0].pointNumber })
  }

  choose(place) {
    const { role, trace, head } = this.panels[place.panel]
    this.cursor = place
    if (!this.box.hidden) this.moveCursor(place)
    if (role === 'grid') return // it is read, and chooses nothing
    this.send(role === 'cells' ? { trace, head, row: place.row, column: place.column } : { trace, point: place.column })
  }

  cellAt(x, y) {
    for (const [index, panel] of this.panels.entries()) {
      if (panel.role !== 'cells') continue
      const { xaxis, yaxis, cells } = drawn(this.plot, panel)
      const column = brickAt(edgesOf(panel, cells, 'x'), xaxis, x) - panel.left
      const row = brickAt(edgesOf(panel, cells, 'y'), yaxis, y) - panel.top
      if (within(row, panel.rows) && within(column, panel.columns)) return { panel: index, row, column }
    }
    return null
  }

  // ---- the keyboard's cursor -------------------------------------------------------------------------------------

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.panels?.length) return
    const step = {
      ArrowLeft: at => ({ ...at, column: at.column - 1 }),
      ArrowRight: at => ({ ...at, column: at.column + 1 }),
      ArrowUp: at => ({ ...at, row: at.row - 1 }),
      ArrowDown: at => ({ ...at, row: at.row + 1 }),
      Home: at => ({ ...at, column: 0 }),
      End: at => ({ ...at, column: Infinity }),
      PageUp: at => ({ ...at, panel: at.panel - 1 }),
      PageDown: at => ({ ...at, panel: at.panel + 1 }),
    }[event.key]
    const at = this.cursor ?? { panel: 0, row: 0, column: 0 }
    if (step) {
      this.moveCursor(this.box.hidden ? at : step(at)) // the first key only shows where the cursor is
    } else if (event.key === 'Enter' || event.key === ' ') {
      this.moveCursor(at)
      this.choose(this.cursor)
    } else if (event.key === 'Escape') {
      this.hideCursor()
    } else {
      return
    }
    event.preventDefault()
    event.stopPropagation()
  }

  moveCursor(to) {
    const panel = clamp(to.panel, this.panels.length)
    const { rows, columns } = this.panels[panel]
    this.cursor = { panel, row: clamp(to.row, rows), column: clamp(to.column, columns) }
    if (document.activeElement !== this.keys) return
    this.box.hidden = false
    this.placeCursor()
    const exact = this.maps.get(this.panels[panel].trace)?.map
    const sentence = exact
      ? plainText(exact.sentence(this.cursor.row, this.cursor.column))
      : sentenceAt(this.plot, this.panels[panel], this.cursor)
    if (this.aloud.textContent !== sentence) this.aloud.textContent = sentence
    this.hover()
  }

  hideCursor() {
    if (this.box.hidden) return
    this.box.hidden = true
    this.aloud.textContent = ''
    this.Plotly.Fx.unhover(this.plot)
    this.isolate(null)
  }

  placeCursor() {
    if (this.box.hidden) return
    const { left, top, width, height } = boxOf(this.plot, this.panels[this.cursor.panel], this.cursor)
    Object.assign(this.box.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` })
  }

  /** Show the hover label at the cursor, as the mouse would. */
  hover() {
    const panel = this.panels[this.cursor.panel]
    const { trace, xaxis, yaxis } = drawn(this.plot, panel)
    const { left, top, width, height } = boxOf(this.plot, panel, this.cursor)
    const middle = {
      xval: xaxis.p2c(left + width / 2 - xaxis._offset),
      yval: yaxis.p2c(top + height / 2 - yaxis._offset),
    }
    this.Plotly.Fx.hover(this.plot, middle, trace.xaxis + trace.yaxis)
    this.isolate(trace.meta.isolates, this.cursor.column) // Plotly reports only what the pointer hovers
  }
}

// ---- reading a drawn figure ----------------------------------------------------------------------------------------

/** What makes two figures the same picture with other numbers: then the reader's zoom still means something. */
function shapeOf({ type, meta }) {
  return [type, meta?.role, meta?.n, meta?.heads, meta?.columns]
}

/** The maps and rows of points that can be walked, in reading order. */
function panelsOf(plot) {
  return plot._fullData.flatMap((trace, index) => {
    const meta = trace.meta ?? {}
    if (trace.visible !== true) return []
    if (meta.role === 'points') {
      return [{ role: 'points', trace: index, rows: 1, columns: plot.calcdata[index].length }]
    }
    if (meta.role === 'grid') return gridOf(plot, trace, index)
    if (meta.role !== 'cells') return []
    const { n, heads = 1, columns = 1, gap = 0 } = meta
    return Array.from({ length: heads }, (_, head) => ({
      role: 'cells',
      trace: index,
      head,
      rows: n,
      columns: n,
      edges: meta.bytes && Array.from({ length: n + 1 }, (_, i) => i - 0.5), // only some of its cells are drawn
      top: Math.floor(head / columns) * (n + gap),
      left: (head % columns) * (n + gap),
    }))
  })
}

/** A map of any shape that is only read: its rows and columns are those that hold a number anywhere. */
function gridOf(plot, { z }, index) {
  const [{ x, y }] = plot.calcdata[index]
  const all = edges => Array.from({ length: edges.length - 1 }, (_, i) => i)
  const holds = (i, j) => Number.isFinite(z[i]?.[j])
  const down = all(y).filter(i => all(x).some(j => holds(i, j)))
  const across = all(x).filter(j => down.some(i => holds(i, j)))
  return { role: 'grid', trace: index, rows: down.length, columns: across.length, down, across }
}

/** The brick of the heatmap at a row and a column of a panel. */
function brickOf({ down, across, top, left }, { row, column }) {
  return down ? [down[row], across[column]] : [top + row, left + column]
}

function drawn(plot, panel) {
  const trace = plot._fullData[panel.trace]
  const axis = id => plot._fullLayout[id.replace(/^([xy])/, '$1axis')]
  return { trace, xaxis: axis(trace.xaxis), yaxis: axis(trace.yaxis), cells: plot.calcdata[panel.trace] }
}

/** The borders of all cells of a map along an axis. */
function edgesOf(panel, cells, axis) {
  return panel.edges || cells[0][axis]
}

/** The brick of a heatmap under a pixel; -1 outside the axis. `edges` are the n + 1 borders of its n bricks. */
function brickAt(edges, axis, pixel) {
  const inside = pixel - axis._offset
  if (inside < 0 || inside > axis._length) return -1
  const value = axis.p2c(inside)
  return edges.findIndex((edge, i) => i + 1 < edges.length && (value - edge) * (value - edges[i + 1]) <= 0)
}

/** Where a cell, bar or marker lies, in pixels of the figure. */
function boxOf(plot, panel, place) {
  const { trace, xaxis, yaxis, cells } = drawn(plot, panel)
  if (panel.role !== 'points') {
    const [i, j] = brickOf(panel, place)
    const x = edgesOf(panel, cells, 'x').slice(j, j + 2)
    const y = edgesOf(panel, cells, 'y').slice(i, i + 2)
    return spanned(xaxis, x, yaxis, y)
  }
  const point = cells[place.column]
  if (trace.type !== 'bar') return spanned(xaxis, [point.x, point.x], yaxis, [point.y, point.y], 14)
  const [along, across] = [[point.p0, point.p1], [point.s0, point.s1]]
  return trace.orientation === 'h' ? spanned(xaxis, across, yaxis, along, 2) : spanned(xaxis, along, yaxis, across, 2)
}

function spanned(xaxis, x, yaxis, y, margin = 0) {
  const [x0, x1] = x.map(value => xaxis._offset + xaxis.c2p(value)).sort((a, b) => a - b)
  const [y0, y1] = y.map(value => yaxis._offset + yaxis.c2p(value)).sort((a, b) => a - b)
  return { left: x0 - margin, top: y0 - margin, width: x1 - x0 + 2 * margin, height: y1 - y0 + 2 * margin }
}

/** The sentence of the hover label, as plain text. */
function sentenceAt(plot, panel, place) {
  const { trace, xaxis, yaxis, cells } = drawn(plot, panel)
  const { column } = place
  const [i, j] = panel.role === 'points' ? [] : brickOf(panel, place)
  const at = values => {
    if (typeof values === 'string' || !values) return values
    return panel.role === 'points' ? values[column] : values[i]?.[j]
  }
  const written = at(trace.hovertext) ?? at(trace.text)
  if (written) return plainText(String(written))
  const label = (axis, value) => axis.ticktext?.[axis.tickvals?.indexOf(value)] ?? axis.labelalias?.[value] ?? value
  const values =
    panel.role === 'points'
      ? { x: cells[column].x ?? cells[column].p, y: cells[column].y ?? cells[column].s }
      : { x: middle(cells[0].x, j), y: middle(cells[0].y, i), z: at(trace.z) }
  const names = { x: label(xaxis, values.x), y: label(yaxis, values.y), z: values.z, customdata: at(trace.customdata) }
  const cover = plot._fullData.find(
    ({ meta, xaxis, yaxis }) => meta?.role === 'covers' && xaxis === trace.xaxis && yaxis === trace.yaxis
  )
  const template =
    cover?.meta.sentences[at(cover.z)] ||
    at(trace.hovertemplate) ||
    (panel.role === 'points' ? '%{x}: %{y}' : '%{y}, %{x}: %{z}')
  const [decimalMark] = plot._fullLayout.separators
  const fill = (_, name, format = '') => numberAs(names[name] ?? '', format, decimalMark)
  return plainText(template.replace(/<extra>.*<\/extra>/s, '').replace(/%\{(\w+)(?::([^}]*))?\}/g, fill))
}

const middle = (edges, i) => (edges[i] + edges[i + 1]) / 2

/** The few number formats of a hover template: .2f, .0%. */
function numberAs(value, format, decimalMark) {
  const [, digits = 0, kind] = /^\.(\d+)([f%])$/.exec(format) ?? []
  if (typeof value !== 'number' || !kind) return String(value)
  const written = kind === '%' ? `${(100 * value).toFixed(digits)}%` : value.toFixed(digits)
  return written.replace('.', decimalMark)
}

/** What plotly's markup says: labels reach it with & < > and $ escaped, and it knows <br>, <b>, <i> and their like. */
function plainText(markup) {
  const signs = { amp: '&', lt: '<', gt: '>', nbsp: ' ' }
  return markup
    .replace(/<br\s*\/?>/g, ' ')
    .replace(/<\/?\w[^>]*>/g, '')
    .replace(/&(?:#(\d+)|(\w+));/g, (entity, code, name) => (code ? String.fromCodePoint(code) : (signs[name] ?? entity)))
}

const within = (value, size) => value >= 0 && value < size
const clamp = (value, size) => Math.max(0, Math.min(value, size - 1))

function element(tag, className) {
  const made = document.createElement(tag)
  made.className = className
  return made
}
