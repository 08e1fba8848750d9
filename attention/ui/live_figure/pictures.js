
// ---- pictures to download ------------------------------------------------------------------------------------------

// A picture is drawn outside of the page, where the page's own font does not reach: what every system has is measured
// here and drawn there.
const PICTURE_FONT = 'Arial, Helvetica, "Liberation Sans", "DejaVu Sans", sans-serif'
const PICTURE_EDGE = 8 // pixels around the lines above the figure
const SVG = 'http://www.w3.org/2000/svg'

/** A figure `width` pixels wide as a drawing, the lines of its `heading` above it. */
async function pictureOf(Plotly, { data, layout }, { heading, width, height, size, ink }) {
  const figure = { data: inPictureFont(data), layout: inPictureFont({ ...layout, width, height }) }
  figure.layout.font = { ...figure.layout.font, family: PICTURE_FONT }
  const source = await Plotly.toImage(figure, { format: 'svg', width, height, imageDataOnly: true })
  const drawing = new DOMParser().parseFromString(source, 'image/svg+xml').documentElement
  const measure = document.createElement('canvas').getContext('2d')
  measure.font = `${size}px ${PICTURE_FONT}`
  const room = width - 2 * PICTURE_EDGE
  const lines = heading.flatMap(line => wrapped(printable(line), text => measure.measureText(text).width <= room))
  const step = Math.ceil(1.35 * size)
  const top = lines.length * step + 2 * PICTURE_EDGE
  const ground = svgElement('rect', { x: 0, y: -top, width, height: top, fill: figure.layout.paper_bgcolor })
  const written = svgElement('g', { class: 'heading', fill: ink, 'font-size': size, 'font-family': PICTURE_FONT })
  written.append(
    ...lines.map((line, i) => {
      const text = svgElement('text', { x: PICTURE_EDGE, y: PICTURE_EDGE - top + i * step + Math.round(size) })
      text.textContent = line
      return text
    })
  )
  drawing.setAttribute('width', width)
  drawing.setAttribute('height', height + top)
  drawing.setAttribute('viewBox', `0 ${-top} ${width} ${height + top}`)
  drawing.prepend(ground, written)
  return { source: new XMLSerializer().serializeToString(drawing), width, height: height + top }
}

/** A drawing as the file it is downloaded as; a PNG has two pixels to each of the drawing's. */
async function pictureFile({ source, width, height }, format) {
  const drawn = new Blob([source], { type: 'image/svg+xml' })
  if (format === 'svg') return drawn
  const address = URL.createObjectURL(drawn)
  try {
    const image = new Image()
    image.src = address
    await image.decode()
    const canvas = document.createElement('canvas')
    canvas.width = 2 * width
    canvas.height = 2 * height
    canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height)
    return await new Promise(resolve => canvas.toBlob(resolve, 'image/png'))
  } finally {
    URL.revokeObjectURL(address)
  }
}

function saveFile(file, name) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000) // the browser reads it after the click
}

/** A part of a figure, every font in it the pictures'. */
function inPictureFont(part) {
  const isPlain = value => Object.prototype.toString.call(value) === '[object Object]'
  if (Array.isArray(part)) return part.some(isPlain) ? part.map(inPictureFont) : part
  if (!isPlain(part)) return part
  const fonts = Object.entries(part).map(([name, value]) => [name, name === 'family' ? PICTURE_FONT : inPictureFont(value)])
  return Object.fromEntries(fonts)
}

/** A line of text as lines that fit, broken between words; a word that alone does not fit, between its letters. */
function wrapped(text, fits) {
  const lines = ['']
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`.trim()
    if (fits(longer)) {
      lines[lines.length - 1] = longer
      continue
    }
    if (lines.at(-1)) lines.push('')
    for (const letter of fits(word) ? [word] : letters(word)) {
      if (lines.at(-1) && !fits(lines.at(-1) + letter)) lines.push('')
      lines[lines.length - 1] += letter
    }
  }
  return lines
}

function letters(word) {
  return Array.from(new Intl.Segmenter().segment(word), ({ segment }) => segment)
}

/** A text without the signs that no XML may hold. */
function printable(text) {
  return text.replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '')
}

function svgElement(tag, attributes) {
  const made = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  return made
}
