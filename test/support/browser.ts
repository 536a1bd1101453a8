/**
 * A real browser without a window: the one of this machine, else one that comes by npm. Pages of it know a language, a size
 * and a look, and tell what went wrong in them.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axe, { type AxeResults } from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'
import type { Language, Text } from '../../src/protocol/text.ts'

const installed = [
  process.env.CHROMIUM_PATH ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/** Chromium's own sandbox does not work for root. */
const withoutSandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []

/** What it brings itself, and whatever else the machine has: its own configuration names folders that are not there. */
const fontsIn = (folder: string) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${folder}/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${folder}/fonts-cache</cachedir>
</fontconfig>
`

interface Unpacked {
  readonly path: string
  readonly env: Readonly<Record<string, string>>
  remove(): void
}

/** The one of npm unpacks itself into the temporary folder, and would take what another version left there. */
async function ofNpm(): Promise<Unpacked> {
  const folder = mkdtempSync(join(tmpdir(), 'cloudpay-chromium-'))
  const before = process.env.TMPDIR
  process.env.TMPDIR = folder
  // Otherwise it leaves out the libraries that it needs beyond its own.
  process.env.AWS_LAMBDA_JS_RUNTIME = 'nodejs22.x'
  try {
    const { default: packed } = await import('@sparticuz/chromium')
    const path = await packed.executablePath()
    const fonts = join(folder, 'fonts.conf')
    writeFileSync(fonts, fontsIn(folder))
    const libraries = [join(folder, 'al2023', 'lib'), process.env.LD_LIBRARY_PATH ?? '']
    return {
      path,
      env: { LD_LIBRARY_PATH: libraries.join(':'), FONTCONFIG_FILE: fonts },
      remove: () => rmSync(folder, { recursive: true, force: true }),
    }
  } finally {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
    delete process.env.AWS_LAMBDA_JS_RUNTIME
  }
}

/** What a page is opened with. */
export interface Look {
  readonly language: Language
  readonly size: keyof typeof sizes
  readonly scheme: 'light' | 'dark'
}

export const sizes = {
  desktop: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
} as const

export interface OpenPage {
  readonly page: Page
  /** What the page, or the browser about it, complained of. */
  readonly complaints: readonly string[]
  /** Addresses that were asked for outside of `origin`. */
  readonly strayed: readonly string[]
  close(): Promise<void>
}

export interface Chromium {
  open(origin: string, look: Look): Promise<OpenPage>
  close(): Promise<void>
}

/** Whatever a person would wait for is there long before. */
const patienceMs = 15_000

export async function openChromium(): Promise<Chromium> {
  const path = installed.find((one) => one !== '' && existsSync(one))
  const packed = path === undefined ? await ofNpm() : undefined
  const browser: Browser = await chromium.launch({
    executablePath: path ?? packed?.path ?? '',
    args: withoutSandbox,
    env: { ...process.env, ...packed?.env },
  })
  return {
    async open(origin, { language, size, scheme }) {
      const context = await browser.newContext({
        viewport: sizes[size],
        colorScheme: scheme,
        locale: language === 'zh' ? 'zh-CN' : 'en-GB',
        reducedMotion: 'reduce',
      })
      context.setDefaultTimeout(patienceMs)
      const page = await context.newPage()
      const [complaints, strayed]: [string[], string[]] = [[], []]
      page.on('pageerror', (error) => complaints.push(error.message))
      page.on('console', (message) => {
        // What the API refuses is told in the page, and by the browser here.
        if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
          complaints.push(message.text())
      })
      page.on('request', (request) => {
        if (!request.url().startsWith(origin)) strayed.push(request.url())
      })
      return { page, complaints, strayed, close: () => context.close() }
    },
    async close() {
      await browser.close()
      packed?.remove()
    },
  }
}

/** @returns what stands in the way of people who see, hear or move otherwise, one line each */
export async function barriersOf(page: Page): Promise<string[]> {
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(axe.source)
  const { violations } = await page.evaluate<AxeResults>('axe.run(document, { resultTypes: ["violations"] })')
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
  )
}

/** A page that has to be scrolled sideways does not fit. */
export const overflows = (page: Page): Promise<boolean> =>
  page.evaluate('document.documentElement.scrollWidth > innerWidth')

const asPattern = (text: string) =>
  text
    .split(/\{\w+\}/)
    .map((piece) => piece.replace(/[\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('.*')

/** Texts of the console as they read in `language`; whatever stands for a value fits. */
export const reader = (language: Language) => ({
  /** For names of what is pressed: nothing stands around it. */
  whole: (text: Text) => new RegExp(`^\\s*${asPattern(text[language])}\\s*$`),
  /** For what is read: it may be part of a sentence. */
  within: (text: Text) => new RegExp(asPattern(text[language])),
})
