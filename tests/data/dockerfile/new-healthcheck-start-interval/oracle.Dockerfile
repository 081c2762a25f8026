FROM busy:1
HEALTHCHECK --interval=1m CMD true
