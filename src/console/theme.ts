/** Light or dark: as the system has it, until a person chooses. */
import { effect, signal } from '@preact/signals'
import { keep, kept } from './kept.ts'

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const isTheme = (text: string | undefined): text is Theme => themes.some((theme) => theme === text)

const asked = kept('theme')

export const theme = signal<Theme>(isTheme(asked) ? asked : 'system')

export function chooseTheme(chosen: Theme): void {
  keep('theme', chosen)
  theme.value = chosen
}

effect(() => {
  document.documentElement.dataset.theme = theme.value
})
