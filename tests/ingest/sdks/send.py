"""Sends the same events by one of the published SDKs for Python: python send.py SDK URL WRITE_KEY COUNT."""

import sys

sdk, url, write_key, count = sys.argv[1:]

if sdk == "segment-python":
    from segment.analytics import Client

    client = Client(write_key, host=url, gzip=True, on_error=lambda error, _items: sys.exit(repr(error)))
else:
    from rudderstack.analytics.client import Client

    client = Client(write_key, host=url, on_error=lambda error, _items: sys.exit(repr(error)))

for each in range(int(count)):
    client.track(f"{sdk}-user-{each % 5}", "Order Completed", {"total": each, "orderId": f"{sdk}-{each}"})
client.identify(f"{sdk}-user-0", {"fullName": "Ann Python"})
client.flush()
client.join()
