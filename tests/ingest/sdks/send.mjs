// Sends the same events by one of the published SDKs for JavaScript: node send.mjs SDK URL WRITE_KEY COUNT
const [sdk, url, writeKey, count] = process.argv.slice(2)
const number = Number(count)
const user = (each) => `${sdk}-user-${each % 5}`

async function browser() {
  const { JSDOM } = await import('jsdom')
  const page = new JSDOM('<!doctype html><title>Shop</title><p>hello', {
    url: 'https://shop.example/start', pretendToBeVisual: true, runScripts: 'outside-only',
  })
  const { window } = page
  for (const name of ['window', 'document', 'navigator', 'location', 'localStorage', 'sessionStorage', 'XMLHttpRequest',
    'Event', 'CustomEvent', 'HTMLElement', 'Element', 'Node', 'Blob', 'FormData', 'DOMException', 'screen', 'history',
    'MutationObserver', 'getComputedStyle', 'addEventListener', 'removeEventListener', 'dispatchEvent', 'self']) {
    const value = name === 'window' || name === 'self' ? window : window[name]
    const bound = typeof value === 'function' && /^[a-z]/.test(name) ? value.bind(window) : value
    Object.defineProperty(globalThis, name, { value: bound, configurable: true, writable: true })
  }
  window.fetch = globalThis.fetch
  return window
}

const senders = {
  'analytics-node': async () => {
    const { Analytics } = await import('@segment/analytics-node')
    const analytics = new Analytics({ writeKey, host: url, flushAt: 7, maxRetries: 0 })
    analytics.on('error', (error) => { console.error(error); process.exitCode = 1 })
    for (let each = 0; each < number; each++) {
      analytics.track({ userId: user(each), event: 'Order Completed', properties: { total: each, orderId: `${sdk}-${each}` } })
    }
    analytics.identify({ userId: user(0), traits: { fullName: 'Ann Node' } })
    await analytics.closeAndFlush({ timeout: 20000 })
  },
  'rudder-sdk-node': async () => {
    const { default: RudderAnalytics } = await import('@rudderstack/rudder-sdk-node')
    const analytics = new RudderAnalytics(writeKey, { dataPlaneUrl: url, flushAt: 7, logLevel: 'error' })
    for (let each = 0; each < number; each++) {
      analytics.track({ userId: user(each), event: 'Order Completed', properties: { total: each, orderId: `${sdk}-${each}` } })
    }
    analytics.identify({ userId: user(0), traits: { fullName: 'Ann Rudder' } })
    await new Promise((resolve, reject) => analytics.flush((error) => (error ? reject(error) : resolve())))
  },
  'analytics-next': async () => {
    await browser()
    const { AnalyticsBrowser } = await import('@segment/analytics-next')
    const analytics = AnalyticsBrowser.load({ writeKey, cdnURL: url }, { integrations: { 'Segment.io': { protocol: url.split(':')[0] } } })
    for (let each = 0; each < number; each++) {
      await analytics.track('Order Completed', { total: each, orderId: `${sdk}-${each}` })
    }
    await analytics.identify(user(0), { fullName: 'Ann Next' })
    await analytics.page('Home')
  },
  'analytics-js': async () => {
    await browser()
    const { RudderAnalytics } = await import('@rudderstack/analytics-js/bundled')
    const analytics = new RudderAnalytics()
    analytics.load(writeKey, url, { configUrl: url, polyfillIfRequired: false, logLevel: 'ERROR' })
    await new Promise((resolve) => analytics.ready(resolve))
    for (let each = 0; each < number; each++) {
      analytics.track('Order Completed', { total: each, orderId: `${sdk}-${each}` })
    }
    analytics.identify(user(0), { fullName: 'Ann Js' })
  },
}

await senders[sdk]()
// What is on its way in a browser goes on for a moment; the caller ends us once all has arrived.
if (sdk === 'analytics-next' || sdk === 'analytics-js') setTimeout(() => process.exit(), Number(process.env.LINGER ?? 30000))
