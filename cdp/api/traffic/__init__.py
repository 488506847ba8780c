"""What happens to every request besides being answered.

gate        the layer of the app: lanes, places, time; all that is written down
wire        the connection below: sizes of heads, readers that take next to nothing
places      how much of each lane is done at once
unframed    long answers for HTTP/1.0
limits      who may ask how often
buckets     token buckets shared by the workers of one machine
templates   from a path to what may be said of it
stopping    a stop that is asked for
records     one line of JSON for each request
metrics     numbers for Prometheus
log_numbers those of them that say how the log is signed
tracing     spans by OpenTelemetry, if wanted
health      `/healthz`, `/readyz`, `/metrics`
opening     all of it, from the settings
"""
