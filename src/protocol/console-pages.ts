/** The console's pages, as addresses name them: behind `#` in its own, and as paths that people type. */
export const consolePages = ['orders', 'callbacks', 'requests', 'overview', 'connect'] as const
export type ConsolePage = (typeof consolePages)[number]
