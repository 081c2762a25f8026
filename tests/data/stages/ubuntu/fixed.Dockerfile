FROM ubuntu:22.04 AS build
ENV DEBIAN_FRONTEND=noninteractive
RUN apt-get update && apt-get install -y build-essential libssl-dev libcurl4-openssl-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
ADD . .
RUN make -j"$(nproc)" && cp bin/agent /usr/local/bin/agent
COPY agent.conf /etc/agent/agent.conf

FROM ubuntu:22.04
ENV DEBIAN_FRONTEND=noninteractive
RUN apt-get update \
 && apt-get install -y --no-install-recommends libssl-dev libcurl4 \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY agent.conf /etc/agent/agent.conf
COPY --from=build /usr/local/bin/agent /usr/local/bin/agent
COPY --from=build /src/agent.conf /src/agent.conf
USER 1000:1000
CMD /usr/local/bin/agent -c /etc/agent/agent.conf
