/** Texts to be taken elsewhere. */
import { useEffect, useState } from 'preact/hooks'
import { t } from '../language.ts'
import { shell } from '../texts/shell.ts'
import { Icon } from './icons.tsx'

/** Where the clipboard is closed to a page (plain http to another machine), a selection can be copied. */
async function copy(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) return navigator.clipboard.writeText(text)
  const area = document.createElement('textarea')
  area.value = text
  area.className = 'unseen'
  const among = document.querySelector('dialog[open]') ?? document.body
  among.append(area)
  area.select()
  document.execCommand('copy')
  area.remove()
}

/** @param label what is copied, for those who do not see beside what it stands */
export function Copy({ text, label, children }: { text: string; label?: string; children?: string }) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 2_000)
    return () => clearTimeout(timer)
  }, [copied])
  const word = copied ? t(shell.copied) : (children ?? t(shell.copy))
  return (
    <button
      type="button"
      class="copy"
      aria-label={label === undefined ? undefined : `${word}: ${label}`}
      onClick={() => void copy(text).then(() => setCopied(true))}
    >
      <Icon name={copied ? 'check' : 'copy'} />
      <span aria-live="polite">{word}</span>
    </button>
  )
}

/** Lines to copy. Reached by keyboard, for it may have to be scrolled. */
export const Code = ({ text, label }: { text: string; label: string }) => (
  <div class="code">
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
    <pre tabIndex={0}>
      <code>{text}</code>
    </pre>
    <Copy text={text} label={label} />
  </div>
)

/** JSON is laid out for reading; what is none stays as it came. */
export function laidOut(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
