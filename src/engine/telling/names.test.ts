/** Names whose name server is silent hold up nobody's callbacks but their own. */
import { expect, test } from 'vitest'
import { openNames, type Sources } from './names.ts'

const never = () => new Promise<never>(() => {})
const coded = (code: string) => Object.assign(new Error(code), { code })

/** A network that knows `tea.example`, says of `*.none` that there is no such name, and is silent about all else. */
function sources() {
  const systemAsked: string[] = []
  const its: Sources = {
    network: async (hostname, family) => {
      if (hostname === 'tea.example' && family === 4) return ['10.0.0.1']
      if (hostname === 'tea.example' || hostname.endsWith('.none')) throw coded('ENOTFOUND')
      throw coded('ETIMEOUT')
    },
    system: async (hostname) => {
      systemAsked.push(hostname)
      if (hostname === 'hosts-file.none') return [{ address: '10.0.0.2', family: 4 }]
      if (hostname.endsWith('.none')) throw coded('ENOTFOUND')
      return never()
    },
  }
  return { its, systemAsked }
}

test('ten names that nobody answers for delay neither a good one, nor one of the hosts file, nor localhost', async () => {
  const { its, systemAsked } = sources()
  const names = openNames(its)
  for (let place = 0; place < 10; place++) void names.addressesOf(`silent${place}.example`, 0)
  expect(await names.addressesOf('tea.example', 0)).toEqual([{ address: '10.0.0.1', family: 4 }])
  expect(await names.addressesOf('hosts-file.none', 0)).toEqual([{ address: '10.0.0.2', family: 4 }])
  expect(await names.addressesOf('localhost', 4)).toEqual([{ address: '127.0.0.1', family: 4 }])
  expect(
    systemAsked.filter((name) => name.startsWith('silent')),
    'one of them waits at a time',
  ).toHaveLength(1)
})

test('a name that does not resolve is asked for once, however many want it', async () => {
  const { its, systemAsked } = sources()
  const names = openNames(its)
  const asked = await Promise.allSettled(Array.from({ length: 5 }, () => names.addressesOf('shop.none', 0)))
  expect(asked.map(({ status }) => status)).toEqual(Array(5).fill('rejected'))
  await expect(names.addressesOf('shop.none', 0), 'nor soon again').rejects.toThrow('ENOTFOUND')
  expect(systemAsked).toEqual(['shop.none'])
})
