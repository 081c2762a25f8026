# A fat base as the article's readers know it: node, npm, compilers and a whole Debian.
FROM debian:bookworm
RUN apt-get update && apt-get install -y --no-install-recommends nodejs npm ca-certificates git g++ make python3
ENTRYPOINT ["node"]
