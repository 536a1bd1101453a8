/** Ctrl+C and `kill`: the first asks to stop, a second leaves at once. Owns both signals while it waits. */

/** npm passes on a Ctrl+C that the terminal has delivered already: one key press, two signals. */
const samePressMs = 500

/**
 * @param alsoWhenHungUp whether a terminal that closes is such a signal; a server under `nohup` goes on
 * @returns settles with the first signal, or when the program is gone that started this one over a channel; from the
 * call on, no signal ends the process by itself
 */
export const stopRequested = ({ alsoWhenHungUp = false } = {}): Promise<void> =>
  new Promise((resolve) => {
    let firstAt: number | undefined
    const onSignal = () => {
      firstAt ??= performance.now()
      if (performance.now() - firstAt > samePressMs) process.exit(130)
      resolve()
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
    if (alsoWhenHungUp) process.on('SIGHUP', onSignal)
    // Started by another program, over a channel: that program is gone, however it ended.
    process.on('disconnect', resolve)
    // It may have ended before anybody listened.
    if (process.send !== undefined && !process.connected) resolve()
  })
