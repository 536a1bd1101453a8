/** In which language a person reads this: the browser's, until they choose. Texts stand in texts/, both languages together. */
import { effect, signal } from '@preact/signals'
import type { Language, Text } from '../protocol/text.ts'
import { keep, kept } from './kept.ts'

const ofBrowser = (): Language => (/^zh\b/i.test(navigator.language) ? 'zh' : 'en')

const asked = kept('language')

export const language = signal<Language>(asked === 'zh' || asked === 'en' ? asked : ofBrowser())

export function chooseLanguage(chosen: Language): void {
  keep('language', chosen)
  language.value = chosen
}

effect(() => {
  document.documentElement.lang = language.value === 'zh' ? 'zh-CN' : 'en'
})

/** The text in the language that is read. `{name}` in it is replaced by the value of that name. */
export const t = (text: Text, values: Readonly<Record<string, string | number>> = {}): string =>
  text[language.value].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
