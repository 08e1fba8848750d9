// The button that copies the address of what is on the screen: only the browser can write to the clipboard, and only
// while the reader presses something.

export default function ({ parentElement, data, setTriggerValue }) {
  let button = parentElement.querySelector('button.share')
  if (!button) {
    button = document.createElement('button')
    button.className = 'share'
    button.type = 'button'
    parentElement.append(button)
  }
  button.textContent = data.label
  button.title = data.help
  button.onclick = async () => {
    if (!data.fits) {
      setTriggerValue('pressed', 'too long') // the address is not what is on the screen
      return
    }
    const link = new URL(location.href)
    link.host = data.host // others cannot follow “localhost”
    link.searchParams.delete('projector') // who opens it has a screen of their own
    setTriggerValue('pressed', (await copy(link.href)) ? 'copied' : 'not copied')
  }
}

/**
 * Copy a text and say whether it worked: outside of https and localhost browsers know the old way only, which takes the
 * focus and gives it back.
 */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const before = document.activeElement
    const box = document.createElement('textarea')
    box.value = text
    document.body.append(box)
    box.select()
    const done = document.execCommand('copy')
    box.remove()
    before?.focus({ preventScroll: true })
    return done
  }
}
