/** A dialog of the browser's own: it keeps the focus, Escape closes it, the page behind is still. */
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { t } from '../language.ts'
import { shell } from '../texts/shell.ts'
import { Icon } from './icons.tsx'

/** Where a person begins: the first field (of several choices the one that stands), else what the dialog is for. */
const firstOf = (dialog: HTMLDialogElement) =>
  dialog.querySelector<HTMLElement>(
    '.dialog-body :is(input:not([type="radio"], :disabled), input[type="radio"]:checked, select, textarea)',
  ) ?? dialog.querySelector<HTMLElement>('.dialog-body button:is(.main, :not(.copy)):not(:disabled)')

/** Open as long as it is there. */
export function Dialog({
  title,
  onClose,
  children,
}: {
  title: string
  onClose: () => void
  children: ComponentChildren
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  useEffect(() => {
    const opener = document.activeElement
    dialog.current?.showModal()
    if (dialog.current !== null) firstOf(dialog.current)?.focus()
    return () => {
      if (opener instanceof HTMLElement) opener.focus()
    }
  }, [])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape is the keyboard's way, and the browser's own
    <dialog
      ref={dialog}
      aria-labelledby={titleId}
      onClose={onClose}
      onClick={(event) => {
        // On the backdrop alone.
        if (event.target === event.currentTarget) event.currentTarget.close()
      }}
    >
      <div class="dialog">
        <header>
          <h2 id={titleId}>{title}</h2>
          <button
            type="button"
            class="plain icon-only"
            aria-label={t(shell.close)}
            onClick={() => dialog.current?.close()}
          >
            <Icon name="close" />
          </button>
        </header>
        <div class="dialog-body">{children}</div>
      </div>
    </dialog>
  )
}
