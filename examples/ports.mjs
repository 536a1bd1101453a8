/** Where an example listens. `PORT` moves the whole of it: the shop, and OpenCloudPay, unless `CLOUDPAY_URL` says where that is. */
const { PORT, CLOUDPAY_URL } = process.env
const at = (port) => `http://127.0.0.1:${port}`

export const shopPort = Number(PORT || 8080)
export const shopUrl = at(shopPort)
/** Beside a shop that listens itself: on the next port. */
export const serverBeside = CLOUDPAY_URL || at(PORT ? shopPort + 1 : 8688)
/** Where nothing else listens: functions are called through it. */
export const serverAlone = CLOUDPAY_URL || at(PORT || 8688)

/** @param app Express's */
export function listen(app) {
  app.listen(shopPort, '127.0.0.1', (error) => {
    if (error === undefined) return console.log(`the shop listens on ${shopUrl}`)
    if (error.code !== 'EADDRINUSE') throw error
    // Nobody should talk to whoever else is there.
    console.error(
      `端口 ${shopPort} 已被占用；换一个：设置 PORT，例如 PORT=9090 npm start（npm run purchase 时同样设置）\n` +
        `port ${shopPort} is in use; choose another by PORT, as in PORT=9090 npm start (and the same for npm run purchase)`,
    )
    process.exit(1)
  })
}
