
// ---- maps of bytes -------------------------------------------------------------------------------------------------
//
// A map with more cells than a screen has pixels travels as one byte a cell (round(255 · weight)). Drawn is what is in
// view, in blocks of as many cells as it takes for each block to have a pixel: a block has the colour of its largest
// cell, so that nothing that stands alone is lost. Zoomed in, a block is a cell. The hover and what is read aloud tell
// exact cells: the one under the pointer, or the strongest of its block.

const byteMaps = new WeakMap() // figure → its maps by the number of their trace

/** The maps of bytes of a figure; unpacked once, however often it is drawn. */
function byteMapsOf(figure) {
  if (!byteMaps.has(figure)) {
    const maps = new Map()
    const covers = figure.data.findIndex(({ meta }) => meta?.role === 'covers' && meta.bytes)
    for (const [index, trace] of figure.data.entries()) {
      if (trace.meta?.role === 'cells' && trace.meta.bytes) {
        const map = new ByteMap(trace, figure.data[covers], figure.layout)
        maps.set(index, { map, part: 'cells' })
        if (covers >= 0) maps.set(covers, { map, part: 'covers' })
      }
    }
    byteMaps.set(figure, maps)
  }
  return byteMaps.get(figure)
}

class ByteMap {
  constructor({ z, meta }, covers, layout) {
    this.n = meta.n
    this.meta = meta
    this.bytes = unpacked(z)
    this.covers = covers ? unpacked(covers.z) : null
    this.labels = layout.xaxis.labelalias
    this.decimalMark = layout.separators[0]
  }

  /** Why a cell holds no number, as the figure counts it; 0 where it holds one. */
  cover(row, column) {
    if (this.covers) return this.covers[row * this.n + column]
    return this.meta.causal && column > row ? 1 : 0
  }

  /** What is drawn of these ranges on so many pixels: first cells, cells to a block, blocks. */
  window({ x, y, width, height }) {
    const along = ([start, end], pixels) => {
      const first = clamp(Math.floor(Math.min(start, end) + 0.5), this.n)
      const last = clamp(Math.ceil(Math.max(start, end) - 0.5), this.n)
      const block = Math.max(1, Math.ceil((last - first + 1) / Math.max(pixels, 1)))
      const begin = first - (first % block) // blocks stand where they stand, whatever is in view
      return { begin, block, count: Math.floor((last - begin) / block) + 1 }
    }
    return { columns: along(x, width), rows: along(y, height) }
  }

  /** The blocks of a window: the largest byte of each, where it is, and what covers a block without numbers. */
  pool({ rows, columns }) {
    const { n, bytes } = this
    const z = []
    const covered = []
    const strongest = []
    for (let i = 0; i < rows.count; i++) {
      const top = rows.begin + i * rows.block
      const bottom = Math.min(top + rows.block, n)
      const values = new Float32Array(columns.count).fill(NaN)
      const above = new Uint8Array(columns.count)
      const places = new Int32Array(columns.count)
      for (let j = 0; j < columns.count; j++) {
        const left = columns.begin + j * columns.block
        const right = Math.min(left + columns.block, n)
        let most = -1
        let place = top * n + left
        for (let row = top; row < bottom; row++) {
          for (let column = left; column < right; column++) {
            const at = row * n + column
            if (bytes[at] > most && !this.cover(row, column)) [most, place] = [bytes[at], at]
          }
        }
        if (most >= 0) values[j] = most
        else above[j] = this.cover(top, left)
        places[j] = place
      }
      z.push(values)
      covered.push(above)
      strongest.push(places)
    }
    return { z, covered, strongest }
  }

  /** The traces' attributes for a view: { cells, covers }. The last view is kept: two traces share it. */
  drawn(view) {
    const window = this.window(view)
    const name = JSON.stringify(window)
    if (this.last?.name === name) return this.last
    const { z, covered, strongest } = this.pool(window)
    const { rows, columns } = window
    const middle = ({ begin, block }) => begin + (block - 1) / 2
    const place = { x0: middle(columns), dx: columns.block, y0: middle(rows), dy: rows.block }
    const several = rows.block * columns.block > 1
    const hovertext = strongest.map(places => lazily(j => this.sentence(Math.floor(places[j] / this.n), places[j] % this.n, several)))
    this.last = { name, cells: { ...place, z, hovertext, hovertemplate: null, hoverinfo: 'text' }, covers: { ...place, z: covered } }
    return this.last
  }

  /** What a cell says, as plotly's markup; `strongest` of a block of several. */
  sentence(row, column, strongest = false) {
    const { sentences } = this.meta
    const cover = this.cover(row, column)
    const template = cover ? sentences.covers[cover] : sentences.weight
    const filled = template
      .replace('{query}', () => this.name(row))
      .replace('{key}', () => this.name(column))
      .replace('{share}', () => this.share(this.bytes[row * this.n + column]))
    return strongest && !cover ? `${filled}<br>${sentences.strongest}` : filled
  }

  name(position) {
    const label = this.labels[position].replace(/^<b>(.*)<\/b>$/, '$1')
    return `“${label}” (${this.meta.sentences.position.replace('{position}', position + 1)})`
  }

  share(byte) {
    const { least, most } = this.meta.sentences
    if (byte === 0) return least
    if (byte === 255 && most) return most
    return `${((100 * byte) / 255).toFixed(1).replace('.', this.decimalMark)}%`
  }
}

/** A row of texts of which each is made when it is asked for: a quarter of a million would take longer than the drawing. */
function lazily(make) {
  const get = (target, name) => (typeof name === 'string' && /^\d+$/.test(name) ? make(Number(name)) : Reflect.get(target, name))
  return new Proxy([], { get })
}

/** The bytes that plotly.py writes in base64. */
function unpacked({ bdata }) {
  const binary = atob(bdata)
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i)
  return bytes
}
