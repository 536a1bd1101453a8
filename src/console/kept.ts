/** What this browser keeps of a person's choices. A browser that keeps nothing is one without choices. */

const prefix = 'opencloudpay.'

export function kept(name: string): string | undefined {
  try {
    return localStorage.getItem(prefix + name) ?? undefined
  } catch {
    return undefined
  }
}

export function keep(name: string, value: string): void {
  try {
    localStorage.setItem(prefix + name, value)
  } catch {
    // It holds until the page is closed.
  }
}
