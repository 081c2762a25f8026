FROM alpine:3.19
ARG KUBECTL=1.29.0
RUN apk add --no-cache bash curl jq openssh-client \
 && curl -fsSLo /usr/local/bin/kubectl https://example.org/kubectl-$KUBECTL \
 && chmod +x /usr/local/bin/kubectl
USER 1000
ENTRYPOINT ["/bin/bash"]
